"""BLAS on one thread: it shares a sum out to its threads, and rounding would show how many it has."""

from __future__ import annotations

from functools import cache

import scipy.linalg  # noqa: F401  brings a BLAS of its own, which must be there to be limited
from threadpoolctl import ThreadpoolController


def one_blas_thread():
    """A context in which NumPy's and SciPy's linear algebra runs on one thread, in all of the
    process.
    """
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries():
    return ThreadpoolController()
