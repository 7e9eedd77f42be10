"""The claim at small size: every method is its library's, and every wrong convention is refuted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulations.store.results import execute
from simulations.verdict.join import judge, judge_quantities
from theory.claims import classical as claim
from theory.predictions import MISS
from theory.predictions.classical import predict


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    parameters = claim.Parameters(**claim.SMALL)
    root = tmp_path_factory.mktemp("results")
    return judge(execute("classical", parameters, root=root, quiet=True))


def test_every_method_is_supported(small):
    assert [row.quantity for row in small.rows] == [m.name for m in claim.METHODS]
    assert {row.verdict for row in small.rows} == {"supported"}


@pytest.fixture(scope="module")
def predicted(small):
    return predict(small.parameters)


@pytest.mark.parametrize("method", claim.METHODS, ids=lambda m: m.name)
def test_the_wrong_convention_is_refuted_where_it_is_taken(small, predicted, method):
    (wrong,) = small.quantities[method.name].wrong_methods.values()
    taken = replace(small.quantities[method.name], values=wrong, wrong_methods={})
    (row,) = judge_quantities({"q": taken}, {"q": predicted[method.name]})
    assert row.verdict == "refuted" and row.measured > MISS


@pytest.mark.parametrize("factor", [1 + 1e-8, -1.0])
def test_an_error_that_is_no_rounding_is_refuted(small, predicted, factor):
    for name, same in predicted.items():
        if same.values.dtype.kind == "f":
            other = {name: replace(same, values=factor * same.values)}
            (row,) = judge_quantities({name: small.quantities[name]}, other)
            assert row.verdict == "refuted", name
