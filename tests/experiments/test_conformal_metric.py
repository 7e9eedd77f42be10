"""`conformal_metric`: what it measures, and mistakes that its verdict refutes."""

import numpy as np
import pytest

from simulations.experiments.conformal_metric import generator, two_dimensions
from simulations.experiments.conformal_metric.two_dimensions import best_factor, out_of_reach
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import conformal_metric as claim
from theory.predictions.conformal_metric import predict
from theory.setting.checks import InputError
from theory.setting.densities import density

TINY = {
    "manifolds": ("circle",),
    "surfaces": ("flat_torus",),
    "n_tokens": 1000,
    "n_seeds": 3,
}


def rows_of(study, case, parameters):
    """The rows of one study by name."""
    quantities = study(case, parameters, Run(None, quiet=True)).quantities
    predicted = {name: p for name, p in predict(parameters).items() if name in quantities}
    return {row.quantity: row for row in judge_quantities(quantities, predicted)}


def of_curve():
    parameters = claim.Parameters(**TINY)
    return rows_of(generator.generator_study, parameters.cases()[0], parameters)


def of_surface():
    parameters = claim.Parameters(**TINY)
    return rows_of(two_dimensions.surface_study, parameters.surface_cases()[0], parameters)


def tilted_tokens(power):
    """Quadrature tokens of density p^power."""
    from simulations.tokens import quadrature_tokens

    def tokens(p, nodes):
        return quadrature_tokens(density(p.manifold, p.expression**power), nodes)

    return tokens


def test_the_right_code_is_supported():
    rows = of_curve() | of_surface()
    for name in (claim.metric("circle"), claim.capacity("circle"), claim.share("flat_torus")):
        assert rows[name].verdict == "supported"


# drift 1.9 instead of 2 is an exponent of -3.8
@pytest.mark.parametrize("power", [0.5, 0.95, 1.05])
def test_tokens_of_another_density_are_refuted(monkeypatch, power):
    monkeypatch.setattr(generator, "quadrature_tokens", tilted_tokens(power))
    monkeypatch.setattr(two_dimensions, "quadrature_tokens", tilted_tokens(power))
    assert of_curve()[claim.metric("circle")].verdict == "refuted"
    assert of_surface()[claim.share("flat_torus")].verdict == "refuted"


def test_a_warmer_operator_is_refuted(monkeypatch):
    right = generator.AttentionOperator
    monkeypatch.setattr(
        generator,
        "AttentionOperator",
        lambda x, f, eps, **more: right(x, f, 1.03 * eps, **more),
    )
    assert of_curve()[claim.clock("circle")].verdict == "refuted"
    assert of_surface()[claim.factor("flat_torus")].verdict == "refuted"


def test_a_clock_that_follows_the_density_is_no_unit_capacity(monkeypatch):
    """Steps that are longer where p is larger change the heat capacity alone."""
    right = generator.attention_step

    def slower(case, points, u, keys, eps):
        p = case.density(u)
        return right(case, points, u, keys, eps) * (p[:, None] / p.mean()) ** 0.2

    monkeypatch.setattr(generator, "attention_step", slower)
    rows = of_curve()
    assert rows[claim.metric("circle")].verdict == "supported"
    assert rows[claim.capacity("circle")].verdict == "refuted"
    assert rows[claim.capacity("circle")].measured == pytest.approx(3.8, abs=0.03)


def test_share_out_of_reach_by_hand():
    plain = np.array([[2.0, 0.0], [0.0, 1.0]])
    motion = np.array([[6.0, 3.0], [4.0, 5.0]])
    mass = np.array([0.25, 0.75])
    # w = 3 and 5 leave (0, 3) and (4, 0)
    expected = (0.25 * 9 + 0.75 * 16) / (0.25 * 45 + 0.75 * 41)
    assert out_of_reach(motion, motion, plain, mass) == pytest.approx(expected)
    assert best_factor(motion, plain, mass) == pytest.approx((0.25 * 12 + 0.75 * 5) / 1.75)


def test_noise_drops_out_of_the_product_of_two():
    rng = np.random.default_rng(3)
    plain, drift = rng.standard_normal((400, 3)), 0.3 * rng.standard_normal((400, 3))
    mass, right = np.full(400, 1 / 400), plain + drift

    def noisy():
        return right + rng.standard_normal(right.shape)

    expected = out_of_reach(right, right, plain, mass)
    shares = [out_of_reach(noisy(), noisy(), plain, mass) for _ in range(400)]
    once = [out_of_reach(n, n, plain, mass) for n in (noisy() for _ in range(20))]
    assert np.mean(shares) == pytest.approx(expected, abs=0.01)
    assert np.mean(once) > expected + 0.2


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"manifolds": ("sphere",)}, "manifolds: got sphere with d = 2"),
        ({"surfaces": ("circle",)}, "surfaces: got circle with d = 1"),
        ({"manifolds": ("line",)}, "closed"),
        ({"density": "uniform"}, "uniform"),
        ({"temperature": 1e-9}, "temperature"),
        ({"temperature": 50.0}, "temperature"),
        ({"n_levels": 3}, "n_levels"),
        ({"n_tokens": 10}, "n_tokens"),
    ],
)
def test_bad_parameters_are_refused_at_once(changed, match):
    with pytest.raises(InputError, match=match):
        claim.Parameters(**changed)
