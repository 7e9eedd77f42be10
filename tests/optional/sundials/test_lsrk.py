"""SUNDIALS' stabilised Runge-Kutta methods, against the exponential and our own of the kind."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.sparse import diags

from simulations.bench import application_rows, sundials_peer
from simulations.bench.sundials_peer import METHODS, lsrk
from theory.setting.checks import InputError

N = 40
MATRIX = diags([np.ones(N - 1), -2 * np.ones(N), np.ones(N - 1)], [-1, 0, 1]).tocsr() * 25.0
BOUND = 100.0  # of the eigenvalues of a second difference
START = np.sin(np.linspace(0, 3, N)) + np.cos(np.linspace(0, 20, N))
EXACT = expm(0.3 * MATRIX.toarray()) @ START

pytest.importorskip("sundials4py", reason="needs `make test-sundials PYTHON=python3.12`")


@pytest.mark.parametrize("method", METHODS)
def test_equal_steps_have_the_second_order(method):
    errors = [
        np.abs(lsrk(MATRIX, START, 0.3, BOUND, method, steps=n)[0] - EXACT).max()
        for n in (32, 64, 128)
    ]
    for coarse, fine in pairwise(errors):
        assert 3 < coarse / fine < 6
    wrong = lsrk(1.01 * MATRIX, START, 0.3, 1.01 * BOUND, method, steps=128)[0]
    assert np.abs(wrong - EXACT).max() > 3 * errors[-1]


@pytest.mark.parametrize("method", METHODS)
def test_applications_are_counted_as_sundials_counts_them(method):
    class Counted:
        applications = 0

        def __matmul__(self, y):
            self.applications += 1
            return MATRIX @ y

    matrix = Counted()
    values, applied = lsrk(matrix, START, 0.3, BOUND, method, tolerance=1e-5)
    assert applied == matrix.applications > 0
    assert np.abs(values - EXACT).max() < 1e-3
    fine, more = lsrk(MATRIX, START, 0.3, BOUND, method, tolerance=1e-7)
    assert more > applied and np.abs(fine - EXACT).max() < np.abs(values - EXACT).max()


@pytest.mark.parametrize("times", [10, 20, 30])
def test_our_runge_kutta_legendre_method_is_that_of_sundials(times):
    """With as many stages both are one polynomial of the operator; SUNDIALS takes even numbers too,
    the fewest that are stable."""
    bound = times * BOUND  # so that there are many
    theirs, applied = lsrk(MATRIX, START, 0.3, bound, "RKL2", steps=8)
    stages = (applied - 1) // 8  # and one application before the first step
    ours = [application_rows.rkl2(MATRIX, START, 0.3, 8, stages + more) for more in (0, 1)]
    assert stages > 8 and stages <= application_rows.rkl2_stages(0.3 / 8, 1.01 * bound)
    assert np.abs(ours[0] - theirs).max() < 1e-13 < 1e-6 < np.abs(ours[1] - theirs).max()


def test_what_is_shipped_is_what_is_counted():
    kept = {(r["method"], r["setting"]): r for r in sundials_peer.counted_rows()}
    found = sundials_peer.lsrk_rows()
    assert len(found) == len(kept)
    for row in found:
        shipped = kept[row["method"], row["setting"]]
        assert row["applications"] == pytest.approx(shipped["applications"], rel=0.02)
        assert row["error"] == pytest.approx(shipped["error"], rel=0.05)


@pytest.mark.parametrize("bad", [{}, {"steps": 0}, {"tolerance": np.nan}, {"tolerance": -1.0}])
def test_settings_that_are_none_are_refused(bad):
    with pytest.raises(InputError, match="one of them"):
        lsrk(MATRIX, START, 0.3, BOUND, "RKL2", **bad)
    with pytest.raises(InputError, match="RKC2, RKL2"):
        lsrk(MATRIX, START, 0.3, BOUND, "RKL3", steps=1)
