"""`evolution` refutes planted mistakes, at sizes at which the truth passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import doubly_normalised
from simulations.dynamics.evolve import evolve_at
from simulations.experiments.evolution import measure
from simulations.experiments.evolution.surface import STREAM, surface
from simulations.store.quantities import Field
from simulations.store.results import Run
from simulations.tokens import iid_tokens, quadrature_tokens
from simulations.verdict.fields import order_row
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import evolution as claim
from theory.finite_sample import noise_of_steps
from theory.pde import evolve
from theory.predictions.evolution import curves, predict
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density

PARAMETERS = claim.Parameters(manifolds=("circle",), n_tokens=1500, n_seeds=12)
FEW = claim.Parameters(manifolds=("circle",), n_tokens=1000, n_seeds=3)  # for what nodes see


def refuted(parameters=PARAMETERS) -> set[str]:
    quantities = measure(parameters, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(parameters))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def mistake(name):
    return next(m for m in MISTAKES if m.name == name)


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("one step too many", claim.size("circle", 2)),
        ("drift 1.96: a key bias of -0.02 log deg", claim.drift("circle", claim.NODES)),
        ("temperature 3 % off", claim.clock("circle", claim.NODES)),
        ("quadrature weights forgotten", claim.drift("circle", claim.NODES)),
    ],
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(mistake(name)):
        assert row in refuted(FEW)


def test_the_rate_refutes_every_equation_that_the_noise_lets_it_tell():
    """Fields as the reference would see them: right equation, its bias, the law of the noise."""
    parameters, rng = claim.Parameters(manifolds=("circle",)), np.random.default_rng(3)
    order = predict(parameters)[claim.order_in_tokens("circle")]
    p = parameters.tokens_density("circle")
    u, weights = claim.probe_points(p)
    sizes = parameters.sizes(p.manifold)
    spread = [noise_of_steps(1, parameters.temperature(p.manifold, k), k, n) for k, n in sizes]
    noise = rng.standard_normal((len(sizes), 16, len(u), 1)) * np.sqrt(spread)[:, None, None, None]
    bias = np.array([0.03 / k for k, _ in sizes])[:, None, None, None] * np.cos(u)
    field = Field(order.target(u) + bias + noise, u, weights, 1 / np.array([n for _, n in sizes]))
    assert order_row("rate", field, order).verdict == "supported"
    assert len(order.rivals) == 6
    for target in order.rivals.values():
        wrong = replace(order, target=target, rivals={})
        assert order_row("rate", field, wrong).verdict == "refuted"


def test_at_the_reference_the_rate_tells_ten_per_cent_but_on_the_torus():
    """There the coefficients do: no false equation is left to the bound alone."""
    predicted = predict(claim.Parameters())
    near = {"10 % more", "10 % less", "10 % more time", "10 % less time"}
    for name in ("circle", "sphere"):
        assert near <= set(predicted[claim.order_in_tokens(name)].rivals)
    assert set(predicted[claim.order_in_tokens("torus")].rivals) == {"no drift"}
    drift, clock = predicted[claim.features("torus", claim.SAMPLES)].values.values()
    assert {"10 % more", "10 % less"} <= set(drift.rivals) and len(clock.rivals) == 2


def test_a_drift_of_the_samples_alone_is_refuted_by_them(monkeypatch):
    """Tokens of p^2 climb log p with 4, the nodes with 2."""
    denser = reference_density("circle", "exp(x + y/2)")
    module = "simulations.experiments.evolution.samples.iid_tokens"
    monkeypatch.setattr(module, lambda p, n, rng: iid_tokens(denser, n, rng))
    found = refuted()
    assert claim.drift("circle", claim.SAMPLES) in found
    assert claim.drift("circle", claim.NODES) not in found


def test_tokens_are_tied_to_steps_by_the_declared_law():
    parameters = claim.Parameters(n_steps=16)
    for name, power in (("circle", 3.5), ("torus", 4.0)):
        m = parameters.tokens_density(name).manifold
        (k, n), (last, most) = (parameters.sizes(m)[place] for place in (0, -1))
        assert (last, most) == (16, parameters.n_tokens)
        assert n == round(most * (k / last) ** power)
        assert np.log(parameters.temperature(m, k) / parameters.temperature(m, last)) == (
            pytest.approx(-np.log(n / most) / power, rel=1e-3)
        )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"time": 1e30}, r"time: got 1e\+30"),
        ({"n_steps": 10}, "n_steps: got 10, expected a multiple of 4"),
        ({"features": "2"}, "features: got '2', which is constant on circle"),
        ({"features": "sin(q)"}, "unknown name 'q'"),
        ({"manifolds": ("circle", "circle")}, "each named once"),
        ({"manifolds": ("interval",)}, "manifold: got interval"),
        ({"density": "uniform"}, "density: got a uniform one"),
        ({"time": 0.01, "n_steps": 400}, "time: got 0.01 with n_steps 400, expected at least 3.87"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)


def test_the_surface_shows_attention_of_one_sample_at_its_places(monkeypatch):
    """Places that attend and are not attended to are queries that are no tokens."""
    monkeypatch.setattr(claim, "PLACES", 60)
    monkeypatch.setattr(claim, "SURFACE_STEPS", (0, 1, 3))
    parameters = claim.Parameters(manifolds=("torus",), n_tokens=2000)
    found = surface(parameters, 1, Run(None, True))
    p = parameters.tokens_density("torus")
    m, places = p.manifold, claim.surface_places(p)
    tokens = iid_tokens(p, 2000, np.random.default_rng([parameters.seed, 1, STREAM]))
    eps, h = parameters.temperature(m, parameters.n_steps), m.function(parameters.features)
    np.testing.assert_allclose(found["surface_attention"][0], h(places), rtol=1e-6)
    for name, operator in (
        ("attention", AttentionOperator(tokens, GAUSSIAN, eps)),
        ("doubly_normalised", doubly_normalised(tokens, GAUSSIAN, eps)),
    ):
        expected = evolve_at(operator, m.embed(places), h(tokens.coordinates), [1, 3])
        np.testing.assert_allclose(found[f"surface_{name}"][1:], expected, atol=1e-4)


def test_the_surface_has_places_as_dense_as_the_tokens():
    p = reference_density("torus")
    x = p.manifold.embed(claim.surface_places(p))
    nodes = quadrature_tokens(p, (60, 60))
    mean = nodes.weights @ nodes.points
    scatter = np.sqrt(nodes.weights @ (nodes.points - mean) ** 2 / len(x))
    assert len(x) == claim.PLACES
    assert (np.abs(x.mean(axis=0) - mean) < 4 * scatter).all()


def test_the_equation_of_the_surface_starts_at_the_features_and_is_that_of_the_picture():
    parameters = claim.Parameters(manifolds=("torus",))
    found = curves(parameters)["surface_equation"]
    p = parameters.tokens_density("torus")
    u = claim.surface_places(p)
    assert found.shape == (len(claim.SURFACE_STEPS), len(u))
    np.testing.assert_allclose(found[0], p.manifold.function(parameters.features)(u))
    at_time = claim.SURFACE_STEPS.index(parameters.n_steps)
    solution = evolve(p, parameters.features, [parameters.time]).at(u)[0]
    np.testing.assert_allclose(found[at_time], solution, atol=1e-6)
