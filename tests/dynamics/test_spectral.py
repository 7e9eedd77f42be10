"""Evolution in smooth functions: against closed forms and SciPy's exponential."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from simulations.dynamics.spectral import galerkin, spectral_solution, trial_functions
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

TIME = 0.3


@pytest.mark.parametrize(
    ("spec", "formula", "rate"),
    [
        ("circle(radius=2)", "sin(3*t)", 9 / 4),
        ("flat_torus(dim=2)", "sin(u1 + 2*u2)", 5),
        ("sphere", "x*y*z", 12),
        ("sphere(radius=0.5)", "x*y", 24),
    ],
)
def test_eigenfunctions_decay_at_their_rates(spec, formula, rate):
    m = manifold(spec)
    u = m._probe_points()
    found = galerkin(density(m), [formula], TIME, u, 8)[:, 0]
    start = m.function(formula)(u)
    assert np.abs(found - start * np.exp(-rate * TIME)).max() < 1e-12
    assert np.abs(found - start * np.exp(-1.1 * rate * TIME)).max() > 1e-6


def test_a_density_pulls_as_scipy_says():
    """On the circle L = d^2/dt^2 + 2 (log p)' d/dt: a matrix in Fourier modes, its exponential."""
    m, degree = manifold("circle"), 30
    p = density(m, "exp(cos(t)/2)")
    modes = np.arange(-degree, degree + 1)
    # (log p)' = -sin(t)/2, so 2 (log p)' d/dt takes e^ikt to -(e^(i(k+1)t) - e^(i(k-1)t)) k/2
    generator = np.diag(-(modes**2.0)) - np.diag(modes[:-1] / 2, -1) + np.diag(modes[1:] / 2, 1)
    start = np.where(modes == 1, 0.5, 0) + np.where(modes == -1, 0.5, 0)
    u = np.linspace(0, 6, 25)[:, None]
    truth = (np.exp(1j * u * modes) @ expm(TIME * generator) @ start).real
    found = galerkin(p, ["cos(t)"], TIME, u, degree)[:, 0]
    assert np.abs(found - truth).max() < 1e-12
    other = galerkin(density(m, "exp(0.55*cos(t))"), ["cos(t)"], TIME, u, degree)[:, 0]
    assert np.abs(other - truth).max() > 1e-3


@pytest.mark.parametrize("spec", ["ellipse", "torus", "sphere(radius=2)"])
def test_derivatives_of_trial_functions_are_differences(spec):
    m = manifold(spec)
    u, h = m._probe_points(), 1e-6
    _, slopes = trial_functions(m, u, 4)
    for k, slope in enumerate(slopes):
        step = h * np.eye(m.dim)[k]
        above, below = (trial_functions(m, u + s * step, 4)[0] for s in (1, -1))
        assert np.abs(slope - (above - below) / (2 * h)).max() < 1e-7


def test_the_degree_rises_until_nothing_changes():
    m = manifold("ellipse")
    u = m._probe_points()
    smooth = spectral_solution(density(m), ["x"], TIME, u)
    sharp = spectral_solution(density(m, "exp(3*x/2)"), ["x"], TIME, u)
    assert sharp.degree > smooth.degree
    truth = galerkin(density(m, "exp(3*x/2)"), ["x"], TIME, u, 2 * sharp.degree)
    assert np.abs(sharp.values - truth).max() < 1e-9 * np.ptp(truth)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: spectral_solution(density(manifold("sphere3")), ["x1"], 1.0, [[1, 1, 1]]),
            "curve or surface",
        ),
        (
            lambda: spectral_solution(density(manifold("interval")), ["u"], 1.0, [[0.5]]),
            "curve or surface",
        ),
        (
            lambda: spectral_solution(density(manifold("circle")), ["x"], -1.0, [[0.5]]),
            "time: got -1",
        ),
        (
            lambda: spectral_solution(
                density(manifold("circle"), "exp(12*x)"), ["x"], 1.0, [[0.5]]
            ),
            "expected less contrast",
        ),
        (
            lambda: spectral_solution(
                density(manifold("circle"), "1 + exp(-90000*(1 - cos(t)))"), ["x"], 1e-3, [[0.01]]
            ),
            "expected a smoother density",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
