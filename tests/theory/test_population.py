"""Attention at N = infinity by quadrature, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ive

from theory import population as population_
from theory.population import clock_and_drift, least_squares, population
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import dot_product, squared_distance, user_function


def test_gaussian_tokens_on_the_line():
    # tokens N(0, s^2): A x = rho x, and the degree is a Gaussian of variance s^2 + 2 eps
    s, eps = 0.8, 0.07
    p = density(manifold("line"), f"exp(-u**2/(2*{s**2}))")
    tokens = population(p, eps, nodes=800)
    u = np.array([[-1.0], [0.3], [2.0]])
    rho = s**2 / (s**2 + 2 * eps)
    assert np.allclose(tokens.attend(tokens.u, u), rho * u, atol=1e-12)
    squares = tokens.attend(tokens.u**2, u)
    assert np.allclose(squares, rho**2 * u**2 + rho * 2 * eps, atol=1e-12)
    wide = s**2 + 2 * eps
    expected = 0.5 * np.log(2 * eps / wide) - u[:, 0] ** 2 / (2 * wide)
    assert np.allclose(tokens.log_partition(u), expected, atol=1e-12)


@pytest.mark.parametrize(("spec", "dim"), [("circle", 1), ("sphere", 2), ("sphere3", 3)])
def test_uniform_tokens_on_spheres_have_bessel_ratios(spec, dim):
    eps, p = 0.1, density(manifold(spec))
    tokens, nu, z = population(p, eps), (dim - 1) / 2, 1 / (2 * eps)
    x, u = tokens.x, tokens.u[:: len(tokens.u) // 7]
    y = p.manifold.embed(u)
    first, second = (ive(nu + k, z) / ive(nu, z) for k in (1, 2))
    assert np.allclose(tokens.attend(x, u), first * y, atol=1e-11)
    product = tokens.attend(x[:, :1] * x[:, 1:2], u)[:, 0]
    assert np.allclose(product, second * y[:, 0] * y[:, 1], atol=1e-11)


@pytest.mark.parametrize("score", [squared_distance(0.25), dot_product(scale=0.5)])
def test_von_mises_tokens_on_the_circle(score):
    # exp(a cos s) exp(b cos(t - s)) is a von Mises law of concentration |a + b e^(it)|
    eps, a, b = 0.2, 1.5, 1 / (2 * 0.2)
    p = density(manifold("circle"), f"exp({a}*x)")
    tokens, u = population(p, eps, score), np.array([[0.4], [2.0], [5.0]])
    towards = a + b * np.exp(1j * u[:, 0])
    ratio = ive(1, abs(towards)) / ive(0, abs(towards))
    expected = ratio * towards / abs(towards)
    found = tokens.attend(tokens.x, u)
    assert np.allclose(found[:, 0] + 1j * found[:, 1], expected, atol=1e-12)
    log_partition = np.log(ive(0, abs(towards)) / ive(0, a)) + abs(towards) - a
    # the squared distance is b (1 - cos) over eps, the dot product -b cos
    shift = b if score.form == "squared_distance" else 0.0
    assert np.allclose(tokens.log_partition(u), log_partition - shift, atol=1e-12)


def test_a_kernel_in_blocks_is_the_kernel(monkeypatch):
    p = density(manifold("torus"), "exp(x/6)")
    tokens = population(p, 0.3)
    whole = tokens.attend(tokens.x)
    monkeypatch.setattr(population_, "_PAIRS", 5 * len(tokens.x))
    assert np.allclose(tokens.attend(tokens.x), whole, rtol=0, atol=1e-14)


def test_a_score_that_is_not_symmetric_attends_from_queries_to_keys():
    def skewed(x, y):
        return (x[0] - y[1]) ** 2 + 0.3 * x[1] * y[0]

    p, eps = density(manifold("circle")), 0.5
    tokens = population(p, eps, user_function(skewed), nodes=60)
    query = p.manifold.embed(np.array([[0.7]]))[0]
    weights = np.exp(-np.array([skewed(query, y) for y in tokens.x]) / eps)
    swapped = np.exp(-np.array([skewed(y, query) for y in tokens.x]) / eps)
    found = tokens.attend(tokens.x, np.array([[0.7]]))[0]
    assert np.allclose(found, weights @ tokens.x / weights.sum(), atol=1e-12)
    assert not np.allclose(found, swapped @ tokens.x / swapped.sum(), atol=1e-2)


def test_clock_and_drift_tend_to_theirs():
    p = density(manifold("circle"), "exp(x/2 + y/4)")
    levels = np.array([clock_and_drift(p, eps) for eps in (0.02, 0.01, 0.005)])
    clock, drift = levels[:, 0] / (0.02, 0.01, 0.005), levels[:, 1]
    for values, limit in ((clock, 1.0), (drift, 2.0)):
        first = 2 * values[1:] - values[:-1]
        assert (4 * first[1] - first[0]) / 3 == pytest.approx(limit, abs=2e-3)
    # at a finite temperature the drift is far from its limit: "How to measure"
    assert 2 - drift[0] > 0.05


def test_least_squares_are_weighted_by_mass():
    rng = np.random.default_rng(0)
    terms = rng.standard_normal((2, 30, 4))
    response = 3 * terms[0] + 0.5 * terms[1]
    response[20:] += 1.0
    mass = np.where(np.arange(30) < 20, 1.0, 0.0)
    assert np.allclose(least_squares(response, terms, mass), [3, 0.5])
    assert not np.allclose(least_squares(response, terms, np.ones(30)), [3, 0.5], atol=0.01)


def test_nodes_that_do_not_resolve_the_density_are_refused():
    p = density(manifold("circle"), "exp(40*x)")
    with pytest.raises(InputError, match="nodes: the density integrates to"):
        population(p, 0.1, nodes=5)
    with pytest.raises(InputError, match="temperature: got 1e-09 on sphere, expected at least"):
        population(density(manifold("sphere")), 1e-9)
