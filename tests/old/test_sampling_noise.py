"""The clock of a sample, its mean squared jump, the best temperature: each with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.sampling_noise import Parameters
from simulations.experiments.sampling_noise_best import second_harmonics
from simulations.experiments.sampling_noise_samples import samples
from simulations.observables import minimiser, squared_jump
from simulations.tokens.sampling import iid_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.finite_sample import (
    best_temperature,
    harmonic_error,
    inverse_neighbours,
    plain_clock,
    plain_clock_first_order,
    stationary_clock,
)
from theory.limits import finite_sample_clock
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import squared_distance


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("keep", [True, False])
def test_the_clock_exact_in_s_has_the_first_order_of_the_expansion(dim, keep):
    s = np.array([0.02, 0.01, 0.005])
    slopes = np.array([(plain_clock(v, dim, keep) - 1) / v for v in s])
    expected = plain_clock_first_order(1.0, dim, keep) - 1
    assert 2 * slopes[2] - slopes[1] == pytest.approx(expected, abs=2e-3)
    assert 2 * slopes[2] - slopes[1] != pytest.approx(plain_clock_first_order(1.0, dim, not keep) - 1, abs=0.1)


def test_the_clock_of_a_sample_by_a_poisson_cloud_in_the_plane():
    # the definition, token by token: keys of intensity 1/(4 pi eps s) about a query at 0, which is a key itself
    rng, s, eps, side = np.random.default_rng(3), 0.25, 1.0, 16.0
    kept = []
    for _ in range(6000):
        y = side * (rng.random((rng.poisson(side**2 / (4 * np.pi * eps * s)), 2)) - 0.5)
        r2 = (y**2).sum(axis=1)
        kernel = np.exp(-r2 / (4 * eps))
        kept.append((kernel @ r2) / (1 + kernel.sum()) / (4 * eps))
    error = np.std(kept) / np.sqrt(len(kept))
    assert abs(np.mean(kept) - plain_clock(s, 2)) < 4 * error
    assert abs(np.mean(kept) - (1 + s / 4) / (1 + s)) > 4 * error


def test_first_order_clock_agrees_with_the_one_of_limits():
    p = density(manifold("sphere"))
    u = np.array([[1.0, 2.0]])
    s = float(inverse_neighbours(p(u), 2, 0.02, 5000)[0])
    assert finite_sample_clock(p, u, 0.02, 5000)[0] == pytest.approx(plain_clock_first_order(s, 2), rel=1e-12)
    assert stationary_clock(s) == pytest.approx(1 - s, abs=2 * s**2)


def test_squared_jump_against_its_definition():
    tokens = iid_tokens(density(manifold("torus")), 40, np.random.default_rng(1))
    operator = AttentionOperator(tokens, squared_distance(), 0.3)
    matrix, x = operator @ np.eye(40), tokens.points
    direct = (matrix * ((x[:, None] - x[None]) ** 2).sum(axis=2)).sum(axis=1)
    assert np.allclose(squared_jump(operator), direct, atol=1e-12)
    masked = AttentionOperator(tokens, squared_distance(), 0.3, exclude_self=True)
    assert np.allclose(squared_jump(masked), direct / (1 - operator.self_weight), atol=1e-10)
    assert not np.allclose(squared_jump(masked), direct, rtol=1e-3)
    with pytest.raises(InputError, match="squared_jump: the operator has separate keys"):
        squared_jump(AttentionOperator(tokens, squared_distance(), 0.3, keys=tokens))


def test_second_harmonics_are_eigenfunctions_of_constant_square():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((50, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    h = second_harmonics(x)
    assert h.shape == (50, 6) and np.allclose((h**2).sum(axis=1), 2 / 3)
    gram = h @ h.T
    assert np.allclose(gram, (x @ x.T) ** 2 - 1 / 3)
    assert not np.allclose(gram, (x @ x.T) ** 2, atol=0.1)


def test_error_of_harmonics_by_simulation():
    # naive: one query, N keys on the circle, H = (cos 2t, sin 2t)
    rng, n, eps = np.random.default_rng(4), 400, 0.08
    errors = []
    for _ in range(3000):
        t = 2 * np.pi * rng.random(n)
        a = np.exp((np.cos(t) - 1) / (2 * eps))
        errors.append((((a @ np.cos(2 * t)) / a.sum() - 1) / eps + 4) ** 2 + ((a @ np.sin(2 * t)) / a.sum() / eps) ** 2)
    bias, variance = harmonic_error(1, 2, eps, n)[0]
    assert np.mean(errors) == pytest.approx(bias + variance, rel=0.08)
    assert np.mean(errors) != pytest.approx(bias + 1.3 * variance, rel=0.08)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_best_temperature_is_the_minimum_for_many_tokens(dim):
    n = 10**13
    eps, error = best_temperature(dim, 2, n)
    grid = eps * np.geomspace(0.9, 1.1, 41)
    curve = harmonic_error(dim, 2, grid, n).sum(axis=1)
    assert grid[curve.argmin()] == pytest.approx(eps, rel=0.015)
    assert np.sqrt(curve.min()) == pytest.approx(error, rel=0.02)
    more = best_temperature(dim, 2, 4 * n)
    assert np.log(more[0] / eps) / np.log(4) == pytest.approx(-2 / (dim + 6), rel=1e-10)
    assert np.log(more[1] / error) / np.log(4) == pytest.approx(-2 / (dim + 6), rel=1e-10)


def test_minimiser_of_a_parabola_in_logarithms():
    steps = np.geomspace(0.01, 0.2, 8)
    values = 3 * np.exp(0.7 * np.log(steps / 0.05) ** 2)
    where, least = minimiser(steps, values)
    assert (where, least) == (pytest.approx(0.05, rel=1e-10), pytest.approx(3, rel=1e-10))
    with pytest.raises(InputError, match="bend down"):
        minimiser(steps, 1 / values)
    with pytest.raises(InputError, match="got 2 steps"):
        minimiser([1.0, 2.0], [1.0, 2.0])


def test_samples_are_independent_and_of_the_right_size():
    p = density(manifold("circle"))
    drawn = list(samples(p, 50, 7, np.random.default_rng(0), at_once=120))
    assert [len(t) for t in drawn] == [50] * 7
    assert len(np.unique(np.concatenate([t.coordinates for t in drawn]))) == 350


def test_parameters_are_checked():
    with pytest.raises(InputError, match="n_repeats: got 50, expected a multiple of 20"):
        Parameters(n_repeats=50)
    with pytest.raises(InputError, match="n_queries: got 12, expected a multiple of 8"):
        Parameters(n_queries=12)
    with pytest.raises(InputError, match="temperature"):
        Parameters(temperature=0.0)
