"""Measuring `learned_metric`: mistakes that verdicts refute, and parameters that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from simulations.experiments.learned_metric import measure, nodes, tensors
from simulations.store.results import Run
from simulations.tokens import iid_tokens
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Parameters, random_matrix, short_names
from theory.predictions.learned_metric import predict
from theory.setting.checks import InputError
from theory.setting.metrics import pulled_back

CHEAP = {
    "manifolds": ("ellipse(a=1.5)",), "ranks": (2,), "n_tokens": 800, "n_levels": 4, "n_seeds": 120,
}  # fmt: skip


def rows(**changed):
    parameters = Parameters(**(CHEAP | changed))
    found = measure(parameters, Run(None, quiet=True)).quantities
    return judge_quantities(found, predict(parameters))


def refuted(**changed) -> set[str]:
    return {row.quantity for row in rows(**changed) if row.verdict == "refuted"}


def planted_by_name(name):
    (mistake,) = (m for m in MISTAKES if m.name.startswith(name))
    return planted(mistake)


def test_nothing_is_refuted_without_a_mistake():
    found = rows()
    assert {row.verdict for row in found[1:]} == {"supported"}
    assert found[0].verdict != "refuted"


def test_a_drift_of_1_96_is_refuted_by_nodes_that_attend_to_themselves():
    with planted_by_name("drift 1.96"):
        found = refuted()
    assert {claim.drift("ellipse"), claim.generator("ellipse")} <= found


def test_a_transposed_w_is_refuted():
    with planted_by_name("transposed W"):
        found = refuted()
    assert {claim.generator("ellipse"), claim.diffusion("ellipse")} <= found


def test_the_density_p_in_place_of_p_theta_is_refuted(monkeypatch):
    def with_p(case):
        right = nodes.drift_terms(
            case.p_theta, [case.log_gradient], nodes.probe_features(case.learned)
        )
        return lambda u: [right(u)[k] for k in (0, 2, 2)]

    monkeypatch.setattr(nodes, "regressors", with_p)
    assert claim.drift("ellipse") in refuted(n_seeds=15)


def test_the_metric_of_the_ambient_space_is_refuted(monkeypatch):
    # W forgotten: plain distances
    def plain(matrix):
        return nodes_mahalanobis(np.eye(len(matrix)))

    nodes_mahalanobis = nodes.mahalanobis
    monkeypatch.setattr(nodes, "mahalanobis", plain)
    found = refuted(n_seeds=15)
    assert {claim.generator("ellipse"), claim.diffusion("ellipse")} <= found


def test_a_score_that_was_made_symmetric_has_no_cubic_term(monkeypatch):
    right = claim.weighted_score
    monkeypatch.setattr(claim, "weighted_score", lambda which, d: right(claim.SYMMETRIC, d))
    found = refuted(n_seeds=15)
    assert found == {claim.cubic("ellipse", claim.KEY_WEIGHTED)}


@pytest.mark.parametrize(
    "changed",
    [
        {"manifolds": ("(cos(u), sin(u), 0.4*sin(2*u))",), "ranks": (3,), "n_tokens": 400},
        {"manifolds": ("circle",), "density": "uniform"},
        {"density": "exp(x)", "temperature": 0.02},
        {"n_seeds": 15, "n_tokens": 300, "temperature": 0.005},
    ],
    ids=str,
)
def test_other_settings_are_not_refuted(changed):
    assert refuted(**changed) == set()


def test_points_that_are_looked_at_are_those_of_the_design():
    for case in Parameters(**claim.SMALL).cases():
        seen = nodes.learned_view(case, case.temperatures()[0])
        assert np.allclose(seen.shown.coordinates, case.shown())
        assert seen.operator.self_attention != case.surface


def test_random_matrices_have_the_asked_rank():
    rng = np.random.default_rng(2)
    for rank, dim in ((2, 2), (3, 3), (2, 3)):
        w = random_matrix(rng, rank, dim)
        assert w.shape == (rank, dim) and np.linalg.matrix_rank(w) == rank
    square = np.linalg.svd(random_matrix(rng, 3, 3), compute_uv=False)
    assert square[0] / square[-1] == pytest.approx(claim.STRETCH)
    assert np.prod(square) == pytest.approx(1)


def test_names_of_two_ellipses_differ():
    specs = ("ellipse(a=1.5)", "torus", "(cos(u), sin(u))")
    assert short_names(specs) == ["ellipse", "torus", "space curve"]
    ellipses = ("ellipse(a=1.5)", "ellipse(a=2)")
    assert short_names(ellipses) == list(ellipses)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ranks": (2,)}, "ranks: got 1 for 3 manifolds"),
        ({"manifolds": ("torus",), "ranks": (2,)}, "ranks: got 2 on torus, expected 3 to 3"),
        ({"temperature": -1.0}, "temperature: got -1"),
        (
            {"manifolds": ("interval",), "ranks": (1,), "density": "uniform"},
            "expected a closed one",
        ),
        ({"temperature": 1e-9}, "temperature: got 1e-09"),
        ({"temperature": 0.1}, "temperature: got 0.1, expected a number from 1e-07 to 0.02"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(InputError, match=message):
        Parameters(**changed)


def test_the_learned_metric_is_that_of_the_matrix():
    (case,) = Parameters(**CHEAP).cases()
    u = np.array([[0.4], [2.0]])
    expected = pulled_back(case.density.manifold, case.matrix).metric(u)
    assert case.learned.metric(u) == pytest.approx(expected)


def test_semi_axes_are_roots_of_eigenvalues():
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    tensor = turn @ np.diag([0.01, 4.0, 2.25]) @ turn.T
    assert np.allclose(tensors.semi_axes(tensor[None]), [[2.0, 1.5]])


def test_the_tensor_of_a_sample_is_half_the_covariance_of_a_step(monkeypatch):
    monkeypatch.setattr(claim, "GLYPH_TOKENS", 400)
    monkeypatch.setattr(claim, "GLYPH_SAMPLES", 3)
    (case,) = Parameters(manifolds=("torus",), ranks=(3,)).cases()
    arrays = tensors.tensors_of_samples(case, Run(None, quiet=True))
    x = case.density.manifold.embed(case.glyphs())[5]
    y = iid_tokens(case.density, 400, case.rng(tensors.STREAM, 1)).points
    eps = case.temperatures()[claim.GLYPH_LEVEL]
    weights = softmax(-((y - x) @ case.matrix.T @ case.matrix * (y - x)).sum(axis=1) / (4 * eps))
    covariance = np.cov(y.T, aweights=weights, bias=True) / (2 * eps)
    found = arrays["torus_tensors"][1, 5]
    assert np.allclose(found, covariance[np.triu_indices(3)], atol=1e-5)
    value, low, high = arrays["torus_semi_axes"]
    assert ((low <= value) & (value <= high)).all() and (value[:, 0] >= value[:, 1]).all()


def test_glyphs_of_a_row_lie_on_one_line():
    (case,) = Parameters(manifolds=("torus",), ranks=(3,)).cases()
    row = case.glyphs()[case.glyph_row()]
    assert np.ptp(row[:, 1]) == 0 and len(np.unique(row[:, 0])) == claim.GLYPHS[0]
