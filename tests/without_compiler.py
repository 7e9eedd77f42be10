"""A pytest plugin: kernels as plain Python, so that coverage sees their lines.

With NUMBA_DISABLE_JIT=1 a kernel is the function it was made of. What the dense kernels ask of LLVM
by name, lanes of numbers and fused products, has no Python of its own: NumPy arrays of LANES numbers
stand in for it here. Products are rounded before they are added, so results agree to rounding.

    NUMBA_DISABLE_JIT=1 python -m pytest -p tests.without_compiler ...
"""

from __future__ import annotations

import numpy as np
from numba.core import config

from simulations.attention.engines import dense_kernels, single_kernels

LANES = dense_kernels.LANES


def total(lanes):
    while len(lanes) > 1:
        half = len(lanes) // 2
        lanes = lanes[:half] + lanes[half:]
    return lanes[0]


def put(array, k, lanes):
    array[k : k + LANES] = lanes


def shifted_exponent(p, rounded):
    return np.ldexp(p, np.asarray(rounded - dense_kernels.ROUND).astype(int))


STAND_INS = {
    "wide_vectors": lambda: None,
    "_larger": max,
    "_plus": lambda a, b: a + b,
    "_minus": lambda a, b: a - b,
    "_times": lambda a, b: a * b,
    "_fused": lambda a, b, c: a * b + c,
    "_where_at_least": lambda a, b, yes, no: np.where(a >= b, yes, no),
    "_shifted_exponent": shifted_exponent,
    "_lanes_at": lambda array, k: array[k : k + LANES].copy(),
    "_put_lanes": put,
    "_zeros": lambda: np.zeros(LANES),
    "_total": total,
}


def pytest_configure():
    put_in_place()


def put_in_place() -> None:
    """Give both files of kernels their stand-ins; nothing changes where kernels are compiled."""
    if config.DISABLE_JIT:
        for module in (dense_kernels, single_kernels):
            for name in STAND_INS.keys() & vars(module).keys():
                setattr(module, name, STAND_INS[name])
