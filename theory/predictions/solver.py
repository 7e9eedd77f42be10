"""Predictions of the claim `solver`: the finite-difference solution itself, level by level."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from theory.claims import solver as claim
from theory.pde import (
    Grid,
    Operator,
    conservative_operator,
    drift_diffusion_operator,
    evolve,
    integrate_to_tolerance,
)
from theory.predictions import Order, Prediction, Target
from theory.setting.densities import Density

TOLERANCE = 1e-11  # in time, far below the error in space that is measured
WRONG_DRIFT, WRONG_TIME = 2.2, 1.1
EXTRAPOLATED = "extrapolated"


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The solution on each grid, by each integrator, and what wrong solvers would give."""
    found = {}
    for spec in parameters.manifolds:
        solved, wrong = solutions(parameters, spec), wrong_solutions(parameters, spec)
        for name in claim.INTEGRATORS:
            found[claim.order_in_space(spec, name)] = Order(solved[name], 2.0, wrong)
        if EXTRAPOLATED in solved:
            found[claim.extrapolated_order(spec)] = Order(solved[EXTRAPOLATED], 4.0, wrong)
    return found


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """All of these solutions at the points of the claim, (levels, points, functions) each."""
    found = {}
    for spec in parameters.manifolds:
        u = parameters.points(parameters.tokens_density(spec).manifold)
        both = solutions(parameters, spec) | wrong_solutions(parameters, spec)
        for name, levels in both.items():
            found[f"{spec}: {name}"] = np.array([solution(u) for solution in levels])
    return found


@lru_cache(maxsize=16)
def solutions(parameters: claim.Parameters, spec: str) -> dict[str, list[Target]]:
    """Finite differences on each grid by each integrator; on charts without poles, where the error
    is a series in even powers of the spacing, also extrapolated from two grids as claims use them.
    """
    p = parameters.tokens_density(spec)
    grids = [Grid(p.manifold, cells) for cells in parameters.cells(p.manifold)]
    operators = [drift_diffusion_operator(grid, p) for grid in grids]
    found = {
        name: [solved(operator, parameters, name) for operator in operators]
        for name in claim.INTEGRATORS
    }
    if parameters.without_poles(spec):
        found[EXTRAPOLATED] = [evolved(parameters, p, grid) for grid in grids]
    return found


@lru_cache(maxsize=16)
def wrong_solutions(parameters: claim.Parameters, spec: str) -> dict[str, list[Target]]:
    """What solvers with a mistake each would give, by name, on the same grids.

    Left out where it is no mistake: another drift in a uniform density, say.
    """
    p = parameters.tokens_density(spec)
    grids = [Grid(p.manifold, cells) for cells in parameters.cells(p.manifold)]
    right = [drift_diffusion_operator(grid, p) for grid in grids]
    wrong = {
        f"drift {WRONG_DRIFT}": [drift_diffusion_operator(g, p, WRONG_DRIFT) for g in grids],
        "face coefficients a cell off": [a_cell_off(operator) for operator in right],
        "sqrt(det g) forgotten": [without_volume(grid, p) for grid in grids],
    }
    found = {
        name: [solved(operator, parameters) for operator in operators]
        for name, operators in wrong.items()
        if differs(operators[0], right[0])
    }
    found["clock 10 % fast"] = [solved(o, parameters, factor=WRONG_TIME) for o in right]
    return found


def solved(operator: Operator, parameters, integrator=None, factor: float = 1.0) -> Target:
    """The features at the time of the claim (or a factor later), as a function of chart points."""
    grid = operator.grid
    columns = [grid.manifold.function(f) for f in parameters.features(grid.manifold)]
    start = np.stack([grid.sample(f) for f in columns], axis=1)
    times = [factor * parameters.time]
    values = integrate_to_tolerance(operator, start, times, TOLERANCE, integrator)[0]
    return lambda u: np.stack([grid.interpolate(h, u) for h in values.T], axis=1)


def evolved(parameters, p: Density, grid: Grid) -> Target:
    """The same from `evolve`: extrapolated from this grid and one twice as fine."""
    cells = tuple(2 * n for n in grid.cells)
    found = [
        evolve(p, f, [parameters.time], cells=cells, tolerance=TOLERANCE)
        for f in parameters.features(p.manifold)
    ]
    return lambda u: np.stack([solution.at(u)[0] for solution in found], axis=1)


def differs(one: Operator, other: Operator) -> bool:
    """Whether two operators on the same grid are not the same one."""
    return abs(one.matrix - other.matrix).max() > 1e-9 * abs(other.matrix).max()


def a_cell_off(operator: Operator) -> Operator:
    """The mistake of reading each face's coefficient one cell too far along all periodic axes."""
    grid = operator.grid
    faces = operator.faces.reshape(-1, *grid.cells)
    for axis, along in enumerate(grid.manifold.axes):
        if along.kind == "periodic":
            faces = np.roll(faces, 1, axis=1 + axis)
    return Operator(grid, operator.capacity, faces.reshape(operator.faces.shape), operator.mixed)


def without_volume(grid: Grid, p: Density) -> Operator:
    """The mistake of p^-2 d_a(p^2 g^ab d_b H), without the volume sqrt(det g)."""
    return conservative_operator(grid, lambda u: p(u) ** 2, grid.manifold.inverse_metric)
