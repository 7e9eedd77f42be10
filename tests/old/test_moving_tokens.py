"""Moving tokens: the mechanism against its definition, and each formula with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from simulations.dynamics.evolve import evolve_tokens
from simulations.tokens.sampling import quadrature_tokens
from simulations.observables.volume import fourier_derivative, volume_element
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.moving_tokens import density_terms, gaussian_widths, sphere_radii, sphere_radius_squared, velocity_terms
from theory.setting.pseudo_metrics import squared_distance
from theory.setting.quadrature import chart_quadrature

GAUSSIAN = squared_distance(0.25)


def naive_step(x, eps, weights):
    kernel = weights * np.exp(-((x[:, None] - x[None]) ** 2).sum(axis=2) / (4 * eps))
    return kernel @ x / kernel.sum(axis=1, keepdims=True)


def test_tokens_move_by_their_own_attention():
    rng = np.random.default_rng(5)
    x, weights = rng.standard_normal((40, 2)), rng.random(40)
    first = naive_step(x, 0.3, weights)
    path = evolve_tokens(x, GAUSSIAN, 0.3, [0, 1, 2], weights=weights)
    assert np.abs(path - [x, first, naive_step(first, 0.3, weights)]).max() < 1e-13
    # keys that stay behind are another map
    assert np.abs(path[2] - naive_step(x, 0.3, weights)).max() > 1e-2


def test_quadrature_tokens_keep_their_weights():
    tokens = quadrature_tokens(density(manifold("circle"), "exp(x)"), 24)
    moved = evolve_tokens(tokens, GAUSSIAN, 0.1, [1])[0]
    assert np.abs(moved - naive_step(tokens.points, 0.1, tokens.weights)).max() < 1e-13
    assert np.abs(moved - evolve_tokens(tokens.points, GAUSSIAN, 0.1, [1])[0]).max() > 1e-2


def test_a_flat_circle_has_no_beginning():
    x = np.random.default_rng(6).random((30, 1))
    move = evolve_tokens(x, GAUSSIAN, 1e-3, [3], period=1.0)[0] - x
    turned = (x + 0.37) % 1.0
    assert np.abs(evolve_tokens(turned, GAUSSIAN, 1e-3, [3], period=1.0)[0] - turned - move).max() < 1e-12
    assert np.abs(evolve_tokens(turned, GAUSSIAN, 1e-3, [3])[0] - turned - move).max() > 1e-3


@pytest.mark.parametrize(
    "change", [{"period": -1.0}, {"temperature": 0.1}, {"tokens": np.zeros((3, 2))}, {"tokens": [[0.0], [1.2]]}, {"tokens": [[0.0]]},
               {"steps": [2, 1]}, {"weights": np.ones(4)}],
)  # fmt: skip
def test_unusable_input_is_refused(change):
    arguments = {"tokens": [[0.1], [0.4], [0.8]], "pseudo_metric": GAUSSIAN, "temperature": 1e-3, "steps": [1], "period": 1.0}
    evolve_tokens(**arguments)
    with pytest.raises(InputError):
        evolve_tokens(**(arguments | change))


def test_fourier_derivative_is_exact_on_waves():
    u = np.arange(15) * 3.0 / 15
    wave = np.stack([np.sin(2 * np.pi * 7 * u / 3), np.cos(2 * np.pi * u / 3)], axis=1)
    slope = 2 * np.pi / 3 * np.stack([7 * np.cos(2 * np.pi * 7 * u / 3), -np.sin(2 * np.pi * u / 3)], axis=1)
    assert np.abs(fourier_derivative(wave, 3.0) - slope).max() < 1e-12
    with pytest.raises(InputError, match="odd"):
        fourier_derivative(wave[:14], 3.0)


def test_volume_element_is_that_of_the_manifold():
    m = manifold("torus")
    u, _ = chart_quadrature(m, (25, 19))
    lengths = [axis.length for axis in m.axes]
    assert np.abs(volume_element(m.embed(u), (25, 19), lengths) - m.volume(u)).max() < 1e-12
    assert np.abs(volume_element(m.embed(u), (19, 25), lengths) - m.volume(u)).max() > 0.1


def test_mean_curvature_of_a_sphere_points_inwards_and_the_drift_along_it():
    m = manifold("sphere(radius=2)")
    p, u = density(m, "exp(z)"), chart_quadrature(m, (6, 6))[0]
    normal, tangential = velocity_terms(p)(u)
    x = m.embed(u)
    assert np.abs(normal + 2 * x / 4).max() < 1e-12
    assert np.abs(normal + x / 4).max() > 0.1  # the mean, not the trace, of the principal curvatures
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
    slope = np.diff((normal + 2 * tangential).reshape(2, len(u), 2), axis=0)[0] / (2 * h)
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


def test_gaussian_tokens_stay_gaussian():
    tokens = quadrature_tokens(density(manifold("line"), "exp(-u**2/8)"), 160)
    path = evolve_tokens(tokens, GAUSSIAN, 0.4, range(4))[:, :, 0]
    ratio = gaussian_widths(2.0, 0.4, 3) / 2.0
    middle = np.abs(path[0]) < 8
    assert np.abs(path[:, middle] / path[0, middle] - ratio[:, None]).max() < 1e-12
    assert np.abs(gaussian_widths(2.0, 0.2, 3) / 2.0 - ratio).max() > 0.1
