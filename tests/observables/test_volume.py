"""Derivatives and volume elements on periodic grids, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.observables.volume import fourier_derivative, volume_element
from theory.setting.checks import InputError
from theory.setting.manifolds import manifold
from theory.setting.quadrature import chart_quadrature


def test_fourier_derivative_is_exact_on_waves():
    u = np.arange(15) * 3.0 / 15
    waves = 2 * np.pi * np.array([7, 1]) * u[:, None] / 3
    values = np.stack([np.sin(waves[:, 0]), np.cos(waves[:, 1])], axis=1)
    slopes = np.stack([7 * np.cos(waves[:, 0]), -np.sin(waves[:, 1])], axis=1) * 2 * np.pi / 3
    assert np.abs(fourier_derivative(values, 3.0) - slopes).max() < 1e-12
    with pytest.raises(InputError, match="odd"):
        fourier_derivative(values[:14], 3.0)


def test_volume_element_is_that_of_the_manifold():
    m = manifold("torus")
    u, _ = chart_quadrature(m, (25, 19))
    lengths = [axis.length for axis in m.axes]
    found = volume_element(m.embed(u), (25, 19), lengths)
    assert np.abs(found - m.volume(u)).max() < 1e-12
    assert np.abs(volume_element(m.embed(u), (19, 25), lengths) - m.volume(u)).max() > 0.1
