"""First-order predictions by brute force: plain sums against the closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from theory.first_order import (
    Transport,
    first_order_generator,
    high_temperature_terms,
    sphere_terms,
    sphere_transport,
    window_response,
)
from theory.population import population
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.geometry import drift_terms
from theory.setting.manifolds import circle, sphere, torus
from theory.setting.scores import bilinear, score

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def test_correction_of_the_transport_map_by_brute_force():
    m, formulas = torus(), ["x*z + sin(y)"]
    p = density(m, "exp(x/6 + z/3)")
    f = score("-2*y1 - (2*x1*y1 + 3*x2*y3 - 2*x3*y2 + x2*y2)/6", 3)
    u, transport = np.array([[0.4, 1.0], [2.0, 4.0]]), Transport(p, f)
    v = transport.minimisers(u)
    right, mixed = (
        sum(transport.terms(u, v, formulas, chart_volume=c))[:, 0] for c in (True, False)
    )
    h, rest = m.function(formulas[0]), []
    for eps in (0.02, 0.01):
        tokens = population(p, eps, bilinear(np.eye(3)).pseudo_metric, 220)
        x = np.repeat(m.embed(u), len(tokens.x), axis=0)
        scores = f.paired(x, np.tile(tokens.x, (len(u), 1))).reshape(len(u), -1)
        weights = tokens.mass * np.exp((scores.min(axis=1)[:, None] - scores) / eps)
        rest.append((weights @ h(tokens.u) / weights.sum(axis=1) - h(v)) / eps)
    limit = 2 * rest[1] - rest[0]
    assert np.allclose(limit, right, atol=3e-3)
    assert np.abs(limit - mixed).max() > 2e-2


def test_transport_on_the_sphere_agrees_with_the_general_formula():
    p, x = density(sphere(), "exp(x/2 + z/2)"), np.array([[1.1, 0.5], [1.6, 2.0]])
    y, length = sphere_transport(W, sphere().embed(x))
    transport = Transport(p, bilinear(W))
    v = transport.minimisers(x)
    assert np.allclose(sphere().embed(v), y, atol=1e-9)
    general = sum(transport.terms(x, v, ["x*y", "z"]))
    diffusion, drift = sphere_terms(p, ["x*y", "z"], v, length)
    assert np.allclose(general, diffusion + 2 * drift, atol=1e-9)
    assert not np.allclose(general, diffusion + drift, atol=1e-3)


def test_degenerate_minima_and_singular_maps_are_refused():
    with pytest.raises(InputError, match="minimum"):
        Transport(density(circle()), score("0*y1 + x1", 2)).minimisers(np.array([[1.0]]))
    with pytest.raises(InputError, match="W"):
        sphere_transport(np.diag([1.0, 1.0, 0.0]), np.array([[0.0, 0.0, 1.0]]))


def test_high_temperature_series_term_by_term():
    rng = np.random.default_rng(3)
    f, h = rng.standard_normal((5, 40)), rng.standard_normal((40, 2))
    mean, covariance, second = high_temperature_terms(f, h)

    def rest(t, order):
        w = np.exp(-f / t)
        series = [mean, -covariance / t, second / (2 * t**2)]
        return np.abs(w @ h / w.sum(axis=1, keepdims=True) - sum(series[: order + 1])).max()

    for order in (0, 1, 2):
        assert np.log2(rest(200.0, order) / rest(400.0, order)) == pytest.approx(
            order + 1, abs=0.05
        )


def test_weights_of_the_mean_are_those_of_repeated_keys():
    rng = np.random.default_rng(4)
    f, h = rng.standard_normal((3, 4)), rng.standard_normal((4, 2))
    counts = np.array([1, 2, 3, 1])
    repeated = high_temperature_terms(np.repeat(f, counts, axis=1), np.repeat(h, counts, axis=0))
    for a, b in zip(high_temperature_terms(f, h, counts), repeated, strict=True):
        assert np.allclose(a, b)


def test_window_response_is_the_average_over_an_arc():
    """A flat score on the circle: sin(a)/a times cos t, for an arc of half-width a."""
    m, radius = circle(), 0.6
    u, arc = np.array([[0.4], [2.0]]), 2 * np.arcsin(radius / 2)
    response = window_response(density(m), score("x1", 2), 1.0, radius, u, ["cos(t)"])
    exact = (np.sin(arc) / arc - 1) * np.cos(u)
    assert np.allclose(response, exact, rtol=1e-12)


def test_generator_of_a_force_is_that_of_a_tilted_density():
    """The force of -x^T S y is grad(x^T S x/2): L is the one of p exp(x^T S x/2)."""
    m, s = sphere(), (W + W.T) / 2
    force = [tuple(-e for e in bilinear(s).key_slope(m))]
    p, formulas, u = density(m, "exp(z)"), ["x*y", "z"], np.array([[0.8, 2.1], [1.5, 4.0]])
    potential = " + ".join(f"({s[a, b]!r})*x{a + 1}*x{b + 1}/2" for a in range(3) for b in range(3))
    potential = potential.replace("np.float64", "")
    tilted = density(m, f"exp(z + {potential})")
    laplacian, drift = drift_terms(tilted, [], formulas)(u)
    assert np.allclose(first_order_generator(p, force, formulas)(u), laplacian + 2 * drift)
