"""Time of the integrators at given tolerances, and the constants of their cost model.

python -m simulations.bench.pde_schemes             the table of theory/pde/choice.py's decision
python -m simulations.bench.pde_schemes constants   what its constants come from
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.sparse.linalg import expm_multiply

from theory.pde import INTEGRATORS, Grid, choice, drift_diffusion_operator, integrate_to_tolerance
from theory.pde.krylov import resolvent
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

TIME = 0.5
TOLERANCES = (1e-4, 1e-6, 1e-8)
FLAT, ROUND = "sin(u1)*cos(u2) + cos(2*u1)/2", "sin(3*x/2) + cos(2*y)/2"
# manifold, features, cells
PROBLEMS = (
    ("circle", "sin(2*t + 0.3)", (1024,)),
    ("ellipse(a=5, b=0.2)", "sin(2*t + 0.3)", (16384,)),
    ("flat_torus(dim=2)", FLAT, (160, 160)),
    ("flat_torus(dim=2)", FLAT, (256, 256)),
    ("torus", "x*z + sin(y)", (160, 160)),
    ("torus", "x*z + sin(y)", (256, 256)),
    ("sphere", ROUND, (160, 160)),
    ("sphere", ROUND, (256, 256)),
    ("flat_torus(dim=3)", "sin(u1 + u2) + cos(u3 - u1)", (40, 40, 40)),
    ("flat_torus(dim=3)", "sin(u1 + u2) + cos(u3 - u1)", (64, 64, 64)),
    ("sphere3", "x1*x3 + x2", (16, 64, 64)),
)
_LONGEST = 20.0  # seconds that an integrator other than the chosen one may be expected to take


def scheme_rows(problems=PROBLEMS, tolerances=TOLERANCES, repeats: int = 3) -> list[dict]:
    """One row a problem, tolerance and integrator: seconds (the best of some), and error in time
    over the range of H.
    """
    rows = []
    for spec, features, cells in problems:
        operator, h = problem(spec, features, cells)
        exact = reference(operator, h)
        for tolerance in tolerances:
            expected = choice.expected_seconds(operator, [TIME], tolerance)
            chosen = min(expected, key=expected.get)
            for name in INTEGRATORS:
                row = {
                    "problem": spec,
                    "cells": "x".join(map(str, cells)),
                    "stiffness": operator.spectral_bound * TIME,
                    "tolerance": tolerance,
                    "scheme": name,
                    "chosen": name == chosen,
                }
                if name == chosen or expected.get(name, np.inf) <= _LONGEST:
                    row |= timed_row(operator, h, exact, tolerance, name, repeats)
                else:
                    row |= {"seconds": np.nan, "error": np.nan}
                rows.append(row)
    return rows


def timed_row(operator, h, exact, tolerance, name, repeats) -> dict:
    """Seconds and error of one integrator."""
    seconds, out = _best(
        lambda: integrate_to_tolerance(operator, h, [TIME], tolerance, name), repeats
    )
    return {"seconds": seconds, "error": float(np.abs(out[0] - exact).max() / np.ptp(h))}


def problem(spec, features, cells):
    """An operator with a drift and features on its grid."""
    m = manifold(spec)
    p = density(m, "exp(x1/9)" if spec.startswith("ellipse") else "exp(x1/2 + 3*x2/10)")
    operator = drift_diffusion_operator(Grid(m, cells), p)
    return operator, operator.grid.sample(m.function(features))


def reference(operator, h) -> np.ndarray:
    """exp(TIME L) H: by scipy where that is affordable; else at 1e-11 by shift-invert, or in three
    dimensions by the series.
    """
    if operator.spectral_bound * TIME < 3e4:
        return expm_multiply(TIME * operator.matrix, h)
    return integrate_to_tolerance(
        operator,
        h,
        [TIME],
        1e-11,
        "chebyshev" if operator.grid.manifold.dim == 3 else "shift-invert",
    )[0]


def constant_rows() -> list[dict]:
    """Seconds of a term, a factorisation and a solution, and what the cost model says."""
    rows = []
    for spec, features, cells in PROBLEMS:
        operator, h = problem(spec, features, cells)
        d, n, terms = len(cells), operator.grid.size, 200
        span = terms**2 / (operator.spectral_bound * np.log(1e6))
        seconds, _ = _best(
            lambda o=operator, h=h, t=span: integrate_to_tolerance(o, h, [t], 1e-6, "chebyshev"), 5
        )
        row = {
            "problem": spec,
            "cells": "x".join(map(str, cells)),
            "term": seconds / choice.terms_needed(operator.spectral_bound * span / 2, 1e-7),
        }
        row["term, model"] = choice.TERM + n * choice.CELL[d]
        if n <= choice.MOST_FACTOR_CELLS[d] and d < 3:
            row["factor"], solve = _best(lambda o=operator: resolvent(o, TIME / 10), 1)
            row["solve"], _ = _best(lambda solve=solve, h=h: solve(h), 3)
            for name, (constant, rate, power) in (
                ("factor", choice.FACTOR[d]),
                ("solve", choice.SOLVE[d]),
            ):
                row[f"{name}, model"] = constant + rate * n**power
        rows.append(row)
    return rows


def _best(call, repeats):
    """(least seconds of some calls after a first one that may compile, the result)."""
    out, best = None, np.inf
    if repeats > 1:
        call()
    for _ in range(repeats):
        start = time.perf_counter()
        out = call()
        best = min(best, time.perf_counter() - start)
        if best > 1:
            break
    return best, out


def table(rows) -> str:
    """Rows as aligned text."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [columns] + [[_cell(row.get(c, "")) for c in columns] for row in rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(columns))]
    return "\n".join(
        "  ".join(text.rjust(w) for text, w in zip(line, widths, strict=True)) for line in lines
    )


def _cell(value):
    if isinstance(value, bool):
        return "*" if value else ""
    return f"{value:.2g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    try:
        print(table(constant_rows() if sys.argv[1:] == ["constants"] else scheme_rows()))
    except InputError as error:
        sys.exit(f"error: {error}")
