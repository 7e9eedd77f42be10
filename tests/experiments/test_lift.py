"""`lift`: mistakes that its verdict refutes."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import softmax

from simulations.experiments.lift import attention, evolution, picture, samples
from simulations.experiments.lift.evolution import evolution_study
from simulations.experiments.lift.generator import generator_study
from simulations.experiments.lift.samples import sample_study
from simulations.store.results import Run
from simulations.tokens import iid_tokens
from simulations.verdict.join import judge_quantities
from theory.claims import lift as claim
from theory.predictions.lift import predict
from theory.setting.checks import InputError
from theory.setting.densities import density

TINY = {"manifolds": ("circle",), "n_tokens": 20_000, "n_seeds": 8}


def rows_of(study, *arguments):
    parameters = claim.Parameters(**TINY)
    measured = study(parameters.cases()[0], *arguments, Run(None, quiet=True))
    quantities = measured.quantities
    predicted = {name: p for name, p in predict(parameters).items() if name in quantities}
    return {row.quantity: row for row in judge_quantities(quantities, predicted)}


def generator_rows():
    return rows_of(generator_study, claim.Parameters(**TINY))


def test_the_right_code_is_supported():
    rows = generator_rows()
    assert {row.verdict for row in rows.values()} == {"supported"}
    assert claim.EMBEDDING in rows[claim.bias("circle")].rivals


def test_a_small_drift_in_place_of_none_is_rejected():
    rows = generator_rows()
    for lift in (claim.KEY, claim.TOKENS):
        rivals = rows[claim.wrong_drift("circle", lift)].rivals.values()
        assert sorted(rival.value for rival in rivals) == [0.1, 0.2, 2.0]
        assert all(rival.rejected for rival in rivals)


def test_radii_that_follow_p_are_refuted(monkeypatch):
    """rho ~ p: the tokens that attention sees have density p^2/p^(1/2), drift 3."""
    right = attention.lifted_points
    monkeypatch.setattr(attention, "lifted_points", lambda x, rho, s: right(x, np.sqrt(rho), s))
    row = generator_rows()[claim.drift("circle")]
    assert row.verdict == "refuted"
    assert row.measured == pytest.approx(3.0, abs=0.02)


def test_a_score_that_is_three_per_cent_off_is_refuted(monkeypatch):
    right = attention.AttentionOperator
    monkeypatch.setattr(
        attention,
        "AttentionOperator",
        lambda x, f, eps, **more: right(x, f, 1.03 * eps, **more),
    )
    rows = generator_rows() | rows_of(sample_study, claim.Parameters(**TINY))
    assert rows[claim.clock("circle")].verdict == "refuted"
    assert rows[claim.clock_sampled("circle")].verdict == "refuted"


def test_samples_of_density_p_are_refuted(monkeypatch):
    """Tokens x ~ p instead of p^2."""

    def too_even(p, n, rng):
        return iid_tokens(density(p.manifold, sp.sqrt(p.expression)), n, rng)

    monkeypatch.setattr(samples, "iid_tokens", too_even)
    rows = rows_of(sample_study, claim.Parameters(**TINY))
    assert rows[claim.drift_sampled("circle")].verdict == "refuted"


def test_an_evolution_by_the_wrong_lift_is_refuted(monkeypatch):
    right = evolution.lift_score
    monkeypatch.setattr(evolution, "lift_score", lambda: right("key"))
    row = rows_of(evolution_study)[claim.evolved("circle")]
    assert row.verdict == "refuted"


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"manifolds": ("interval",)}, "closed"),
        ({"density": "uniform"}, "uniform"),
        ({"temperature": 1e-3}, "nodes"),
        ({"smallest_radius": 0.2}, "smallest_radius"),
        ({"manifolds": ("circle", "circle")}, "once"),
        ({"n_seeds": 1}, "n_seeds"),
    ],
)
def test_bad_parameters_are_refused_at_once(changed, match):
    with pytest.raises(InputError, match=match):
        claim.Parameters(**changed)


def test_pictured_tokens_attend_by_the_score_as_it_is_written(monkeypatch):
    monkeypatch.setattr(claim, "PICTURE_TOKENS", 150)
    monkeypatch.setattr(claim, "PICTURE_SHOWN", 150)
    parameters = claim.Parameters(**TINY)
    (case,) = parameters.pictured_cases()
    found = picture.evolved_sample(case, parameters)
    u, s = found["tokens"].T
    x, rho = case.manifold.embed(u[:, None]), case.radius(u[:, None])
    steps, eps = case.picture_level()
    f = ((x[:, None] - x) ** 2).sum(axis=2)
    f += np.outer(rho, rho) * 2 * (1 - np.cos(s[:, None] - s))
    a = softmax(-f / eps, axis=1)
    start = case.manifold.function(case.initial)(u[:, None])
    assert np.allclose(found["tokens before"], start)
    expected = np.linalg.matrix_power(a, steps) @ start
    assert np.allclose(found["tokens after"], expected, atol=1e-9)
    assert np.std(expected - start) > 0.05


def test_only_the_lift_of_a_curve_is_a_surface():
    parameters = claim.Parameters(manifolds=("sphere", "circle"))
    assert [case.name for case in parameters.pictured_cases()] == ["circle"]
