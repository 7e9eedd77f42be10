"""Moving tokens: each formula against its definition, with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from theory.moving_tokens import (
    density_terms,
    gaussian_widths,
    sphere_radii,
    sphere_radius_squared,
    velocity_terms,
)
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.quadrature import chart_quadrature


def test_mean_curvature_of_a_sphere_points_inwards_and_the_drift_along_it():
    m = manifold("sphere(radius=2)")
    p, u = density(m, "exp(z)"), chart_quadrature(m, (6, 6))[0]
    normal, tangential = velocity_terms(p)(u)
    x = m.embed(u)
    assert np.abs(normal + 2 * x / 4).max() < 1e-12
    # the mean, not the trace, of the principal curvatures
    assert np.abs(normal + x / 4).max() > 0.1
    assert np.abs(tangential - (np.eye(3)[2] - x * x[:, 2:] / 4)).max() < 1e-12
    curvature, bending = density_terms(p)(u)
    assert np.abs(curvature - 1).max() < 1e-12
    assert np.abs(bending + 2 * x[:, 2] / 4).max() < 1e-12


def test_density_following_a_token_is_the_divergence_of_its_velocity():
    """d log p/dt = -g^ab <dX/du^a, dV/du^b>, by differences, on an ellipse."""
    m = manifold("ellipse(a=2, b=1)")
    p, h = density(m, "exp(x/2 + y/4)"), 1e-5
    u = np.linspace(0.1, 6.0, 30)[:, None]
    normal, tangential = velocity_terms(p)(np.vstack([u - h, u + h]))
    velocity = (normal + 2 * tangential).reshape(2, len(u), 2)
    slope = np.diff(velocity, axis=0)[0] / (2 * h)
    rate = -(m.jacobian(u)[:, :, 0] * slope).sum(axis=1) * m.inverse_metric(u)[:, 0, 0]
    curvature, bending = density_terms(p)(u)
    assert np.abs(rate - (curvature - 2 * bending)).max() < 1e-6
    assert np.abs(rate + 2 * bending).max() > 0.5


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_spheres_solve_the_mean_curvature_flow(dim):
    flow = solve_ivp(lambda t, r: -dim / r, (0, 0.1), [1.3], rtol=1e-10, atol=1e-12)
    assert abs(sphere_radius_squared(1.3, dim, 0.1) - flow.y[0, -1] ** 2) < 1e-8
    stepped = sphere_radii(1.3, dim, 0.1 / 400, 400)[-1] ** 2
    assert abs(stepped - sphere_radius_squared(1.3, dim, 0.1)) < 2e-3
    assert abs(stepped - sphere_radius_squared(1.3, dim, 0.11)) > 1e-2
    with pytest.raises(InputError):
        sphere_radius_squared(1.3, dim, 10.0)


def test_widths_of_gaussian_tokens_by_quadrature():
    s, eps, x = 0.8, 0.1, 0.9
    weight = [
        quad(lambda y, k=k: y**k * np.exp(-(y**2) / (2 * s**2) - (x - y) ** 2 / (4 * eps)), -9, 9)
        for k in (1, 0)
    ]
    assert gaussian_widths(s, eps, 1)[1] == pytest.approx(s * weight[0][0] / weight[1][0] / x)
    assert gaussian_widths(s, eps / 2, 1)[1] != pytest.approx(s * weight[0][0] / weight[1][0] / x)
