"""Closed spectra, the eigenvalue solver, multiplicities and the depth of collapse: each with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from simulations.attention import AttentionOperator
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.observables.spectrum import collapse, group_by_gaps, leading_eigenpairs, spread
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.exact import (
    clifford_torus_eigenvalues,
    collapse_depth,
    curve_spectrum,
    fourier_basis,
    gaussian_line_decay,
    gaussian_line_eigenfunctions,
    gaussian_line_stationary_variance,
    sphere_eigenvalues,
    sphere_laplacian_eigenvalues,
    sphere_mean_kernel,
    sphere_multiplicities,
)
from theory.limits import generator
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import mahalanobis, squared_distance


def rng():
    return np.random.default_rng(5)


def test_sphere_eigenvalues_by_quadrature_of_the_funk_hecke_formula():
    # mu_l = int P_l(c) e^(z c) dc/int e^(z c) dc on S^2, cos(l t) on S^1
    z, radius, temperature = 1.7**2 / 0.6, 1.7, 0.6
    for degree in range(4):
        legendre = np.polynomial.legendre.Legendre.basis(degree)
        top, bottom = (quad(lambda c, f=f: f(c) * np.exp(z * (c - 1)), -1, 1)[0] for f in (legendre, lambda c: 1.0))
        assert sphere_eigenvalues(2, radius, temperature, 4)[degree] == pytest.approx(top / bottom, rel=1e-9)
    top, bottom = (quad(lambda t, k=k: np.cos(k * t) * np.exp(z * (np.cos(t) - 1)), 0, np.pi)[0] for k in (3, 0))
    assert sphere_eigenvalues(1, radius, temperature, 4)[3] == pytest.approx(top / bottom, rel=1e-9)
    assert sphere_eigenvalues(1, 1.1 * radius, temperature, 4)[3] != pytest.approx(top / bottom, rel=1e-2)


def test_multiplicities_and_laplacian_eigenvalues():
    assert sphere_multiplicities(1, 5).tolist() == [1, 2, 2, 2, 2]
    assert sphere_multiplicities(2, 5).tolist() == [1, 3, 5, 7, 9]
    assert sphere_multiplicities(3, 4).tolist() == [1, 4, 9, 16]
    assert sphere_laplacian_eigenvalues(2, 2.0, 4).tolist() == [0.0, 0.5, 1.5, 3.0]
    values, counts = clifford_torus_eigenvalues(0.1, 3)
    assert counts[:4].tolist() == [1, 4, 4, 4] and (np.diff(values) < 0).all()


def test_mean_kernel_of_the_sphere():
    eps = 0.07
    assert sphere_mean_kernel(2, eps) == pytest.approx(eps * (1 - np.exp(-1 / eps)), rel=1e-12)
    mean = quad(lambda t: np.exp((np.cos(t) - 1) / (2 * eps)), 0, np.pi)[0] / np.pi
    assert sphere_mean_kernel(1, eps) == pytest.approx(mean, rel=1e-9)


def test_gaussian_line_by_one_dimensional_integrals():
    s, eps, x = 1.4, 0.2, 0.8

    def weight(y):
        return np.exp(-((x - y) ** 2) / (4 * eps) - y**2 / (2 * s**2))

    def hermite(y, k):
        return gaussian_line_eigenfunctions(np.atleast_1d(y), s, eps, 5)[0, k]

    for k in range(1, 5):
        average = quad(lambda y, k=k: hermite(y, k) * weight(y), -12, 12)[0] / quad(weight, -12, 12)[0]
        assert average == pytest.approx(gaussian_line_decay(s, eps) ** k * hermite(x, k), rel=1e-8)
        assert average != pytest.approx(gaussian_line_decay(s, 1.1 * eps) ** k * hermite(x, k), rel=1e-2)
    assert gaussian_line_stationary_variance(s, 1e-9) == pytest.approx(s**2 / 2, rel=1e-8)


def test_curve_spectrum_against_the_symbolic_generator():
    p = density(manifold("ellipse(a=2, b=1)"), "exp(x/3 + x*y/4)")
    values, vectors = curve_spectrum(p, 4)
    u = np.linspace(0.1, 6.1, 11)[:, None]
    t, k0 = p.manifold.symbols[0], 1
    modes = len(vectors) // 2
    names = [
        sp.Integer(1),
        *(sp.cos(k * t) for k in range(1, modes + 1)),
        *(sp.sin(k * t) for k in range(1, modes + 1)),
    ]
    keep = np.flatnonzero(np.abs(vectors[:, k0]) > 1e-8)
    image = sum(vectors[k, k0] * p.manifold.function(generator(p, names[k]))(u) for k in keep)
    value = fourier_basis(p.manifold, u, modes)[0] @ vectors[:, k0]
    assert np.allclose(image, -values[k0] * value, atol=1e-4)
    assert not np.allclose(image, -1.1 * values[k0] * value, atol=1e-2)
    uniform = curve_spectrum(density(manifold("circle(radius=2)")), 5)[0]
    assert np.allclose(uniform, [0, 0.25, 0.25, 1, 1], atol=1e-10)
    with pytest.raises(InputError, match="expected a closed curve"):
        curve_spectrum(density(manifold("sphere")), 3)


@pytest.mark.parametrize("n", [150, 700])
def test_leading_eigenpairs_against_the_dense_matrix(n):
    tokens = iid_tokens(density(manifold("sphere"), "exp(z)"), n, rng())
    operator = AttentionOperator(tokens, squared_distance(), 0.1)
    dense = operator @ np.eye(n)
    expected = np.sort(np.linalg.eigvals(dense).real)[::-1][:6]
    values, functions = leading_eigenpairs(operator, 6, rng())
    assert np.allclose(values, expected, atol=1e-10)
    assert np.allclose(operator @ functions, values * functions, atol=1e-8)
    pi = operator.stationary_law
    assert np.allclose(functions.T @ (pi[:, None] * functions), np.eye(6), atol=1e-8)
    assert not np.allclose(functions.T @ functions / n, np.eye(6), atol=1e-3)


def test_no_copy_of_a_degenerate_eigenvalue_is_missed():
    tokens = quadrature_tokens(density(manifold("sphere")), (20, 40))
    operator = AttentionOperator(tokens, squared_distance(), 0.1)
    expected = np.repeat(sphere_eigenvalues(2, 1.0, 0.2, 4), [1, 3, 5, 7])
    for seed in range(4):
        values = leading_eigenpairs(operator, 16, np.random.default_rng(seed))[0]
        assert np.allclose(values, expected, atol=1e-9)


def test_group_by_gaps():
    assert group_by_gaps([0.0, 2.1, 1.9, 2.0, 6.2, 5.9, 6.0, 6.1, 5.8], 3).tolist() == [1, 3, 5]
    assert group_by_gaps([0.0, 2.1, 1.9, 2.0, 6.2, 5.9, 6.0, 6.1, 5.8], 2).tolist() == [4, 5]
    with pytest.raises(InputError, match="n_groups: got 4 for 3"):
        group_by_gaps([1.0, 2.0, 3.0], 4)


def test_collapse_of_a_known_layer():
    h, weights = np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -0.5]]), np.full(3, 1 / 3)
    depth, spreads = collapse(lambda x: 0.8 * x + 0.2, h, weights, 1e-3)
    assert depth == pytest.approx(collapse_depth(0.8, 1e-3), rel=1e-10)
    assert depth != pytest.approx(collapse_depth(0.8**1.1, 1e-3), rel=1e-2)
    assert spreads[0] == 1.0 and spread(np.ones((3, 2)), weights) < 1e-15
    assert collapse_depth(0.8, 1e-3, share=0.25) == pytest.approx(collapse_depth(0.8, 2e-3), rel=1e-12)


def test_bad_input_is_named():
    tokens = iid_tokens(density(manifold("circle")), 30, rng())
    with pytest.raises(InputError, match="count: got 20 eigenvalues of 30 tokens"):
        leading_eigenpairs(AttentionOperator(tokens, squared_distance(), 0.5), 20, rng())
    skew = AttentionOperator(tokens, mahalanobis(np.eye(2)), 0.5, keys=tokens)
    with pytest.raises(InputError, match="stationary_law"):
        leading_eigenpairs(skew, 3, rng())
    with pytest.raises(InputError, match="collapse_depth: got decay 1.2"):
        collapse_depth(1.2, 0.1)
    with pytest.raises(InputError, match="factor: got 2"):
        collapse(lambda x: x, np.eye(3), np.full(3, 1 / 3), 2.0)
    with pytest.raises(InputError, match="after 5 layers"):
        collapse(lambda x: x, np.eye(3), np.full(3, 1 / 3), 0.5, most_layers=5)
