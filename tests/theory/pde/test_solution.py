"""`evolve` and `eigenvalues`: against closed forms and methods without a grid."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.dynamics.spectral import galerkin
from theory.pde import INTEGRATORS, Grid, drift_diffusion_operator, eigenvalues, evolve
from theory.pde.solution import integrate_to_tolerance
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import capped_surface, manifold
from theory.spectral import fourier_evolution, harmonic_evolution

ELLIPSOID = capped_surface(
    "ellipsoid", "(1.3*sin(theta)*cos(phi), 0.8*sin(theta)*sin(phi), cos(theta))"
)
CIRCLE = manifold("circle")


@pytest.mark.parametrize(
    ("m", "formula"),
    [(manifold("sphere"), "exp(x/2 + z/3)"), (ELLIPSOID, "exp(x/2)")],
    ids=["sphere", "ellipsoid, poles and full metric"],
)
def test_solution_has_order_two_through_poles(m, formula):
    """Truth: Galerkin's method in spherical harmonics of the chart."""
    p, u = density(m, formula), m._probe_points()
    truth = galerkin(p, ["x*z + y"], 0.1, u, 12)[:, 0]
    errors = {2.0: [], 2.2: []}
    for n in (16, 32, 64):
        grid = Grid(m, (n, 2 * n))
        start = grid.sample(m.function("x*z + y"))
        for drift, out in errors.items():
            operator = drift_diffusion_operator(grid, p, drift)
            h = integrate_to_tolerance(operator, start, [0.1], 1e-6)[0]
            error = grid.interpolate(h, u) - truth
            out.append(np.sqrt(np.mean(error**2)))
    assert 1.8 < np.log2(errors[2.0][-2] / errors[2.0][-1]) < 2.2, errors
    assert errors[2.2][-1] > 3 * errors[2.0][-1]


def test_three_sphere_decays_at_the_known_rate():
    m = manifold("sphere3")
    p, u = density(m), m._probe_points()
    exact = m.function("x1*x3 + x2*x4")(u) * np.exp(-8 * 0.1)
    errors = []
    for n in (8, 16):
        solution = evolve(p, "x1*x3 + x2*x4", [0.1], cells=(n, 2 * n, 2 * n), tolerance=1e-5)
        fine = solution.fine_grid.interpolate(solution.fine[0], u)
        errors.append(np.abs(fine - exact).max())
        assert np.abs(solution.at(u)[0] - exact).max() < errors[-1] / 4
    assert 1.8 < np.log2(errors[0] / errors[1]) < 2.2
    assert np.abs(solution.at(u)[0] - exact * np.exp(-0.08)).max() > 10 * errors[-1]


def test_fourier_agrees_with_finite_differences_on_a_curve():
    m = manifold("ellipse(a=2, b=1)")
    p, u = density(m, "exp(x/3 + y/4)"), np.linspace(0.1, 6.2, 40)[:, None]
    solution = evolve(p, "sin(2*t + 0.3)", [0.2, 0.5], cells=1024, tolerance=1e-9)
    truth = fourier_evolution(p, "sin(2*t + 0.3)", [0.2, 0.5], u)
    assert np.abs(solution.at(u) - truth).max() < 1e-7
    assert np.abs(solution.at(u) - truth).max() < solution.error(u)
    wrong = fourier_evolution(p, "sin(2*t + 0.3)", [0.2, 0.5], u, drift_coefficient=2.2)
    assert np.abs(solution.at(u) - wrong).max() > 1e-3


def test_harmonics_agree_with_finite_differences_on_the_sphere():
    m, h = manifold("sphere"), "sin(3*x/2) + cos(2*y)/2"
    p, u = density(m, "exp(x/2 + z/2)"), m._probe_points()
    found = evolve(p, h, [0.1], cells=(32, 64)).at(u)
    assert np.abs(found - harmonic_evolution(p, h, [0.1], u, degree=10)).max() < 1e-4
    wrong = harmonic_evolution(p, h, [0.1], u, degree=10, drift_coefficient=2.2)
    assert np.abs(found - wrong).max() > 1e-3


@pytest.mark.parametrize("scheme", INTEGRATORS)
def test_progress_of_two_grids_rises_to_one(scheme):
    seen = []
    evolve(density(CIRCLE), "x", [0.1], cells=64, scheme=scheme, progress=seen.append)
    assert np.isclose(seen[-1], 1.0) and (np.diff(seen) >= 0).all()


@pytest.mark.parametrize(
    ("spec", "formula", "expected", "error"),
    [
        ("circle", "uniform", [0, 1, 1, 4, 4, 9, 9], 1e-6),
        ("interval", "uniform", np.pi**2 * np.arange(6) ** 2, 1e-3),
        ("line", "exp(-u**2/2)", [0, 2, 4, 6, 8], 2e-6),
        ("sphere", "uniform", [0, 2, 2, 2, 6, 6, 6, 6, 6, 12], 1e-2),
        ("sphere(radius=2)", "uniform", [0, 0.5, 0.5, 0.5, 1.5], 1e-3),
        ("flat_torus(dim=2)", "uniform", [0, 1, 1, 1, 1, 2, 2, 2, 2, 4], 1e-4),
    ],
)
def test_eigenvalues_are_the_known_ones(spec, formula, expected, error):
    p = density(manifold(spec), formula)
    found = eigenvalues(p, len(expected))
    assert np.abs(found - expected).max() < error
    assert found.shape == (len(expected),) and abs(found[0]) < 1e-9


def test_eigenvalues_of_a_drift_and_a_full_metric_are_those_of_galerkin():
    """An eigenvalue as a rate of decay: log <H(0), H(T)> of what Galerkin's method evolves."""
    p = density(ELLIPSOID, "exp(x/2)")
    lowest = eigenvalues(p, 2)[1]
    u = ELLIPSOID._probe_points()
    late, later = (galerkin(p, ["x + y + z"], t, u, 10)[:, 0] for t in (16.0, 16.5))
    spread = [np.ptp(h) for h in (late, later)]
    assert np.log(spread[0] / spread[1]) / 0.5 == pytest.approx(lowest, rel=1e-4)
    wrong = eigenvalues(p, 2, drift_coefficient=1.0)[1]
    assert abs(wrong / lowest - 1) > 1e-2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evolve(density(CIRCLE), "x", [1.0], cells=18), "multiples of 4"),
        (lambda: eigenvalues(density(CIRCLE), 3, cells=18), "multiples of 4"),
        (lambda: eigenvalues(density(CIRCLE), 0), "count: got 0"),
        (lambda: eigenvalues(density(CIRCLE), 40, cells=32), "got 40 eigenvalues on 32 cells"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("value", [None, "exp(z)", 3, manifold("sphere")])
def test_what_is_no_density_is_named(value):
    with pytest.raises(InputError, match="^density: got .*expected a Density"):
        evolve(value, "x", [0.1])


@pytest.mark.parametrize(
    ("spec", "formula", "inside", "beyond"),
    [
        ("sphere", "1", [[0.0, 7.0], [np.pi, -9.0]], [[-0.1, 1.0], [3.2, 1.0], [100.0, 1.0]]),
        ("interval", "1", [[0.0], [1.0]], [[-0.01], [1.01]]),
        ("line", "exp(-u**2/2)", [[-2.0], [3.0]], [[-50.0], [50.0]]),
    ],
)
def test_a_solution_is_read_on_the_manifold_only(spec, formula, inside, beyond):
    solution = evolve(density(manifold(spec), formula), "x", [0.01], cells=16)
    assert np.isfinite(solution.at(inside)).all()
    for point in beyond:
        with pytest.raises(InputError, match="1 of 2 are out of range, .* at index 1; expected"):
            solution.at([inside[0], point])
