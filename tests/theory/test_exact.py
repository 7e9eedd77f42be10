"""Closed spectra against one-dimensional integrals by SciPy; each with a wrong value that fails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_hermitenorm

from theory.exact import (
    clifford_torus_eigenvalues,
    gaussian_line_decay,
    gaussian_line_stationary_variance,
    sphere_eigenvalues,
    sphere_laplacian_eigenvalues,
    sphere_multiplicities,
)


def test_sphere_eigenvalues_by_quadrature_of_the_funk_hecke_formula():
    # mu_l = int P_l(c) e^(z c) dc/int e^(z c) dc on S^2, cos(l t) on S^1
    radius, temperature = 1.7, 0.6
    z = radius**2 / temperature
    found = sphere_eigenvalues(2, radius, temperature, 4)
    bottom = quad(lambda c: np.exp(z * (c - 1)), -1, 1)[0]
    for degree in range(4):
        legendre = np.polynomial.legendre.Legendre.basis(degree)
        top = quad(lambda c, f=legendre: f(c) * np.exp(z * (c - 1)), -1, 1)[0]
        assert found[degree] == pytest.approx(top / bottom, rel=1e-9)
    top, bottom = (
        quad(lambda t, k=k: np.cos(k * t) * np.exp(z * (np.cos(t) - 1)), 0, np.pi)[0]
        for k in (3, 0)
    )
    assert sphere_eigenvalues(1, radius, temperature, 4)[3] == pytest.approx(top / bottom, rel=1e-9)
    wrong = sphere_eigenvalues(1, 1.1 * radius, temperature, 4)[3]
    assert wrong != pytest.approx(top / bottom, rel=1e-2)


def test_multiplicities_and_laplacian_eigenvalues():
    assert sphere_multiplicities(1, 5).tolist() == [1, 2, 2, 2, 2]
    assert sphere_multiplicities(2, 5).tolist() == [1, 3, 5, 7, 9]
    assert sphere_multiplicities(3, 4).tolist() == [1, 4, 9, 16]
    assert sphere_laplacian_eigenvalues(2, 2.0, 4).tolist() == [0.0, 0.5, 1.5, 3.0]
    values, counts = clifford_torus_eigenvalues(0.1, 3)
    assert counts[:4].tolist() == [1, 4, 4, 4] and (np.diff(values) < 0).all()


def test_gaussian_line_by_one_dimensional_integrals():
    s, eps, x = 1.4, 0.2, 0.8

    def weight(y):
        return np.exp(-((x - y) ** 2) / (4 * eps) - y**2 / (2 * s**2))

    def hermite(y, k):
        return eval_hermitenorm(k, y / np.sqrt(gaussian_line_stationary_variance(s, eps)))

    for k in range(1, 5):
        top = quad(lambda y, k=k: hermite(y, k) * weight(y), -12, 12)[0]
        average, here = top / quad(weight, -12, 12)[0], hermite(x, k)
        assert average == pytest.approx(gaussian_line_decay(s, eps) ** k * here, rel=1e-8)
        assert average != pytest.approx(gaussian_line_decay(s, 1.1 * eps) ** k * here, rel=1e-2)
    assert gaussian_line_stationary_variance(s, 1e-9) == pytest.approx(s**2 / 2, rel=1e-8)
