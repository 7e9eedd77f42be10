"""Lifted attention at N = infinity: the circle summed in closed form, against sums over it."""

import numpy as np
import pytest

from theory.lift import lifted_clock_and_drift, lifted_response
from theory.setting.densities import density
from theory.setting.manifolds import circle, flat_torus
from theory.setting.quadrature import chart_quadrature


def brute_force(p, radius, eps, formulas, u, n=160, turns=400):
    """The definition, by a sum over nodes of M x S^1."""
    m = p.manifold
    v, volume = chart_quadrature(m, n)
    s = 2 * np.pi * np.arange(turns) / turns
    x, y, rho, sigma = m.embed(u), m.embed(v), radius(u), radius(v)
    distance = ((x[:, None] - y) ** 2).sum(axis=2)[:, :, None]
    circles = (np.outer(rho, sigma)[:, :, None]) * 2 * (1 - np.cos(s))
    weights = np.exp(-(distance + circles) / eps).sum(axis=2) * volume * p(v) ** 2
    h = np.stack([m.function(f)(v) for f in formulas], axis=1)
    own = np.stack([m.function(f)(u) for f in formulas], axis=1)
    return weights @ h / weights.sum(axis=1, keepdims=True) - own


@pytest.mark.parametrize("eps", [0.2, 0.05])
def test_response_by_a_sum_over_the_circle(eps):
    m = circle()
    p, u = density(m, "exp(x/2 + y/4)"), np.linspace(0, 6, 9)[:, None]

    def radius(w):
        return 30 * p(w) ** 2

    found = lifted_response(p, radius, eps, m.embedding, u)
    assert np.abs(found - brute_force(p, radius, eps, m.embedding, u)).max() < 1e-12


@pytest.mark.parametrize("m", [circle(), flat_torus(2)], ids=lambda m: m.name)
def test_clock_and_drift_tend_to_a_quarter_and_two(m):
    p = density(m, "exp(x1/4)")
    u, volume = chart_quadrature(m, 8)
    mass, mean = volume * p(u), p(u).mean()

    def radius(w):
        return (p(w) / mean) ** 2

    fits = np.array(
        [lifted_clock_and_drift(p, radius, eps, m.embedding, u, mass) for eps in (0.08, 0.04)]
    )
    clocks = fits[:, 0] / [0.08, 0.04]
    assert 2 * clocks[1] - clocks[0] == pytest.approx(0.25, abs=1e-3)
    assert 2 * fits[1, 1] - fits[0, 1] == pytest.approx(2.0, abs=1e-2)
