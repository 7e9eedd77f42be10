"""Applications of the operator by SUNDIALS' LSRKStep (ARKODE): stabilised Runge-Kutta methods of
second order, after Chebyshev (RKC) and Legendre (RKL), on the drift-diffusion of application_rows.

    make bench-sundials PYTHON=python3.12      writes docs/sundials.json

Its package wants Python 3.12 or later. What is counted no machine changes, so the counts are kept,
and `make bench` shows them beside its own.
"""

from __future__ import annotations

import platform
import sys
import time
from importlib.metadata import version

import numpy as np
from scipy.sparse.linalg import expm_multiply

from simulations.bench.pde_schemes import FLAT, TIME, problem, table
from simulations.store.files import read_json, write_json
from simulations.store.sources import ROOT
from theory.setting.checks import InputError

COUNTS = ROOT / "docs" / "sundials.json"
CELLS = 128
METHODS = {"RKC2": "ARKODE_LSRK_RKC_2", "RKL2": "ARKODE_LSRK_RKL_2"}
TOLERANCES = (1e-2, 1e-4, 1e-6, 1e-8)  # relative and absolute, of its own steps
STEPS = (4, 16, 64)  # of equal length
_MOST_STAGES, _MOST_STEPS = 10_000, 1_000_000
_REACHED = 1  # ARK_TSTOP_RETURN: a time that must not be passed
_MISSING = "needs sundials4py, expected `make bench-sundials PYTHON=python3.12` to install it"


def counted_rows() -> list[dict]:
    """The rows that were counted, none where docs/sundials.json is not there."""
    return read_json(COUNTS)["rows"] if COUNTS.exists() else []


def lsrk_rows(cells: int = CELLS) -> list[dict]:
    """Rows as of application_rows: each method with its own steps at several tolerances, and with
    equal steps. Raises InputError without sundials4py."""
    operator, h = problem("flat_torus(dim=2)", FLAT, (cells, cells))
    exact = expm_multiply(TIME * operator.matrix, h)
    rows = []
    for name in METHODS:
        settings = [(f"own steps, tolerance {t:.0e}", {"tolerance": t}) for t in TOLERANCES]
        settings += [(f"{n} steps", {"steps": n}) for n in STEPS]
        for setting, choice in settings:
            values, applied = lsrk(
                operator.matrix, h, TIME, operator.spectral_bound, name, **choice
            )
            rows.append(
                {
                    "group": "applications",
                    "problem": f"drift-diffusion, {cells}x{cells} cells",
                    "method": f"SUNDIALS {name}",
                    "setting": setting,
                    "applications": applied,
                    "error": float(np.abs(values - exact).max() / np.ptp(h)),
                }
            )
    return rows


def lsrk(matrix, h, time: float, bound: float, method: str, tolerance=None, steps=None):
    """(exp(time L) h, applications of L) with equal steps, or with those that the tolerance asks
    for; -bound is told as the dominant eigenvalue.

    Raises InputError without sundials4py, and for a method or settings that are none.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r}: not known, expected one of {', '.join(METHODS)}")
    given = [value for value in (tolerance, steps) if value is not None]
    if len(given) != 1 or not (np.isfinite(given[0]) and given[0] > 0):
        raise InputError(
            f"tolerance {tolerance}, steps {steps}: expected one of them, finite and positive"
        )
    arkode, core = _library()
    applied = 0

    def slope(_, y, into, __):
        nonlocal applied
        applied += 1
        core.N_VGetArrayPointer(into)[:] = matrix @ core.N_VGetArrayPointer(y)
        return 0

    def dominant(*_):
        return 0, -bound, 0.0

    _, context = core.SUNContext_Create(core.SUN_COMM_NULL)
    y = core.N_VNew_Serial(len(h), context)
    values = core.N_VGetArrayPointer(y)
    values[:] = h
    solver = arkode.LSRKStepCreateSTS(slope, 0.0, y, context)
    memory = solver.get()
    done = [
        arkode.LSRKStepSetSTSMethod(memory, getattr(arkode, METHODS[method])),
        arkode.LSRKStepSetDomEigFn(memory, dominant),
        arkode.LSRKStepSetMaxNumStages(memory, _MOST_STAGES),
        arkode.ARKodeSetMaxNumSteps(memory, _MOST_STEPS),
        arkode.ARKodeSetStopTime(memory, time),
        arkode.ARKodeSStolerances(memory, tolerance, tolerance)
        if steps is None
        else arkode.ARKodeSetFixedStep(memory, time / steps),
    ]
    status, reached = arkode.ARKodeEvolve(memory, time, y, arkode.ARK_NORMAL)
    if any(done) or status not in (0, _REACHED) or not np.isclose(reached, time):
        raise RuntimeError(f"LSRKStep: settings {done}, status {status} at time {reached}")
    return values.copy(), applied


def _library():
    try:
        from sundials4py import arkode, core
    except ImportError:
        raise InputError(f"SUNDIALS: {_MISSING}") from None
    return arkode, core


def count() -> list[dict]:
    """Count, and keep the rows with what counted them."""
    _library()
    rows = lsrk_rows()
    record = {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": platform.python_version(),
        "sundials4py": version("sundials4py"),
        "rows": rows,
    }
    write_json(COUNTS, record)
    return rows


if __name__ == "__main__":
    try:
        print(table(count()))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"written: {COUNTS}")
