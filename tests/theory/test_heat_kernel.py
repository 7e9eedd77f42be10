"""Transition densities: against sums in closed form, and against the equation they solve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import eval_legendre

from theory import heat_kernel
from theory.heat_kernel import has_modes, transition_density
from theory.pde import evolve
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density

TIME = 0.3


def test_uniform_sphere_is_the_sum_of_legendre_polynomials():
    m = manifold("sphere")
    u, x = m._probe_points(), np.array([[1.1, 0.4]])
    cosine = m.embed(u) @ m.embed(x)[0]
    terms = [
        (2 * k + 1) / (4 * np.pi) * np.exp(-k * (k + 1) * TIME) * eval_legendre(k, cosine)
        for k in range(40)
    ]
    assert np.allclose(transition_density(density(m), TIME, x, u), np.sum(terms, axis=0), atol=1e-9)


def test_flat_torus_is_the_product_of_wrapped_gaussians():
    m = manifold("flat_torus")
    u, x = m._probe_points(), np.array([[0.3, 2.0]])
    lag = (u - x)[:, :, None] + 2 * np.pi * np.arange(-8, 9)
    wrapped = np.exp(-(lag**2) / (4 * TIME)).sum(axis=2) / np.sqrt(4 * np.pi * TIME)
    found = transition_density(density(m), TIME, x, u)
    assert np.allclose(found, wrapped.prod(axis=1), atol=1e-6)
    # and it does not depend on p without a drift
    p = density(m, "exp(x1/2 + x4/3)")
    assert np.allclose(transition_density(p, TIME, x, u, 0.0), found, atol=1e-6)


@pytest.mark.parametrize("name", ["circle", "ellipse", "torus", "sphere"])
@pytest.mark.parametrize("drift", [2.0, 0.0])
def test_it_averages_features_as_the_equation_does(name, drift):
    p = reference_density(name)
    m, formula = p.manifold, p.manifold.embedding[0]
    x = m._probe_points()[3:4]
    u, volume = chart_quadrature(m, 64)
    kernel = transition_density(p, TIME, x, u, drift)
    expected = evolve(p, formula, [TIME], drift_coefficient=drift).at(x)[0, 0]
    assert volume @ kernel == pytest.approx(1.0, abs=1e-6)
    assert volume @ (kernel * m.function(formula)(u)) == pytest.approx(expected, abs=2e-3)


def test_detailed_balance_holds_for_p_squared_and_for_no_other_power():
    p = reference_density("sphere")
    x, y = np.array([[1.0, 0.5]]), np.array([[1.7, 0.1]])
    there, back = (transition_density(p, TIME, a, b)[0] for a, b in ((x, y), (y, x)))
    ratio = (p(y) / p(x))[0]
    assert there / back == pytest.approx(ratio**2, rel=1e-9)
    assert ratio**2 != pytest.approx(ratio, rel=0.1)


def test_more_modes_change_nothing_that_is_seen(monkeypatch):
    p, x = reference_density("circle"), np.array([[1.0]])
    u = p.manifold._probe_points()
    found = transition_density(p, TIME, x, u)
    monkeypatch.setattr(heat_kernel, "DECAY", 40.0)
    assert np.allclose(found, transition_density(p, TIME, x, u), atol=1e-5)


def test_manifolds_without_known_modes_are_named():
    m = manifold("sphere(radius=2)")
    assert not has_modes(m) and has_modes(manifold("torus"))
    with pytest.raises(InputError, match="unit sphere or periodic axes"):
        transition_density(density(m), TIME, np.ones((1, 2)), np.ones((1, 2)))
    with pytest.raises(InputError, match="time"):
        transition_density(density(manifold("sphere")), 0.0, np.ones((1, 2)), np.ones((1, 2)))
