"""Applications of the operator against the error reached: what does not depend on the machine.

    python -m simulations.bench.application_rows

Drift-diffusion on the flat torus to t = 0.5, the error in time relative to the range of H; and ten
eigenvalues of attention on the sphere.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh, expm_multiply

from simulations.attention import AttentionOperator
from simulations.bench.pde_schemes import FLAT, TIME, problem, table
from simulations.bench.samples import sphere_spectrum, spiral_points
from simulations.bench.sundials_peer import CELLS, counted_rows
from simulations.observables.block_spectrum import block_eigenpairs
from simulations.observables.spectrum import leading_eigenpairs
from theory.pde import integrate_to_tolerance
from theory.setting.pseudo_metrics import squared_distance

TOLERANCES = (1e-2, 1e-4, 1e-6, 1e-8)
STEPS = (1, 2, 4, 8, 16, 32, 64)  # of the Runge-Kutta-Legendre method
EPS, COUNT, BLOCK = 0.02, 10, 12


def application_rows(quick: bool = False) -> list[dict]:
    """Rows of method, setting, applications and error; SUNDIALS' as they were counted elsewhere."""
    others = [] if quick else counted_rows()
    return [*solve_rows(32 if quick else CELLS), *others, *spectrum_rows(2000 if quick else 20_000)]


def solve_rows(cells: int) -> list[dict]:
    """Our series at several tolerances, the Runge-Kutta-Legendre method of second order with several
    steps, explicit Euler at its limit and SciPy's expm_multiply.
    """
    operator, h = problem("flat_torus(dim=2)", FLAT, (cells, cells))
    exact = expm_multiply(TIME * operator.matrix, h)
    what = f"drift-diffusion, {cells}x{cells} cells"
    rows = []

    def add(method, setting, applications, values):
        error = float(np.abs(values - exact).max() / np.ptp(h))
        rows.append(_row(what, method, setting, applications, error))

    for tolerance in TOLERANCES:
        counted = CountedStencil(operator.stencil)
        operator.__dict__["stencil"] = counted
        values = integrate_to_tolerance(operator, h, [TIME], tolerance, "chebyshev")[0]
        operator.__dict__["stencil"] = counted.stencil
        add("Chebyshev series", f"tolerance {tolerance:.0e}", counted.applications, values)
    for steps in STEPS:
        stages = rkl2_stages(TIME / steps, operator.spectral_bound)
        values = rkl2(operator.matrix, h, TIME, steps, stages)
        add("RKL2", f"{steps} steps of {stages} stages", steps * stages, values)
    steps = math.ceil(TIME * operator.spectral_bound / 2)
    values = h
    for _ in range(steps):
        values = values + TIME / steps * (operator.matrix @ values)
    add("explicit Euler", "at its limit", steps, values)
    counted = CountedMatrix(TIME * operator.matrix)
    values = expm_multiply(counted, h, traceA=TIME * operator.matrix.diagonal().sum())
    add("scipy expm_multiply", "double precision", counted.applications, values)
    return rows


def rkl2_stages(step: float, bound: float) -> int:
    """The least odd number of stages s at which a step is stable for eigenvalues in [-bound, 0]:
    step bound <= (s^2 + s - 2)/2 (Meyer, Balsara and Aslam 2014).
    """
    stages = math.ceil((-1 + math.sqrt(9 + 8 * step * bound)) / 2)
    return max(3, stages + (stages + 1) % 2)


def rkl2(matrix, h, time: float, steps: int, stages: int) -> np.ndarray:
    """exp(time L) h by the Runge-Kutta-Legendre method of second order of Meyer, Balsara and Aslam
    2014 (J. Comput. Phys. 257): an application of L a stage.
    """
    j = np.arange(2, stages + 1)
    b = np.concatenate([[1 / 3, 1 / 3], (j * j + j - 2) / (2.0 * j * (j + 1))])
    scale, dt = 4 / (stages**2 + stages - 2), time / steps
    for _ in range(steps):
        slope = dt * (matrix @ h)
        before, now = h, h + b[1] * scale * slope
        for k in range(2, stages + 1):
            mu = (2 * k - 1) / k * b[k] / b[k - 1]
            nu = -(k - 1) / k * b[k] / b[k - 2]
            new = mu * now + nu * before + (1 - mu - nu) * h
            new += mu * scale * (dt * (matrix @ now) - (1 - b[k - 1]) * slope)
            before, now = now, new
        h = now
    return h


def spectrum_rows(n: int) -> list[dict]:
    """Vectors that attention acts on until ten eigenvalues are found: by blocks, one by one with the
    search for missed copies, and by SciPy's eigsh.
    """
    x = spiral_points(n)
    operator = AttentionOperator(x, squared_distance(), EPS, engine="nufft", tolerance=1e-8)
    exact, rows = sphere_spectrum(2 * EPS, COUNT), []

    def add(method, setting, find):
        counted = CountedAttention(operator)
        error = float(np.abs(find(counted, np.random.default_rng(3)) - exact).max())
        setting = f"{setting}; {counted.calls} calls"
        rows.append(_row(f"10 eigenvalues, N = {n}", method, setting, counted.applications, error))

    for tolerance in (1e-1, 1e-2, 1e-3):
        add("block Lanczos", f"residuals {tolerance:.0e}, blocks of {BLOCK}",
            lambda a, rng, t=tolerance: block_eigenpairs(a, COUNT, rng, t, BLOCK)[0])  # fmt: skip
    for tolerance in (1e-4, 1e-7):
        add("Lanczos, copies searched", f"residuals {tolerance:.0e}",
            lambda a, rng, t=tolerance: leading_eigenpairs(a, COUNT, rng, t)[0])  # fmt: skip
        add("scipy eigsh", f"residuals {tolerance:.0e}",
            lambda a, rng, t=tolerance: _eigsh(a, rng, t))  # fmt: skip
    return rows


def _eigsh(operator, rng, tolerance):
    root = np.sqrt(operator.stationary_law)
    symmetric = LinearOperator(
        operator.shape, matvec=lambda v: root * (operator @ (v.ravel() / root)), dtype=np.float64
    )
    start = rng.standard_normal(operator.shape[0])
    found = eigsh(symmetric, k=COUNT, which="LA", tol=tolerance, v0=start)[0]
    return np.sort(found)[::-1]


class CountedStencil:
    """A stencil that counts the terms of a series, an application of L each."""

    def __init__(self, stencil):
        self.stencil, self.applications = stencil, 0

    def __getattr__(self, name):
        return getattr(self.stencil, name)

    def chebyshev_terms(self, pair, change, factor, done, older, newer, sums):
        self.applications += len(newer)
        return self.stencil.chebyshev_terms(pair, change, factor, done, older, newer, sums)


class CountedMatrix(LinearOperator):
    """A matrix that counts the vectors that it or its transpose acts on."""

    def __init__(self, matrix):
        self.matrix, self.applications = matrix, 0
        super().__init__(dtype=matrix.dtype, shape=matrix.shape)

    def _matmat(self, x):
        self.applications += x.shape[1]
        return self.matrix @ x

    def _rmatmat(self, x):
        self.applications += x.shape[1]
        return self.matrix.T @ x


class CountedAttention:
    """Attention that counts its calls, and the vectors that it acts on."""

    def __init__(self, operator):
        self.operator, self.shape, self.applications, self.calls = operator, operator.shape, 0, 0

    @property
    def stationary_law(self):
        return self.operator.stationary_law

    def __matmul__(self, x):
        self.calls += 1
        self.applications += 1 if x.ndim == 1 else x.shape[1]
        return self.operator @ x


def _row(what, method, setting, applications, error):
    return {
        "group": "applications", "problem": what, "method": method, "setting": setting,
        "applications": int(applications), "error": error,
    }  # fmt: skip


if __name__ == "__main__":
    print(table(application_rows()))
