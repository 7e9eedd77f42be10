"""Claim `solver`: the finite-difference oracle converges with its stated orders, before it serves as truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse.linalg import expm_multiply

from simulations.statistics.orders import limit_order, order_table
from simulations.experiments import option
from simulations.experiments.settings import check_levels, reference_density
from simulations.store.results import Outcome
from simulations.verdict import check_against_measurement
from theory.setting.checks import positive, whole
from theory.claims import Claim
from theory.pde import SCHEMES, Grid, drift_diffusion_operator, integrate, integrate_to_tolerance
from theory.spectral import fourier_evolution, harmonic_evolution

CLAIM = Claim(
    name="solver",
    rank=0,
    title="The finite-difference solver has order 2 in space and its stated order in time",
    statement=(
        r"The finite-difference solution of $\partial_t H = p^{-2} \mathrm{div}(p^2 \nabla H)$ tends with order 2 in the spacing to that of a "
        "spectral method that shares nothing with it, on the circle and on the sphere with its poles; each time "
        "integrator has its stated order."
    ),
    source="docs/theory.md, 'Drift-diffusion limit'",
    hypotheses="smooth metric, density and features",
    predicted="order 2 in space; order 1 or 2 in time",
    order="2 in space",
)

WRONG_DRIFT = 2.2


@dataclass(frozen=True)
class Parameters:
    time: float = option(0.1, "Diffusion time at which solutions are compared.")
    n_levels: int = option(4, "Grids, each twice as fine as the one before, and time steps likewise.")
    n_features: int = option(12, "Random features per level, the samples of the interval.")
    seed: int = option(20241218, "Seed of the random features.")

    def __post_init__(self):
        positive("time", self.time)
        whole("n_features", self.n_features, 3)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)


SMALL = {"n_features": 8}
LONG = {"n_levels": 6}


def run(parameters: Parameters, run) -> Outcome:
    """Errors against the spectral oracles and the exponential of the matrix; see `Parameters`."""
    space = {
        "circle": run.remember("circle", lambda: space_study(parameters, "circle", fourier_evolution, (32,))),
        "sphere": run.remember("sphere", lambda: space_study(parameters, "sphere", partial(harmonic_evolution, degree=10), (6, 12))),
    }
    time = {name: run.remember(f"time-{name}", lambda name=name: time_study(parameters, name)) for name in SCHEMES}
    checks, tables, arrays = [], [], {}
    for name, study in space.items():
        order, stalled = limit_order(study["steps"], study["errors"]), limit_order(study["steps"], study["controls"])
        checks.append(check_against_measurement(f"{name}: order in space", 2.0, order, f"drift {WRONG_DRIFT}", stalled))
        tables.append(f"{name}: error against the spectral solution\n" + order_table(1 / study["steps"], study["steps"], study["errors"], "cells"))
        arrays |= {f"{name}_{key}": value for key, value in study.items()}
    for name, study in time.items():
        order, stalled = limit_order(study["steps"], study["errors"]), limit_order(study["steps"], study["controls"])
        checks.append(check_against_measurement(f"{name}: order in time", SCHEMES[name].order, order, "clock off by 10 %", stalled))
        arrays |= {f"time_{name}_{key}": value for key, value in study.items()}
    return Outcome(tuple(checks), arrays, tuple(tables))


def random_features(parameters, m) -> list[str]:
    """Sums of low harmonics with random coefficients, as formulas in the ambient coordinates."""
    rng = np.random.default_rng(parameters.seed)
    basis = ("x1", "x2", "x1*x2", "x1**2 - x2**2") + (("x3", "x1*x3", "x2*x3") if m.ambient_dim > 2 else ())
    return [" + ".join(f"({c:.6f})*{b}" for c, b in zip(rng.standard_normal(len(basis)), basis, strict=True)) for _ in range(parameters.n_features)]


def space_study(parameters, spec, oracle, cells) -> dict:
    """Errors (features, levels) of finite differences at probe points, with the time error far below, and with a wrong drift."""
    p = reference_density(spec)
    m, formulas = p.manifold, random_features(parameters, p.manifold)
    u = probe_points(m)
    truth = np.stack([oracle(p, f, [parameters.time], u)[0] for f in formulas], axis=1)
    errors, controls, steps = [], [], []
    for level in range(parameters.n_levels):
        grid = Grid(m, tuple(n * 2**level for n in cells))
        start = np.stack([grid.sample(m.function(f)) for f in formulas], axis=1)
        for drift, out in ((2.0, errors), (WRONG_DRIFT, controls)):
            h = integrate_to_tolerance(drift_diffusion_operator(grid, p, drift), start, [parameters.time], 1e-7)[0]
            here = np.stack([grid.interpolate(h[:, k], u) for k in range(h.shape[1])], axis=1)
            out.append(np.sqrt(((here - truth) ** 2).mean(axis=0)))
        steps.append(1 / grid.cells[0])
    return {"steps": np.array(steps), "errors": np.array(errors).T, "controls": np.array(controls).T}


def probe_points(m, n: int = 400) -> np.ndarray:
    """Chart points (n, d) spread over the chart, none on a grid line."""
    rng = np.random.default_rng(0)
    low, high = (np.array([getattr(a, end) for a in m.axes]) for end in ("low", "high"))
    return low + (high - low) * rng.random((n, m.dim))


def time_study(parameters, name) -> dict:
    """Errors (features, levels) of one scheme against the matrix exponential on the same grid, where space does not enter."""
    p = reference_density("circle")
    operator = drift_diffusion_operator(Grid(p.manifold, (32,)), p)
    start = np.stack([operator.grid.sample(p.manifold.function(f)) for f in random_features(parameters, p.manifold)], axis=1)
    truth, late = (expm_multiply(t * operator.matrix, start) for t in (parameters.time, 1.1 * parameters.time))
    # below the stability limit, and a whole number of steps to the end
    first = int(np.ceil(parameters.time / min(0.5 * SCHEMES[name].largest_step(operator), parameters.time / 4)))
    errors, controls, steps = [], [], []
    for level in range(parameters.n_levels):
        step = parameters.time / (first * 2**level)
        out = integrate(operator, start, [parameters.time], step, name)[0]
        errors.append(np.sqrt(((out - truth) ** 2).mean(axis=0)))
        controls.append(np.sqrt(((out - late) ** 2).mean(axis=0)))
        steps.append(step)
    return {"steps": np.array(steps), "errors": np.array(errors).T, "controls": np.array(controls).T}
