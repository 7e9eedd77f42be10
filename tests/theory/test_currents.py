"""The stationary state of a force: closed forms, and a chain in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from theory.chains import entropy_rate, invariant_law, softmax_chain
from theory.currents import rotation_entropy_rate, stationary_state
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.heads import symmetric_and_rotation
from theory.setting.manifolds import circle, flat_torus, interval, sphere, sphere3
from theory.setting.scores import bilinear

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def force(m, matrix):
    return tuple(-e for e in bilinear(matrix).key_slope(m))


def test_a_tilt_is_known_and_without_current():
    m = sphere()
    p, s = density(m, "exp(x/3 + z/3)"), symmetric_and_rotation(W)[0] / 4
    state = stationary_state(p, force(m, s), 7)
    u = state.nodes
    x = m.embed(u)
    tilted = p(u) ** 2 * np.exp(np.einsum("na,ab,nb->n", x, s, x))
    tilted /= state.weights @ tilted
    assert np.allclose(state.density(u), tilted, rtol=1e-3)
    assert state.entropy_rate < 1e-5 < state.entropy_bound
    untilted = p(u) ** 2 / (state.weights @ p(u) ** 2)
    assert not np.allclose(state.density(u), untilted, rtol=1e-2)


def test_rate_of_a_rotation_of_uniform_tokens():
    k = symmetric_and_rotation(W)[1]
    state = stationary_state(density(sphere()), force(sphere(), k), 4)
    assert state.entropy_rate == pytest.approx(rotation_entropy_rate(k), rel=1e-10)
    assert state.entropy_bound == pytest.approx(state.entropy_rate, rel=1e-10)
    with pytest.raises(InputError, match="antisymmetric"):
        rotation_entropy_rate(W)


def test_a_constant_force_on_a_flat_torus():
    """Uniform tokens, b = (c, 0): rho uniform, J = 2 c rho, so that the rate is 4 c^2."""
    state = stationary_state(density(flat_torus(2)), (0.3, 0))
    assert state.entropy_rate == pytest.approx(4 * 0.3**2, rel=1e-9)


def test_the_current_of_a_curve_is_constant():
    """In one dimension div J = 0 means that J does not vary: here by quadrature of the equation."""
    p, c = density(circle(), "exp(x/2)"), 0.4
    state = stationary_state(p, (c,))
    u = np.linspace(0, 2 * np.pi, 7)[:, None]
    current = state.current(u)[:, 0]
    assert np.ptp(current) < 1e-7
    # rho = e^V (a - J int_0^t e^-V), V = 2 log p + 2 c t, periodic: J/a = (1 - e^(-4 pi c))/int e^-V
    t = np.linspace(0, 2 * np.pi, 20_001)
    potential = np.cos(t) + 2 * c * t
    inner = np.concatenate([[0], np.cumsum((np.exp(-potential[1:]) + np.exp(-potential[:-1])) / 2)])
    inner *= t[1]
    ratio = (1 - np.exp(-4 * np.pi * c)) / inner[-1]
    rho = np.exp(potential) * (1 - ratio * inner)
    assert current[0] == pytest.approx(ratio / np.trapezoid(rho, t), rel=1e-6)


@pytest.mark.parametrize("m", [interval(), sphere3()])
def test_other_manifolds_are_refused(m):
    with pytest.raises(InputError, match="closed"):
        stationary_state(density(m), (0,) * m.dim)


def test_too_low_a_degree_is_refused():
    with pytest.raises(InputError, match="raise the degree"):
        stationary_state(density(sphere(), "exp(2*x)"), force(sphere(), 2 * W), 2)


def test_chain_of_three_states():
    scores = -np.log(np.array([[0.1, 0.6, 0.3], [0.3, 0.1, 0.6], [0.6, 0.3, 0.1]]))
    p = softmax_chain(scores, 1.0, np.ones(3))
    assert np.allclose(p, np.exp(-scores))
    law = invariant_law(p)
    assert np.allclose(law, 1 / 3)
    assert entropy_rate(p, law) == pytest.approx(0.3 * np.log(2))
