"""Moving tokens: planted mistakes that the verdict must refute, and parameters at the door."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.dynamics import evolve
from simulations.experiments.moving_tokens import density, drift_field, spheres, velocity
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import moving_tokens as claim
from theory.predictions.moving_tokens import fields, predict
from theory.setting.checks import InputError

ELLIPSE = claim.Parameters(manifolds=("ellipse",))


def refuted(measurement, parameters=ELLIPSE) -> set[str]:
    """The quantities of a measurement whose predictions it refutes."""
    predicted = predict(parameters)
    chosen = {name: predicted[name] for name in measurement.quantities}
    rows = judge_quantities(measurement.quantities, chosen)
    return {row.quantity for row in rows if row.verdict == "refuted"}


def on_nodes():
    return velocity.velocity_on_nodes(ELLIPSE, "ellipse", Run(None, True))


def test_a_bias_of_self_attention_is_seen(monkeypatch):
    """A key bias of -0.02 log(degree), where tokens attend to themselves: drift 1.96 for 2."""
    assert refuted(on_nodes()) == set()
    init = AttentionOperator.__init__

    def biased(self, tokens, score, eps, *, keys=None, **options):
        if keys is None:
            degree = AttentionOperator(tokens, score, eps, keys=tokens, **options).log_partition
            options["key_bias"] = -0.02 * degree
        init(self, tokens, score, eps, keys=keys, **options)

    monkeypatch.setattr(AttentionOperator, "__init__", biased)
    assert refuted(on_nodes()) == {claim.drift_limit("ellipse")}


def test_a_temperature_three_per_cent_off_is_seen(monkeypatch):
    init = AttentionOperator.__init__
    monkeypatch.setattr(
        AttentionOperator,
        "__init__",
        lambda self, tokens, score, eps, **more: init(self, tokens, score, 1.03 * eps, **more),
    )
    assert claim.clock_limit("ellipse") in refuted(on_nodes())
    shrinking = spheres.shrinking_spheres(Run(None, True))
    assert claim.sphere_fall("circle") in refuted(shrinking)
    assert claim.sphere_square("sphere") in refuted(shrinking)


def test_a_tenth_of_the_curvature_is_rejected_on_the_flat_circle():
    measurement, name = density.flat_circle(), claim.FLAT
    rows = judge_quantities(measurement.quantities, {name: predict(ELLIPSE)[name]})
    rivals = next(row for row in rows if row.quantity == claim.FLAT_CONSTANT).rivals.values()
    assert sorted(rival.value for rival in rivals) == [0.1, 0.2, 1.0]
    assert all(rival.rejected for rival in rivals)


def test_forgotten_weights_are_seen(monkeypatch):
    """Tokens on quadrature nodes that move as if all had the same mass: no density, no drift."""
    assert refuted(density.flat_circle()) == set()
    attended = evolve._attended
    monkeypatch.setattr(
        evolve,
        "_attended",
        lambda x, f, eps, weights, period: attended(x, f, eps, np.ones(len(x)), period),
    )
    assert refuted(density.flat_circle()) == {claim.FLAT_BENDING}


def test_marked_tokens_that_stay_on_the_manifold_are_seen(monkeypatch):
    """Tangential motion alone leaves |Hvec|^2 out."""
    small = claim.Parameters(manifolds=("circle",), n_levels=4)

    def rates():
        return density.density_of_marked(small, "circle", Run(None, True))

    assert refuted(rates(), small) == set()
    attention = AttentionOperator.__matmul__

    def projected(self, features):
        after = attention(self, features)
        return after / np.linalg.norm(after, axis=1, keepdims=True)

    monkeypatch.setattr(AttentionOperator, "__matmul__", projected)
    assert claim.density_curvature("circle") in refuted(rates(), small)


def test_a_step_follows_the_drift_field_and_half_of_it_is_far_off():
    measured, predicted = drift_field.drift_fields(Run(None, True)), fields()
    for name in claim.FIELDS:
        normal, drift = (predicted[f"{name}_field{ending}"] for ending in ("_normal", ""))
        longest = np.linalg.norm(drift, axis=1).max()

        def off(velocity, name=name):
            return np.linalg.norm(measured[f"{name}_field"] - velocity, axis=1).max()

        assert off(normal + drift) < 0.03 * longest
        assert off(normal + drift / 2) > 0.4 * longest
        assert off(drift) > 0.9


def test_places_of_the_drift_field_are_spread_evenly():
    u = claim.field_points("sphere")
    z = np.sort(np.cos(u[:, 0]))
    assert np.allclose(np.diff(z), 2 / len(z))
    x = np.stack([np.sin(u[:, 0]) * f(u[:, 1]) for f in (np.cos, np.sin)] + [np.cos(u[:, 0])], 1)
    gaps = np.linalg.norm(x[:, None] - x, axis=2) + 9 * np.eye(len(x))
    assert gaps.min() > 0.7 * np.sqrt(4 * np.pi / len(x))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"manifolds": ("interval",)}, "manifold: got interval, expected a closed one"),
        ({"manifolds": ("circle", "circle")}, "each named once"),
        ({"density": "uniform"}, "density: got a uniform one"),
        ({"temperature": 5.0}, "temperature: got 5"),
        ({"temperature": 1e-7}, "quadrature nodes"),
        ({"n_levels": 3}, "n_levels: got 3"),
        ({"n_tokens": 10}, "n_tokens: got 10"),
        ({"n_seeds": 2}, "n_seeds: got 2"),
    ],
)
def test_parameters_are_checked(wrong, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**wrong)
