"""The row of one token in A^k: against powers of matrices written out here."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from simulations.experiments.generator import rows
from simulations.store.results import Run
from simulations.tokens import iid_tokens
from theory.claims import generator as claim
from theory.heat_kernel import transition_density
from theory.setting.references import reference_density
from theory.setting.watched import watched


@pytest.fixture(scope="module")
def sample():
    p = reference_density("sphere")
    place = watched(p, 9)
    return p, place, rows.with_token(iid_tokens(p, 300, np.random.default_rng(4)), place)


def row_of_matrix(tokens, kind):
    """The first row of A^k from all its entries."""
    eps = claim.ROW_TIME / claim.ROW_STEPS
    kernel = np.exp(-cdist(tokens.points, tokens.points, "sqeuclidean") / (4 * eps))
    if kind == rows.DOUBLY:
        kernel = kernel / kernel.sum(axis=0)
    a = kernel / kernel.sum(axis=1, keepdims=True)
    return np.linalg.matrix_power(a, claim.ROW_STEPS)[0]


@pytest.mark.parametrize("kind", rows.KINDS)
def test_the_row_is_that_of_the_power_of_the_matrix(sample, kind):
    p, _, tokens = sample
    expected = row_of_matrix(tokens, kind)
    found = rows.weights_of_row(p, tokens, kind)
    assert np.allclose(found, len(tokens) * expected * p(tokens.coordinates), atol=1e-3)
    assert (found / p(tokens.coordinates)).sum() == pytest.approx(len(tokens), rel=1e-4)


@pytest.mark.parametrize("kind", rows.KINDS)
def test_a_token_of_vanishing_weight_sees_what_one_there_would(sample, kind):
    p, _, tokens = sample
    at = tokens.coordinates[:40]
    expected = rows.weights_of_row(p, tokens, kind)[:40]
    assert np.allclose(rows.weight_at(p, tokens, at, kind), expected, rtol=2e-3, atol=1e-3)


def test_each_kind_follows_its_own_kernel_and_not_the_other():
    parameters = claim.Parameters(manifolds=("sphere",), n_tokens=1000)
    arrays = rows.row_of_one_token(parameters, "sphere", 0, Run(None, quiet=True))
    p = parameters.tokens_density("sphere")
    place = watched(p, claim.ROW_LINE)
    kernels = {
        kind: transition_density(p, claim.ROW_TIME, place.point, place.line, drift)
        for kind, drift in ((rows.SOFTMAX, 2.0), (rows.DOUBLY, 0.0))
    }
    for kind, other in (rows.KINDS, rows.KINDS[::-1]):
        value, low, high = arrays[f"sphere {kind} profile"]
        assert ((low < value) & (value < high)).all()
        misses = [np.linalg.norm(value - kernels[k]) for k in (kind, other)]
        assert misses[0] < 0.25 * misses[1]


def test_only_surfaces_in_space_are_pictured():
    parameters = claim.Parameters(manifolds=("circle", "torus", "flat_torus"))
    assert parameters.pictured() == ["torus"]
