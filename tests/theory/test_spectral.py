"""Fourier and harmonics as predictions: against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.spectral import fourier_evolution, harmonic_evolution


def test_harmonics_know_their_eigenvalues():
    m = manifold("sphere")
    u = m._probe_points()
    out = harmonic_evolution(density(m), "x*y*z", [0.3], u, degree=6)[0]
    assert np.allclose(out, m.function("x*y*z")(u) * np.exp(-12 * 0.3), atol=1e-12)
    assert not np.allclose(out, m.function("x*y*z")(u) * np.exp(-13 * 0.3), atol=1e-3)


def test_fourier_knows_its_eigenvalues():
    m, u = manifold("circle(radius=2)"), np.linspace(0, 6, 20)[:, None]
    out = fourier_evolution(density(m), "sin(3*t)", [0.4], u)[0]
    assert np.allclose(out, np.sin(3 * u[:, 0]) * np.exp(-9 / 4 * 0.4), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda p: fourier_evolution(p, "x", [1.0], np.ones((1, 1)), nodes=20),
            "expected an odd number",
        ),
        (lambda p: harmonic_evolution(p, "x", [1.0], np.ones((1, 2))), "expected sphere"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call(density(manifold("circle")))
