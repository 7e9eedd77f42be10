"""Clocks and rates of other normalisations, against laws integrated or enumerated by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom

from theory.normalisations import (
    explained_away_rate,
    filter_moments,
    large_k_clock,
    mean_top_k_clock,
    top_k_clock,
    unit_ball_volume,
)
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.directions import angular_density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize(("k", "counted"), [(2, True), (5, True), (1, False), (4, False)])
def test_top_k_clock_is_the_mean_of_beta_variables(dim, k, counted):
    n, p = 40, 0.7
    total = 0.0
    for j in range(1, k if counted else k + 1):
        # the mass within the j-th nearest of n - 1 tokens is Beta(j, n - j)
        log_norm = sum(np.log(np.arange(j, n))) - sum(np.log(np.arange(1, n - j)))

        def mean(s, j=j, c=log_norm):
            return np.exp(c) * s ** (j - 1 + 2 / dim) * (1 - s) ** (n - j - 1)

        total += quad(mean, 0, 1)[0]
    expected = total / k * (p * unit_ball_volume(dim)) ** (-2 / dim) / (2 * dim)
    clock = top_k_clock(k, n, dim, np.array([p]), counted)[0]
    assert clock == pytest.approx(expected, rel=1e-7)
    other = top_k_clock(k + 1, n, dim, np.array([p]), counted)[0]
    assert clock != pytest.approx(other, rel=0.1)


def enumerated_clocks(p, u, queries, k, n):
    """Clocks of tokens at chart points `queries` among n - 1 others of density p, by enumeration.

    (n-1) int p |x-y|^2 P(fewer than k - 1 of n - 2 others are nearer than y): no ball, no limit.
    u: nodes of a uniform grid of the chart.
    """
    m = p.manifold
    mass = p(u) * m.volume(u)
    mass, x, clocks = mass / mass.sum(), m.embed(u), []
    for point in m.embed(queries):
        squares = ((x - point) ** 2).sum(axis=1)
        order = np.argsort(squares)
        # half of a node's own mass is nearer than itself
        nearer = np.cumsum(mass[order]) - mass[order] / 2
        among = binom.cdf(k - 2, n - 2, np.clip(nearer, 0, 1))
        clocks.append((n - 1) * (mass[order] * squares[order]) @ among / k / (2 * m.dim))
    return np.array(clocks)


def test_mean_top_k_clock_against_the_enumeration_of_neighbours_on_a_curve():
    p, n, k = reference_density("circle"), 60, 3
    u = 2 * np.pi * (np.arange(3000) + 0.5)[:, None] / 3000
    shares = p(u[::10]) / p(u[::10]).sum()
    expected = shares @ enumerated_clocks(p, u, u[::10], k, n)
    leading = shares @ top_k_clock(k, n, 1, p(u[::10]))
    # the correction is right to a tenth, so the rest is of the next order
    missing = expected - leading
    assert mean_top_k_clock(p, k, n) - leading == pytest.approx(missing, rel=0.2)
    assert abs(missing) > 1e-3 * expected


def test_mean_top_k_clock_against_the_enumeration_of_neighbours_on_a_torus():
    p, n, k = reference_density("flat_torus(dim=3)", "uniform"), 2000, 3
    line = 2 * np.pi * np.arange(80) / 80
    u = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    # the query between nodes, off their symmetry
    (expected,) = enumerated_clocks(p, u, np.array([[0.023, 0.011, 0.037]]), k, n)
    leading = top_k_clock(k, n, 3, p(u[:1]))[0]
    assert mean_top_k_clock(p, k, n) == pytest.approx(expected, rel=2e-3)
    assert abs(leading / expected - 1) > 5e-3


def test_large_k_clock_is_what_the_gamma_functions_tend_to():
    p = reference_density("sphere")
    assert mean_top_k_clock(p, 500, 10**7) == pytest.approx(large_k_clock(p, 500, 10**7), rel=5e-3)
    assert mean_top_k_clock(p, 5, 10**7) < 0.9 * large_k_clock(p, 5, 10**7)


def test_angular_density_is_the_radial_integral_of_the_gaussian():
    s = np.array([[1.0, 0.3, 0.1], [0.3, 1.4, -0.2], [0.1, -0.2, 0.7]])
    p = density(manifold("sphere"), angular_density(s))
    u = np.array([[0.4, 1.0], [1.6, 3.0], [2.5, 5.5]])
    inverse, constant = np.linalg.inv(s), (2 * np.pi) ** -1.5 / np.sqrt(np.linalg.det(s))

    def radial(r, q):
        return constant * r**2 * np.exp(-(r**2) * q / 2)

    forms = [x @ inverse @ x for x in p.manifold.embed(u)]
    expected = [quad(radial, 0, np.inf, args=(q,))[0] for q in forms]
    assert np.allclose(p(u), expected, rtol=1e-8)
    wrong = density(manifold("sphere"), angular_density(s @ s))
    assert not np.allclose(p(u), wrong(u), rtol=0.1)
    with pytest.raises(InputError, match="covariance"):
        angular_density(np.diag([1.0, -1.0]))


def test_filter_moments_and_the_rate_by_hand():
    moments = filter_moments(np.array([0.1, 0.2, 0.0, 0.3, 0.4]), 0.5)
    assert moments == pytest.approx(
        (0.5 * (-0.2 - 0.2 + 0.3 + 0.8), 0.25 * (0.4 + 0.2 + 0.3 + 1.6))
    )
    scores = [[3.0, 1.0, 0.0], [2.0, 2.5, 0.5]]
    # key 1: least of 0 and 0.5; key 2: of 2 and 0; key 3: of 3 and 2
    assert explained_away_rate(scores).tolist() == [0.0, 0.0, 2.0]
