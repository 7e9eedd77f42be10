"""What an application costs each engine: the model by which engines are chosen.

Seconds on one core of an Intel Xeon with AVX-512, measured by `python -m
simulations.attention.engines.measure`. All engines use all cores, and choices depend on ratios
only, so the constants need no care on another machine.
"""

from __future__ import annotations

import math

DENSE_PAIR = 4.5e-10  # a pair in up to 3 dimensions, one value, by the bounded pass
DENSE_DIMENSION = 8e-11  # a pair, for each dimension more
DENSE_VALUE = 6e-11  # a pair, for each value more
ONLINE_FACTOR = 4.0  # the online pass: transformations, windows, tiny temperatures
FUNCTION_FACTOR = 5.0  # a function of two points

NUFFT_POINT = {1: 5e-9, 2: 2e-8, 3: 3.5e-8}  # a point, each of two transforms, by dimension
NUFFT_SPREAD = {1: 2.3e-9, 2: 4.5e-10, 3: 3.5e-10}  # a point and grid point under its kernel
NUFFT_GRID = (
    2e-9  # a point of the oversampled grid and binary logarithm of their number, both transforms
)
NUFFT_SHARED = 4e-8  # a token: packing, weighing and putting features in order

BOXES_FACTOR = 2.0  # of a pair over one of the bounded pass: differences, short runs
BOXES_TOKEN = 3e-6  # a token: the nearest key, the sort

SPARSE_ENTRY = 1.4e-9  # an entry of the sparse matrix, one value
SPARSE_SETUP = 2.2e-7  # an entry, once

OVERSAMPLINGS = (2.0, 1.5, 1.25)
WIDEST_KERNEL = 15  # FINUFFT holds 16, and may ask for one more than `kernel_width`


def dense_seconds(n: float, n_keys: float, dim: int, values: int = 1, factor: float = 1.0) -> float:
    """All pairs of n queries and n_keys keys in R^dim."""
    pair = DENSE_PAIR + DENSE_DIMENSION * max(0, dim - 3) + DENSE_VALUE * max(0, values - 1)
    return n * n_keys * factor * pair


def boxes_seconds(pairs: float, n: float, values: int, applications: int) -> float:
    """Set-up and applications to the near pairs of n queries."""
    pair = DENSE_PAIR + DENSE_VALUE * max(0, values - 1)
    return n * BOXES_TOKEN + pairs * BOXES_FACTOR * pair * applications


def truncated_seconds(entries: float, values: int, applications: int) -> float:
    """Set-up and applications of a sparse matrix."""
    return entries * (SPARSE_SETUP + SPARSE_ENTRY * values * applications)


def kernel_width(accuracy: float, oversampling: float) -> int:
    """Grid points across FINUFFT's spreading kernel, along one axis."""
    if oversampling == 2.0:
        return math.ceil(-math.log10(accuracy / 10))
    return math.ceil(-math.log(accuracy) / (math.pi * math.sqrt(1 - 1 / oversampling)))


def nufft_seconds(
    n: float, n_keys: float, accuracy: float, modes, largest_grid: float
) -> tuple[float, float]:
    """One or two values from n_keys sources to n targets, and the oversampling that makes it
    cheapest (inf: too large a grid).
    """
    best = (math.inf, OVERSAMPLINGS[0])
    dim = len(modes)
    for oversampling in OVERSAMPLINGS:
        grid = math.prod(oversampling * float(m) for m in modes)
        width = kernel_width(accuracy, oversampling)
        if grid > largest_grid or (width > WIDEST_KERNEL and oversampling != OVERSAMPLINGS[0]):
            continue
        points = (n + n_keys) * (NUFFT_POINT[dim] + NUFFT_SHARED + NUFFT_SPREAD[dim] * width**dim)
        best = min(best, (points + NUFFT_GRID * grid * math.log2(grid), oversampling))
    return best
