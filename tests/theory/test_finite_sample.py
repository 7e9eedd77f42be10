"""Attention over N i.i.d. keys, exact at any N: against enumeration, simulation and limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from theory.claims.sampling_noise import AVERAGES
from theory.finite_sample import (
    best_temperature,
    flat_clock,
    flat_clock_first_order,
    harmonic_error,
    noise,
    noise_law,
    noise_of_steps,
    population_clock,
    sample_average,
    sphere_clock,
)
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def enumerated(kernel, mass, values, n, own):
    """E[R] and E[R^2] over all n-tuples of nodes: the definition."""
    mean, second = 0.0, 0.0
    for keys in itertools.product(range(len(kernel)), repeat=n):
        k = list(keys)
        ratio = kernel[k] @ values[k] / (own + kernel[k].sum())
        probability = mass[k].prod()
        mean, second = mean + probability * ratio, second + probability * ratio**2
    return mean, second


@pytest.mark.parametrize("own", [0.0, 1.0])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_ratio_of_sums_against_all_tuples_of_keys(own, n):
    rng = np.random.default_rng(n)
    kernel, mass, values = rng.random(4), rng.random(4), rng.standard_normal((4, 2))
    mass /= mass.sum()
    found = sample_average(kernel, mass, values, n, own)
    expected = enumerated(kernel, mass, values, n, own)
    assert np.allclose(found, expected, rtol=1e-11)
    # the ratio of means, without the scatter of the denominator, is something else
    naive = n * (mass * kernel) @ values / (own + n * mass @ kernel)
    assert not np.allclose(naive, expected[0], rtol=1e-2)


def circle_samples(n, repeats, rng):
    """Squared chords and kernels of n uniform tokens on the circle, (repeats, n, n)."""
    t = 2 * np.pi * rng.random((repeats, n))
    r2 = 2 - 2 * np.cos(t[:, :, None] - t[:, None, :])
    return t, r2


def test_the_noise_of_several_steps_by_simulation():
    """Steps among the same tokens add their noise before it is squared."""
    rng, n, eps, steps = np.random.default_rng(4), 500, 0.01, 4
    after = []
    for _ in range(200):
        t, r2 = circle_samples(n, 1, rng)
        kernel = np.exp(-r2[0] / (4 * eps))
        h = np.sin(t[0])
        for _ in range(steps - 1):
            h = kernel @ h / kernel.sum(axis=1)
        # where the slope is 1, and where the density is 1/(2 pi)
        last = np.exp(-(1 - np.cos(t[0])) / (2 * eps))
        after.append(last @ h / last.sum())
    measured = np.var(after) / (2 * np.pi)
    assert measured == pytest.approx(noise_of_steps(1, eps, steps, n), rel=0.3)
    assert noise_of_steps(1, eps, 1, n) == pytest.approx(
        eps / (n * np.sqrt(8 * np.pi * eps)), rel=1e-12
    )
    # smoothed by the steps that follow, but independent from step to step
    apart = noise_of_steps(1, eps, 1, n) * (np.arange(1, steps + 1) ** -1.5).sum()
    assert measured > 2 * apart


@pytest.mark.parametrize("average", AVERAGES)
def test_the_clock_of_few_tokens_on_the_circle_by_simulation(average):
    rng, n, eps = np.random.default_rng(1), 12, 0.1
    _, r2 = circle_samples(n, 30_000, rng)
    kernel = np.exp(-r2 / (4 * eps))
    if average == "masked":
        kernel *= 1 - np.eye(n)
    jumps, degrees = (kernel * r2).sum(axis=2), kernel.sum(axis=2)
    if average == "stationary":
        clocks = jumps.sum(axis=1) / degrees.sum(axis=1)
    else:
        clocks = (jumps / degrees).mean(axis=1)
    measured = clocks / (2 * eps)
    error = measured.std() / np.sqrt(len(measured))
    predicted = {a: sphere_clock(1, eps, n, a) for a in AVERAGES}
    # the law of the stationary average is of second order in the scatter: 1e-3 at this size
    assert abs(measured.mean() - predicted[average]) < 4 * error + 1e-3 * (average == "stationary")
    others = [abs(measured.mean() - v) for a, v in predicted.items() if a != average]
    assert min(others) > 10 * error


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("average", AVERAGES)
def test_many_tokens_have_the_clock_of_a_poisson_cloud(dim, average):
    volume = {1: 2 * np.pi, 2: 4 * np.pi, 3: 2 * np.pi**2}[dim]
    s = 0.25

    def deviation(n):
        eps = (volume / (n * s)) ** (2 / dim) / (4 * np.pi)
        unslowed = population_clock(dim, eps)
        return sphere_clock(dim, eps, n, average) / unslowed - flat_clock(s, dim, average)

    assert abs(deviation(50_000)) < 5e-4
    assert abs(deviation(50_000)) < abs(deviation(2_000)) / 3 + 1e-9


def test_the_clocks_that_the_docs_print():
    assert [round(flat_clock(0.25, d), 4) for d in (1, 2, 3)] == [0.8362, 0.8244, 0.8168]
    assert flat_clock(0.25, 2, "stationary") == pytest.approx(0.8)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("average", AVERAGES)
def test_the_first_order_of_the_clock(dim, average):
    s = np.array([0.02, 0.01, 0.005])
    slopes = np.array([(flat_clock(v, dim, average) - 1) / v for v in s])
    first = {a: flat_clock_first_order(1.0, dim, a) - 1 for a in AVERAGES}
    extrapolated = 2 * slopes[2] - slopes[1]
    assert extrapolated == pytest.approx(first[average], abs=2e-3)
    assert all(abs(extrapolated - v) > 0.1 for a, v in first.items() if a != average)


def test_the_clock_of_a_sample_by_a_poisson_cloud_in_the_plane():
    # token by token: keys of intensity 1/(4 pi eps s) about a query at 0, which is a key itself
    rng, s, eps, side = np.random.default_rng(3), 0.25, 1.0, 16.0
    kept = []
    for _ in range(6000):
        count = rng.poisson(side**2 / (4 * np.pi * eps * s))
        r2 = ((side * (rng.random((count, 2)) - 0.5)) ** 2).sum(axis=1)
        kernel = np.exp(-r2 / (4 * eps))
        kept.append((kernel @ r2) / (1 + kernel.sum()) / (4 * eps))
    error = np.std(kept) / np.sqrt(len(kept))
    assert abs(np.mean(kept) - flat_clock(s, 2)) < 4 * error
    assert abs(np.mean(kept) - (1 + s / 4) / (1 + s)) > 4 * error


def test_the_noise_of_few_keys_by_simulation():
    # one query at t = 0, ten keys of density proportional to 1 + cos(t)/2 on the circle
    rng, n, eps = np.random.default_rng(5), 10, 0.2
    p = density(manifold("circle"), "1 + cos(t)/2")
    t = 2 * np.pi * rng.random(6_000_000)
    t = t[rng.random(len(t)) < (1 + np.cos(t) / 2) / 1.5]
    t = t[: len(t) // n * n].reshape(-1, n)
    kernel = np.exp((np.cos(t) - 1) / (2 * eps))
    kernel /= kernel.sum(axis=1, keepdims=True)
    averages = [(kernel * h).sum(axis=1) for h in (np.cos(t), np.sin(t))]
    measured = n * np.mean([a.var() for a in averages])
    predicted = noise(p, np.zeros((1, 1)), eps, n)[0]
    assert measured == pytest.approx(predicted, rel=0.01)
    many = noise(p, np.zeros((1, 1)), eps, 10**7)[0]
    assert measured != pytest.approx(many, rel=0.05)


@pytest.mark.parametrize("spec", ["circle", "sphere"])
def test_the_noise_tends_to_its_law(spec):
    p = density(manifold(spec), "exp(x/2)")
    u, d = np.full((1, p.manifold.dim), 0.9), p.manifold.dim
    levels = [
        noise(p, u, eps, 10**12)[0] * eps ** (d / 2 - 1) / noise_law(p, u)[0]
        for eps in (0.04, 0.02, 0.01)
    ]
    first = [2 * b - a for a, b in itertools.pairwise(levels)]
    assert (4 * first[1] - first[0]) / 3 == pytest.approx(1.0, abs=1e-3)


def test_the_law_of_the_noise_on_the_uniform_circle():
    # |grad cos|^2 + |grad sin|^2 = 1, two functions, p = 1/(2 pi)
    p = density(manifold("circle"))
    expected = 0.5 * 2 * np.pi / np.sqrt(8 * np.pi)
    assert noise_law(p, np.array([[0.3]]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [5, 400])
def test_the_error_of_harmonics_by_simulation(n):
    # naive: one query, N keys on the circle, H = (cos 2t, sin 2t), L H = -4 H
    rng, eps = np.random.default_rng(4), 0.08
    t = 2 * np.pi * rng.random((4_000_000 // n, n))
    a = np.exp((np.cos(t) - 1) / (2 * eps))
    a /= a.sum(axis=1, keepdims=True)
    real, imaginary = ((a * f(2 * t)).sum(axis=1) for f in (np.cos, np.sin))
    errors = (((real - 1) / eps + 4) ** 2 + (imaginary / eps) ** 2) / 16
    scatter = errors.std() / np.sqrt(len(errors))
    assert abs(errors.mean() - harmonic_error(1, eps, n)) < 4 * scatter
    assert abs(errors.mean() - harmonic_error(1, 1.1 * eps, n)) > 4 * scatter


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_best_temperature_is_the_minimum_and_has_its_law(dim):
    n = 10**6
    eps, error = best_temperature(dim, n)
    grid = eps * np.geomspace(0.8, 1.25, 41)
    curve = [harmonic_error(dim, e, n) for e in grid]
    assert grid[np.argmin(curve)] == pytest.approx(eps, rel=0.012)
    assert np.sqrt(min(curve)) == pytest.approx(error, rel=1e-3)
    # exponents of eps and of the error approach the law, which is not that of densities
    many = np.log([best_temperature(dim, 2**k) for k in (30, 32)])
    exponents = (many[1] - many[0]) / np.log(4)
    assert exponents == pytest.approx(-2 / (dim + 6), abs=2e-3)
    assert exponents != pytest.approx(-2 / (dim + 4), abs=0.03)
