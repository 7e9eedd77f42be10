"""Spectra without closed forms: against the symbolic generator, and against Bessel functions."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.special import iv

from theory.limits import generator
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.spectrum import curve_spectrum, fourier_basis, population_spectrum


def test_population_spectrum_is_that_of_bessel_functions_where_p_is_uniform():
    eps = 0.1
    ratios = iv(np.array([0, 1, 1, 2, 2, 3, 3]), 1 / (2 * eps)) / iv(0, 1 / (2 * eps))
    found = population_spectrum(density(manifold("circle")), eps, 7)
    assert np.allclose(found, ratios, atol=1e-13)
    warmer = population_spectrum(density(manifold("circle")), 1.03 * eps, 7)
    assert not np.allclose(warmer, ratios, atol=1e-3)


@pytest.mark.parametrize(("alpha", "power"), [(0.0, 2.0), (0.5, 1.0), (1.0, 0.0)])
def test_population_spectrum_tends_to_that_of_the_generator(alpha, power):
    p = density(manifold("circle"), "exp(x/2 + x*y/2)")
    limit = curve_spectrum(p, 4, power)[0][1:]
    rates = [(1 - population_spectrum(p, e, 4, alpha=alpha)[1:]) / e for e in (0.01, 0.005)]
    assert np.allclose(2 * rates[1] - rates[0], limit, rtol=2e-3)
    assert not np.allclose(
        2 * rates[1] - rates[0], curve_spectrum(p, 4, power + 1)[0][1:], rtol=0.1
    )


def test_curve_spectrum_against_the_symbolic_generator():
    p = density(manifold("ellipse(a=2, b=1)"), "exp(x/3 + x*y/4)")
    values, vectors = curve_spectrum(p, 4)
    u, t, modes = np.linspace(0.1, 6.1, 11)[:, None], p.manifold.symbols[0], len(vectors) // 2
    waves = range(1, modes + 1)
    names = [sp.Integer(1), *(sp.cos(k * t) for k in waves), *(sp.sin(k * t) for k in waves)]
    keep = np.flatnonzero(np.abs(vectors[:, 1]) > 1e-8)
    image = sum(vectors[k, 1] * p.manifold.function(generator(p, names[k]))(u) for k in keep)
    value = fourier_basis(p.manifold.axes[0], u, modes)[0] @ vectors[:, 1]
    assert np.allclose(image, -values[1] * value, atol=1e-4)
    assert not np.allclose(image, -1.1 * values[1] * value, atol=1e-2)
    uniform = curve_spectrum(density(manifold("circle(radius=2)")), 5)[0]
    assert np.allclose(uniform, [0, 0.25, 0.25, 1, 1], atol=1e-10)
    with pytest.raises(InputError, match="expected a closed curve"):
        curve_spectrum(density(manifold("sphere")), 3)
