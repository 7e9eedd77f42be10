"""The operator on a grid: order 2 against SymPy's L, conservation, and the kernels against the
matrix."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.orders import fitted_order, observed_orders
from theory.limits import generator
from theory.pde import Grid, Operator, conservative_operator, drift_diffusion_operator
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import capped_surface, closed_surface, manifold

ELLIPSOID = capped_surface(
    "ellipsoid", "(1.3*sin(theta)*cos(phi), 0.8*sin(theta)*sin(phi), cos(theta))"
)
SHEARED = closed_surface(
    "sheared torus", "((2 + cos(v + u))*cos(u), (2 + cos(v + u))*sin(u), sin(v + u))"
)
CIRCLE = manifold("circle")

# manifold, density, features with no symmetry and no flux through walls, cells of the coarsest grid
SPACE_CASES = {
    "circle": (manifold("circle(radius=1.3)"), "exp(x/2 + y/4)", "sin(2*t + 0.3) + cos(t)", (24,)),
    "ellipse": (manifold("ellipse"), "exp(x/3 + y/4)", "sin(2*t + 0.3)", (32,)),
    "interval, walls": (
        manifold("interval(length=2)"),
        "1 + u/3 + u**2/5",
        "cos(pi*u/2) + cos(pi*u)/3",
        (16,),
    ),
    "line": (manifold("line"), "exp(-u**2/2 + u/3)", "sin(u + 0.4)*exp(-u**2/8)", (64,)),
    "torus": (manifold("torus"), "exp(x/6 + z/3)", "x*z + sin(y)", (24, 16)),
    "sheared torus, full metric": (SHEARED, "exp(x/6 + z/3)", "x*z + sin(y)", (24, 24)),
    "flat torus": (
        manifold("flat_torus(dim=3)"),
        "exp(x1/3 + x4/4)",
        "sin(u1 + u2) + cos(u3 - u1)",
        (8, 8, 8),
    ),
}


@pytest.mark.parametrize("name", SPACE_CASES)
def test_operator_has_order_two_in_space(name):
    m, formula, features, cells = SPACE_CASES[name]
    p = density(m, formula)
    errors = {2.0: [], 2.2: []}
    scales = np.array([1, 2, 4, 8] if m.dim < 3 else [1, 2, 3, 4])
    for scale in scales:
        grid = Grid(m, tuple(int(scale) * n for n in cells), p.support)
        exact = m.function(generator(p, features))(grid.points)
        h = grid.sample(m.function(features))
        held = np.abs(grid.points[:, 0]) < 4 if m.name == "line" else slice(None)
        for drift, out in errors.items():
            found = drift_diffusion_operator(grid, p, drift).matrix @ h
            out.append(np.abs(found - exact)[held].max())
    assert 1.85 < observed_orders(1 / scales, errors[2.0])[-1] < 2.15, errors
    # the twin: a drift 10 % off does not converge
    assert fitted_order(1 / scales, errors[2.2]) < 1.5
    assert errors[2.2][-1] > 3 * errors[2.0][-1]


BOUNDED = {
    "circle": (48,),
    "interval": (24,),
    "sphere": (12, 24),
    "torus": (16, 12),
    "sphere3": (6, 8, 10),
    "flat_torus(dim=3)": (6, 8, 7),
}


def drifting(name):
    """An operator with a drift on a small grid, by the name of its manifold."""
    if name == "full metric":
        return drift_diffusion_operator(Grid(ELLIPSOID, (8, 12)), density(ELLIPSOID, "exp(x)"))
    m = manifold(name)
    formula = "1 + u/3" if m.name == "interval" else "exp(x1/2 + x2/4)"
    return drift_diffusion_operator(Grid(m, BOUNDED[name]), density(m, formula))


@pytest.mark.parametrize("name", [*BOUNDED, "full metric"])
def test_operator_without_matrix_is_the_matrix(name):
    operator = drifting(name)
    h = np.random.default_rng(3).random(operator.grid.size)
    size = np.abs(operator.matrix).max()
    assert np.abs(operator.apply(h) - operator.matrix @ h).max() < 1e-14 * size
    assert np.allclose(operator.diagonal, operator.matrix.diagonal(), rtol=1e-14)
    sums = np.abs(operator.matrix).sum(axis=1)
    assert np.isclose(operator.spectral_bound, sums.max(), rtol=1e-14)
    found = np.linalg.eigvals(operator.matrix.toarray())
    assert np.abs(found).max() <= operator.spectral_bound and found.real.max() < 1e-10 * size
    # the twin: one face off
    faces = operator.faces.copy()
    faces[0, operator.grid.size // 2] *= 1.01
    wrong = Operator(operator.grid, operator.capacity, faces, operator.mixed)
    assert np.abs(wrong.apply(h) - operator.matrix @ h).max() > 1e-6 * size


@pytest.mark.parametrize("name", [*BOUNDED, "full metric"])
def test_constants_stay_and_the_integral_is_conserved(name):
    operator = drifting(name)
    h = np.random.default_rng(3).random(operator.grid.size)
    size = np.abs(operator.inflow_matrix).max() * operator.grid.size
    assert np.abs(operator.apply(np.ones(operator.grid.size))).max() < 1e-12 * size
    assert abs(operator.capacity @ operator.apply(h)) < 1e-14 * size
    assert abs(operator.apply(h).sum()) > 1e-3


def test_maximum_principle_is_promised_for_diagonal_metrics_only():
    m = manifold("sphere")
    diagonal = drift_diffusion_operator(Grid(m, (16, 32)), density(m, "exp(x)"))
    assert diagonal.obeys_maximum_principle
    full = drift_diffusion_operator(Grid(SHEARED, (16, 16)), density(SHEARED))
    assert not full.obeys_maximum_principle
    assert (full.matrix - np.diag(full.diagonal)).min() < -1e-3


def test_capacity_is_a_different_clock():
    m = CIRCLE
    grid = Grid(m, (64,))
    slow = conservative_operator(
        grid, m.volume, m.inverse_metric, capacity=lambda u: 2 * m.volume(u)
    )
    fast = conservative_operator(grid, m.volume, m.inverse_metric)
    assert np.allclose(2 * slow.matrix.toarray(), fast.matrix.toarray())


@pytest.mark.parametrize("spec", ["circle", "sphere", "torus", "sphere3", "interval"])
def test_interpolation_has_order_four_also_at_poles(spec):
    m = manifold(spec)
    formula = {"interval": "cos(pi*u)", "sphere3": "x1*x3 + x2"}.get(spec, "x*y + sin(y)")
    function = m.function(formula)
    ends = [[a.low + 1e-6 for a in m.axes], [a.high - 1e-6 for a in m.axes]]
    u = np.vstack([m._probe_points(), ends])
    errors = []
    for n in (16, 32):
        grid = Grid(m, (n,) * m.dim)
        found = grid.interpolate(grid.sample(function), u)
        errors.append(np.abs(found - function(u)).max())
    assert np.log2(errors[0] / errors[1]) > 3.5
    turn = np.array([a.length if a.kind == "periodic" else 0.0 for a in m.axes])
    assert np.allclose(grid.interpolate(grid.sample(function), u + turn), found)


def test_interpolation_does_not_feel_the_ends_of_its_array():
    """A spline through the samples of a periodic function is the same wherever the chart is cut."""
    grid, cells = Grid(CIRCLE, (32,)), 32
    values = grid.sample(CIRCLE.function("exp(sin(3*t))"))
    u = np.random.default_rng(0).random((50, 1)) * 2 * np.pi
    moved = grid.interpolate(np.roll(values, 5), u + 5 * 2 * np.pi / cells)
    assert np.abs(moved - grid.interpolate(values, u)).max() < 1e-13


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Grid(CIRCLE, (3,)), "cells: got 3"),
        (lambda: Grid(CIRCLE, (16, 16)), "expected 1 numbers"),
        (lambda: Grid(manifold("sphere"), (16, 15)), "cells: got 15 along phi, expected an even"),
        (lambda: Grid(manifold("line"), (16,)), "expected finite ranges"),
        (lambda: drifting("circle").apply(np.ones(15)), r"values: got shape \(15,\)"),
        (
            lambda: conservative_operator(
                Grid(CIRCLE, (16,)), lambda u: -u[:, 0], CIRCLE.inverse_metric
            ),
            "weight: got -",
        ),
        (
            lambda: drift_diffusion_operator(Grid(CIRCLE, (16,)), density(manifold("ellipse"))),
            "expected the same",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
