"""Laws at a wall: moments of a cut kernel, exact modes, finite differences, and rivals that fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from theory.boundary import (
    SHORTENING,
    WALL_RATE,
    flat_layer,
    flat_layer_height,
    flat_layer_norm,
    interval_evolution,
    layer,
)
from theory.population import population
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density


def cut_moment(depth, power):
    """E[Z^power] of a standard normal that is kept above -depth."""

    def weight(z, k):
        return z**k * np.exp(-(z**2) / 2)

    moments = [quad(weight, -depth, 12, args=(k,), epsabs=1e-14)[0] for k in (power, 0)]
    return moments[0] / moments[1]


@pytest.mark.parametrize("depth", [0.0, 0.4, 1.3, 3.0])
def test_layers_are_moments_of_the_cut_kernel(depth):
    # H = x: the mean jump. H = x^2/2, flat at the wall: (x + Z)^2/2 - x^2/2 over 1/2, less 1
    assert layer(depth) == pytest.approx(cut_moment(depth, 1), rel=1e-9)
    normal = np.exp(-(depth**2) / 2) / np.sqrt(2 * np.pi)
    assert layer(depth) != pytest.approx(normal, rel=1e-4)
    jump = 2 * depth * cut_moment(depth, 1) + cut_moment(depth, 2)
    assert flat_layer(depth) == pytest.approx(jump - 1, abs=1e-9)


def test_constants_of_the_wall():
    assert WALL_RATE == pytest.approx(np.sqrt(2) * layer(0.0), rel=1e-14)
    top = flat_layer(np.linspace(0, 4, 40_001)).max()
    assert flat_layer_height() == pytest.approx(top, rel=1e-8)
    grid = np.linspace(0, 12, 120_001)
    for q in (1, 2):
        area = np.trapezoid(flat_layer(grid) ** q, grid)
        assert flat_layer_norm(q) == pytest.approx(area, rel=1e-6)
        assert flat_layer_norm(q) != pytest.approx(1.01 * area, rel=1e-3)


def test_the_shortened_interval_gives_the_eigenvalues_to_order_three_halves():
    """Of the matrix of attention at N = infinity, by its definition."""
    p, length, k = density(manifold("interval(length=2)")), 2.0, np.arange(1, 4)
    temperatures, rates = (1.6e-3, 4e-4), []
    for eps in temperatures:
        tokens = population(p, eps)
        matrix = tokens.attend(np.eye(len(tokens.u)))
        values = np.sort(np.linalg.eigvals(matrix).real)[::-1]
        rates.append(-np.log(values[1:4]) / eps)

    def falls_by(laws):
        coarse, fine = (np.abs(r / law - 1) for r, law in zip(rates, laws, strict=True))
        return coarse / fine

    def seen(share):
        lengths = [length - 2 * share * SHORTENING * np.sqrt(eps) for eps in temperatures]
        return [(k * np.pi / size) ** 2 for size in lengths]

    law, plain, longer = seen(1), seen(0), seen(-1)
    # a quarter of the temperature: an eighth of an error of order 3/2, half of one of order 1/2
    assert falls_by(law) == pytest.approx(8 * np.ones(3), rel=0.2)
    assert falls_by(plain) == pytest.approx(2 * np.ones(3), rel=0.2)
    assert falls_by(longer) == pytest.approx(2 * np.ones(3), rel=0.2)


@pytest.mark.parametrize(
    ("wall", "formula"), [("neumann", "cos(pi*u)"), ("dirichlet", "sin(pi*u)")]
)
def test_interval_evolution_of_a_mode(wall, formula):
    p = density(manifold("interval"))
    u = np.linspace(0, 1, 9)[:, None]
    start = p.manifold.function(formula)(u)
    after = interval_evolution(p, [formula], 0.1, u, wall)[:, 0]
    assert after == pytest.approx(np.exp(-(np.pi**2) * 0.1) * start, abs=1e-10)
    assert after != pytest.approx(np.exp(-(np.pi**2) * 0.11) * start, abs=1e-3)


def test_interval_evolution_is_that_of_the_finite_differences():
    from theory.pde import evolve

    p, u = reference_density("interval"), np.linspace(0.05, 0.95, 7)[:, None]
    exact = evolve(p, "sin(3*u)", [0.05], cells=512).at(u)[0]
    found = {
        name: interval_evolution(p, ["sin(3*u)"], 0.05, u, **wrong)[:, 0]
        for name, wrong in (("right", {}), ("wall", {"wall": "dirichlet"}), ("drift", {"power": 1}))
    }
    assert np.abs(found["right"] - exact).max() < 1e-5
    assert np.abs(found["wall"] - exact).max() > 0.1
    assert np.abs(found["drift"] - exact).max() > 1e-3
    with pytest.raises(InputError, match="got circle, expected an interval"):
        interval_evolution(reference_density("circle"), ["cos(t)"], 0.1, u)
