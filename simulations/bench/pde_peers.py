"""Drift-diffusion on the flat torus by this project, py-pde and FiPy: time and error against a
spectral reference.

    python -m simulations.bench.pde_peers

dH/dt = Lap H + 2 grad log p . grad H on [0, 2 pi)^2 with p ~ exp(0.5 cos x + 0.3 sin y), to t =
0.5. Both axes separate, so the reference is a product of two matrix exponentials of Fourier
collocation. Times leave out compilation and count everything from the formulas to the values; peers
run at the settings found to be fastest for their error.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.linalg import expm

from simulations.bench.pde_schemes import table
from simulations.bench.rows import REPEATS
from simulations.bench.timing import in_turn, least
from theory.pde import Grid, drift_diffusion_operator, evolve, integrate_to_tolerance
from theory.setting.densities import density
from theory.setting.manifolds import manifold

TIME = 0.5
CELLS = 256
FEATURES = "sin(u1)*cos(u2) + cos(2*u1)/2"
_NODES = 64


def exact(x, y) -> np.ndarray:
    """H at time 0.5 at all pairs of coordinates x (n,) and y (m,), shape (n, m), to about 1e-12."""
    nodes = 2 * np.pi * np.arange(_NODES) / _NODES
    d = _fourier_derivative(_NODES)
    flow_x = expm(TIME * (d @ d - np.sin(nodes)[:, None] * d))
    flow_y = expm(TIME * (d @ d + 0.6 * np.cos(nodes)[:, None] * d))
    to_x, to_y = _trigonometric(x, _NODES) @ flow_x, _trigonometric(y, _NODES) @ flow_y
    start = np.sin(nodes)[:, None] * np.cos(nodes) + np.cos(2 * nodes)[:, None] / 2
    return to_x @ start @ to_y.T


def rows(cells: int = CELLS) -> list[dict]:
    """Ours on the same grid, ours extrapolated from two grids as coarse as equal error allows, and
    the peers, each in turn with ours.
    """
    mine = our_call(cells)
    mine()  # compiles
    first, coarse = ours(cells, mine), ours_extrapolated(cells // 4)
    for row in (first, coarse):
        row["ratio to ours"] = row["seconds"] / first["seconds"]
    return [first, coarse, beside("py-pde", mine, cells, py_pde), beside("FiPy", mine, cells, fipy)]


def beside(name: str, mine, cells: int, make, repeats: int = REPEATS) -> dict:
    """A peer's row: seconds and error, and the median of its seconds over ours with its range.

    make(cells) gives the peer's setting, centres of its cells on an axis and a call that ends with
    the values; ImportError where it is not installed.
    """
    try:
        setting, x, call = make(cells)
    except ImportError:
        return {"solver": name, "setting": "not installed"}
    measured = in_turn(mine, call, repeats, warm=False)
    row = _row(name, cells, setting, measured["peer"], measured["results"][1] - exact(x, x))
    ratios = {key: measured[key] for key in ("ratio_low", "ratio_high")}
    return row | {"ratio to ours": measured["ratio"]} | ratios


def our_call(cells: int):
    """A call from the formulas to the values (cells, cells)."""
    p = _density()
    grid = Grid(p.manifold, (cells, cells))

    def solve():
        operator = drift_diffusion_operator(grid, p)
        h = grid.sample(p.manifold.function(FEATURES))
        return integrate_to_tolerance(operator, h, [TIME], 1e-6)[0].reshape(cells, cells)

    return solve


def ours(cells: int, call) -> dict:
    seconds, values = least(call, REPEATS)
    x = (np.arange(cells) + 0.5) * 2 * np.pi / cells
    difference = values - exact(x, x)
    return _row("this project", cells, "chosen scheme, tolerance 1e-6", seconds, difference)


def ours_extrapolated(cells: int) -> dict:
    p, x = _density(), np.linspace(0, 2 * np.pi, 101)[:-1]
    u = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
    seconds, values = least(lambda: evolve(p, FEATURES, [TIME], cells=cells).at(u)[0], REPEATS)
    return _row(
        "this project",
        cells,
        f"evolve: extrapolated from {cells} and {cells // 2} cells an axis",
        seconds,
        values.reshape(100, 100) - exact(x, x),
    )


def py_pde(cells: int):
    """Explicit Euler at 0.95 of its stability limit: the error in time is below that in space;
    adaptive steps and Runge-Kutta were slower. Its `solve` compiles anew at every call, so its
    stepper is made before.
    """
    from pde import PDE, CartesianGrid, EulerSolver, ScalarField, VectorField

    grid = CartesianGrid([[0, 2 * np.pi]] * 2, cells, periodic=True)
    start = ScalarField.from_expression(grid, "sin(x)*cos(y) + cos(2*x)/2")
    drift = VectorField.from_expression(grid, ["-sin(x)", "0.6*cos(y)"])
    equation = PDE({"H": "laplace(H) + dot(drift, gradient(H))"}, consts={"drift": drift})
    step = 0.95 * (2 * np.pi / cells) ** 2 / 4
    advance = EulerSolver(equation, backend="numba").make_stepper(start, step)

    def solve(threads, until=TIME):
        values = start.copy()
        numba.set_num_threads(threads)
        try:
            advance(values, 0.0, until)
        finally:
            numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
        return values.data

    # more threads help on idle processors only: the better are taken, from a short run
    short = {
        threads: least(lambda threads=threads: solve(threads, TIME / 20), 2)[0]
        for threads in sorted({1, numba.config.NUMBA_NUM_THREADS})
    }
    best = min(short, key=short.get)
    return f"Euler, step {step:.2g}, threads {best}", grid.axes_coords[0], lambda: solve(best)


def fipy(cells: int, steps: int = 40):
    """Crank-Nicolson; of 10, 20 and 40 steps at 256 cells only 40 have an error below that of the
    others.
    """
    from fipy import (
        CellVariable,
        DiffusionTerm,
        ExplicitDiffusionTerm,
        PeriodicGrid2D,
        TransientTerm,
    )
    from fipy.solvers.scipy import LinearCGSolver

    h = 2 * np.pi / cells

    def solve():
        mesh = PeriodicGrid2D(nx=cells, ny=cells, dx=h, dy=h)
        (x, y), (fx, fy) = mesh.cellCenters.value, mesh.faceCenters.value
        values = CellVariable(mesh=mesh, value=np.sin(x) * np.cos(y) + np.cos(2 * x) / 2)
        at_faces = np.exp(np.cos(fx) + 0.6 * np.sin(fy))
        equation = TransientTerm(
            coeff=CellVariable(mesh=mesh, value=np.exp(np.cos(x) + 0.6 * np.sin(y)))
        ) == (
            0.5 * DiffusionTerm(coeff=_face_variable(mesh, at_faces))
            + 0.5 * ExplicitDiffusionTerm(coeff=_face_variable(mesh, at_faces))
        )
        solver = LinearCGSolver(tolerance=1e-8, iterations=2000)
        for _ in range(steps):
            equation.solve(var=values, dt=TIME / steps, solver=solver)
        return values.value.reshape(cells, cells).T

    x = (np.arange(cells) + 0.5) * h
    return f"Crank-Nicolson, {steps} steps, conjugate gradients", x, solve


def _face_variable(mesh, values):
    from fipy import FaceVariable

    return FaceVariable(mesh=mesh, value=values)


def _density():
    m = manifold("flat_torus(dim=2)")
    return density(m, "exp(0.5*x1 + 0.3*x4)")


def _row(solver, cells, setting, seconds, difference):
    return {
        "solver": solver,
        "cells": f"{cells}x{cells}",
        "setting": setting,
        "seconds": seconds,
        "error": float(np.abs(difference).max()),
    }


def _fourier_derivative(n):
    k = np.fft.fftfreq(n, 1 / n)
    k[n // 2] = 0
    return np.fft.ifft(1j * k[:, None] * np.fft.fft(np.eye(n), axis=0), axis=0).real


def _trigonometric(x, n):
    """Matrix (len(x), n) that interpolates from n equispaced nodes."""
    k = np.fft.fftfreq(n, 1 / n)
    k[n // 2] = 0
    return (np.exp(1j * np.outer(x, k)) @ np.fft.fft(np.eye(n), axis=0) / n).real


if __name__ == "__main__":
    print(table(rows()))
