"""Tests side by side: each process computes on one thread, so that they do not wait for each other.

Tests of threads set their number themselves.
"""

from __future__ import annotations

import numba


def pytest_configure(config):
    if hasattr(config, "workerinput"):
        numba.set_num_threads(1)
