"""Relaxation on a curve: closed forms on the circle, and the stationary state of another method."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from theory.currents import stationary_state
from theory.relaxation import relaxation
from theory.setting.checks import InputError
from theory.setting.references import reference_density
from theory.setting.scores import bilinear
from theory.spectral import fourier_derivative

UNIFORM = reference_density("circle", "uniform")
TIMES = np.linspace(0, 1.2, 61)


def test_the_heat_equation_on_the_circle():
    found = relaxation(UNIFORM, [0], "1 + 0.6*x", "y", TIMES)
    assert np.allclose(found.dirichlet_energy, np.exp(-2 * TIMES) / 2, rtol=1e-9)
    for k in (0, 20, 60):
        a = 0.6 * np.exp(-TIMES[k])

        def entropy(u, a=a):
            return (1 + a * np.cos(u)) * np.log(1 + a * np.cos(u)) / (2 * np.pi)

        def rate(u, a=a):
            return (a * np.sin(u)) ** 2 / (1 + a * np.cos(u)) / (2 * np.pi)

        assert found.relative_entropy[k] == pytest.approx(quad(entropy, 0, 2 * np.pi)[0], rel=1e-8)
        assert found.entropy_rate[k] == pytest.approx(quad(rate, 0, 2 * np.pi)[0], rel=1e-8)


def test_without_a_current_all_entropy_produced_is_lost_by_the_measure():
    p = reference_density("ellipse(a=1.5)")
    found = relaxation(p, [0], "exp(x1 - x2)", "x1", TIMES)
    fall = -np.gradient(found.relative_entropy, TIMES, edge_order=2)
    assert np.allclose(found.entropy_rate[2:-2], fall[2:-2], rtol=5e-3)
    # the control of the figure is another equation
    half = relaxation(p, [0], "exp(x1 - x2)", "x1", TIMES, drift_coefficient=1.0)
    assert abs(half.entropy_rate[0] / found.entropy_rate[0] - 1) > 0.1


def test_a_steady_rotation_produces_the_square_of_its_force():
    found = relaxation(UNIFORM, [0.4], "1", "x", TIMES)
    assert np.allclose(found.entropy_rate, 4 * 0.4**2)
    # features turn and decay
    assert np.allclose(found.dirichlet_energy, np.exp(-2 * TIMES) / 2, rtol=1e-9)


def test_the_last_rate_is_that_of_the_stationary_state():
    p, w = reference_density("ellipse(a=1.5)"), np.array([[0.3, 0.6], [-0.4, 0.1]])
    force = [-e for e in bilinear(w).key_slope(p.manifold)]
    found = relaxation(p, force, "exp(x1)", "x2", np.linspace(0, 12, 25))
    assert found.entropy_rate[-1] == pytest.approx(
        stationary_state(p, force).entropy_rate, rel=1e-4
    )
    assert np.all(np.diff(found.relative_entropy[:12]) < 0)


def test_the_derivative_of_waves_is_exact():
    u = 3 * np.arange(11) / 11
    wave = 2 * np.pi / 3
    derivative = fourier_derivative(11, 3.0) @ np.sin(4 * wave * u)
    assert np.allclose(derivative, 4 * wave * np.cos(4 * wave * u))


@pytest.mark.parametrize(
    ("p", "times", "message"),
    [
        (reference_density("sphere"), [0.0, 1.0], "manifold: got sphere"),
        (UNIFORM, [0.5, 1.0], "times: got"),
        (UNIFORM, [0.0, 1.0, 3.0], "times: got"),
    ],
)
def test_bad_input_is_refused(p, times, message):
    with pytest.raises(InputError, match=message):
        relaxation(p, [0], "1", "x", times)
