"""Measure the constants of simulations/engines/costs.py on one core: python -m
simulations.attention.engines.measure.
"""

from __future__ import annotations

import time

import numba
import numpy as np
from scipy.sparse import csr_array

from simulations.attention.engines import costs, dense
from simulations.attention.engines.gauss_transform import GaussTransform
from simulations.attention.engines.problem import Problem
from simulations.attention.engines.sparse import sparse_product
from simulations.attention.engines.truncated import TruncatedPlan
from theory.setting.pseudo_metrics import squared_distance, transformed_distance, user_function


def seconds(call, repeats: int = 3) -> float:
    """Of the fastest of some calls, after one that compiles."""
    call()
    out = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        out.append(time.perf_counter() - start)
    return min(out)


def points(n: int, dim: int) -> np.ndarray:
    """Uniform in a cube of side 2."""
    return np.random.default_rng(0).uniform(-1, 1, size=(n, dim))


def dense_pair(dim: int, values: int, metric=None, n: int = 6000) -> float:
    """Seconds a pair."""
    x, h = points(n, dim), points(n, values)
    problem = Problem.checked(metric or squared_distance(), x, points(n, dim) + 1e-9, 1.0)
    return seconds(lambda: dense.sums(problem, h)) / n**2


def nufft(dim: int) -> tuple[float, float]:
    """Seconds a point of one transform, and of a point and a grid point under its kernel."""
    n, times = 200_000, []
    accuracies = (1e-4, 1e-10)
    for accuracy in accuracies:
        transform = GaussTransform(points(n, dim), points(n, dim), 0.1, accuracy, 1)
        c = np.ones(n, dtype=np.complex128)
        grid = costs.NUFFT_GRID * transform.grid.grid_points * np.log2(transform.grid.grid_points)
        times.append((seconds(lambda t=transform, c=c: t.apply(c)) - grid) / (2 * n))
    stencils = [costs.kernel_width(a, costs.OVERSAMPLINGS[0]) ** dim for a in accuracies]
    slope = (times[1] - times[0]) / (stencils[1] - stencils[0])
    return times[0] - slope * stencils[0], slope


def nufft_grid() -> float:
    """Seconds a point of the grid and binary logarithm of their number."""
    x = points(100, 3)
    transform = GaussTransform(x, x, 2e-3, 1e-8, 1)
    c = np.ones(100, dtype=np.complex128)
    return seconds(lambda: transform.apply(c)) / (
        transform.grid.grid_points * np.log2(transform.grid.grid_points)
    )


def sparse() -> tuple[float, float]:
    """Seconds an entry of the set-up, and of a product with one value."""
    x = points(30_000, 3)
    problem = Problem.checked(squared_distance(), x, x, 1e-3)
    plan = TruncatedPlan(problem, 1e-8)
    n, entries = len(x), plan.entries
    row = entries // n
    rng = np.random.default_rng(0)
    matrix = csr_array(
        (
            np.ones(n * row),
            rng.integers(n, size=n * row).astype(np.int32),
            np.arange(0, n * row + 1, row, dtype=np.int32),
        ),
        shape=(n, n),
    )
    return seconds(lambda: TruncatedPlan(problem, 1e-8), 1) / entries, seconds(
        lambda: sparse_product(matrix, x[:, :1])
    ) / (n * row)


def main():
    """Print every constant beside the measured one."""
    numba.set_num_threads(1)
    pair = dense_pair(3, 1)
    rows = [
        ("DENSE_PAIR", costs.DENSE_PAIR, pair),
        ("DENSE_DIMENSION", costs.DENSE_DIMENSION, (dense_pair(8, 1) - pair) / 5),
        ("DENSE_VALUE", costs.DENSE_VALUE, (dense_pair(3, 6) - pair) / 5),
        (
            "ONLINE_FACTOR",
            costs.ONLINE_FACTOR,
            dense_pair(3, 1, transformed_distance("r**1.5")) / pair,
        ),
        (
            "FUNCTION_FACTOR",
            costs.FUNCTION_FACTOR,
            dense_pair(3, 1, user_function(lambda x, y: abs(x[0] - y[0]) + (x[1] - y[2]) ** 2))
            / pair,
        ),
        ("NUFFT_GRID", costs.NUFFT_GRID, nufft_grid()),
    ]
    for dim in (1, 2, 3):
        point, spread = nufft(dim)
        rows += [
            (f"NUFFT_POINT[{dim}]", costs.NUFFT_POINT[dim], point),
            (f"NUFFT_SPREAD[{dim}]", costs.NUFFT_SPREAD[dim], spread),
        ]
    setup, entry = sparse()
    rows += [
        ("SPARSE_SETUP", costs.SPARSE_SETUP, setup),
        ("SPARSE_ENTRY", costs.SPARSE_ENTRY, entry),
    ]
    for name, stated, measured in rows:
        print(f"{name:18} stated {stated:9.2e}  measured {measured:9.2e}")


if __name__ == "__main__":
    main()
