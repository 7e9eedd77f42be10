"""Seconds against size: dense and nufft steps against N, the drift-diffusion solve against the
grid, and the cold start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from simulations.attention import AttentionOperator
from simulations.bench.samples import sphere_points
from simulations.bench.timing import exponent, least, timed
from theory.pde import Grid, drift_diffusion_operator, integrate_to_tolerance
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import squared_distance

_COLD = """
import time
start = time.perf_counter()
import numpy as np
from simulations.attention import AttentionOperator
from theory.setting.pseudo_metrics import squared_distance
imported = time.perf_counter()
x = np.random.default_rng(0).standard_normal((2000, 3))
AttentionOperator(x, squared_distance(), 0.1, engine={engine!r}) @ x
first = time.perf_counter()
AttentionOperator(x, squared_distance(), 0.1, engine={engine!r}) @ x
print(imported - start, first - imported, time.perf_counter() - first)
"""


def scaling_rows(quick: bool = False) -> list[dict]:
    """One row a curve: sizes, seconds, exponent."""
    rows = []
    sizes = [2000, 4000, 8000] if quick else [5000, 10_000, 20_000, 40_000, 80_000]
    seconds = []
    for n in sizes:
        x = sphere_points(n)
        seconds.append(
            least(
                lambda x=x: AttentionOperator(x, squared_distance(), 0.02, engine="dense") @ x, 3
            )[0]
        )
    rows.append(_curve("dense, R^3, 3 features", "N", sizes, seconds, 2.0))
    sizes = [50_000, 100_000] if quick else [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000]
    for tolerance in (1e-6, 1e-10):
        seconds, setups = [], []
        for n in sizes:
            x = sphere_points(n)
            operator = AttentionOperator(
                x, squared_distance(), 0.01, engine="nufft", tolerance=tolerance
            )
            # one feature: numerator and denominator are one complex field
            setups.append(timed(lambda o=operator, x=x: o @ x[:, :1])[0])
            seconds.append(least(lambda o=operator, x=x: o @ x[:, :1], 1)[0])
            if tolerance < 1e-6 and n >= 3_000_000:
                break
        rows.append(
            _curve(
                f"nufft, R^3, tolerance {tolerance:g}, set up",
                "N",
                sizes[: len(seconds)],
                seconds,
                1.0,
            )
            | {"setups": setups}
        )
    p = density(manifold("flat_torus(dim=2)"), "exp(0.5*x1 + 0.3*x4)")
    h = p.manifold.function("sin(u1)*cos(u2) + cos(2*u1)/2")
    sizes = [32, 64] if quick else [64, 128, 256, 512]
    seconds = []
    for cells in sizes:
        grid = Grid(p.manifold, (cells, cells))
        seconds.append(
            least(
                lambda grid=grid: integrate_to_tolerance(
                    drift_diffusion_operator(grid, p), grid.sample(h), [0.5], 1e-6
                ),
                3,
            )[0]
        )
    rows.append(_curve("drift-diffusion to t = 0.5, T^2", "cells an axis", sizes, seconds, 3.0))
    return rows


def _curve(name, what, sizes, seconds, expected):
    # the small sizes feel overheads that the exponent does not mean
    return {
        "group": "scaling",
        "name": name,
        "size": what,
        "sizes": list(sizes),
        "seconds": list(seconds),
        "exponent": exponent(sizes[-3:], seconds[-3:]),
        "expected": expected,
    }


def cold_rows() -> list[dict]:
    """Seconds to import, of the first call and of the second: in an empty cache of compiled
    kernels, and once it is filled.
    """
    rows = []
    for engine in ("dense", "nufft"):
        with tempfile.TemporaryDirectory() as cache:
            for state in ("empty cache", "filled cache"):
                done = subprocess.run(
                    [sys.executable, "-c", _COLD.format(engine=engine)],
                    env=os.environ | {"NUMBA_CACHE_DIR": cache},
                    capture_output=True,
                    text=True,
                    check=True,
                )
                imported, first, second = (float(v) for v in done.stdout.split())
                rows.append(
                    {
                        "group": "cold start",
                        "engine": engine,
                        "state": state,
                        "import": imported,
                        "first call": first,
                        "second call": second,
                    }
                )
    return rows
