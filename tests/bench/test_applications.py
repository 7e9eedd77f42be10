"""Counts of applications: what is counted, and that the peer's scheme has its order."""

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from simulations.bench import application_rows as applications
from simulations.bench import sundials_peer
from simulations.bench.pde_schemes import FLAT, TIME, problem
from simulations.store.sources import ROOT


def has_sundials():
    return find_spec("sundials4py") is not None


def test_the_runge_kutta_legendre_method_is_stable_and_of_second_order():
    operator, h = problem("flat_torus(dim=2)", FLAT, (16, 16))
    exact = applications.expm_multiply(TIME * operator.matrix, h)
    errors = []
    for steps in (8, 16, 32):
        stages = applications.rkl2_stages(TIME / steps, operator.spectral_bound)
        values = applications.rkl2(operator.matrix, h, TIME, steps, stages)
        errors.append(np.abs(values - exact).max())
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.35)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.35)


def test_stages_are_the_fewest_odd_ones_that_are_stable():
    for bound in (0.1, 5.0, 77.0, 1e4):
        stages = applications.rkl2_stages(1.0, bound)
        assert stages % 2 and stages >= 3 and (stages**2 + stages - 2) / 2 >= bound
        assert stages == 3 or ((stages - 2) ** 2 + stages - 4) / 2 < bound


def test_rows_say_how_often_each_method_applies_the_operator():
    rows = applications.solve_rows(16)
    series = [row for row in rows if row["method"] == "Chebyshev series"]
    assert [row["applications"] for row in series] == sorted(row["applications"] for row in series)
    assert series[-1]["error"] < 1e-7 < series[0]["error"] < 1e-2
    assert {row["method"] for row in rows} == {
        "Chebyshev series", "RKL2", "explicit Euler", "scipy expm_multiply",
    }  # fmt: skip
    assert all(row["applications"] > 0 and np.isfinite(row["error"]) for row in rows)


def test_counts_of_sundials_stand_beside_our_own_of_the_same_method():
    """Of the same polynomials of the operator, so with the same error where it is as many."""
    kept = {(r["method"], r["setting"]): r for r in sundials_peer.counted_rows()}
    assert kept and {m for m, _ in kept} == {f"SUNDIALS {m}" for m in sundials_peer.METHODS}
    for steps, stages in ((4, 29), (16, 15), (64, 7)):
        row = kept["SUNDIALS RKL2", f"{steps} steps"]
        assert row["applications"] == pytest.approx(steps * stages, abs=2)


@pytest.mark.skipif(has_sundials(), reason="sundials4py is there")
def test_without_sundials_one_line_says_how_to_get_it():
    done = subprocess.run(
        [sys.executable, "-m", "simulations.bench.sundials_peer"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "make bench-sundials" in done.stderr


def test_vectors_that_attention_acts_on_are_counted():
    rows = applications.spectrum_rows(1500)
    assert {row["method"] for row in rows} == {
        "block Lanczos", "Lanczos, copies searched", "scipy eigsh",
    }  # fmt: skip
    blocks = [row["applications"] for row in rows if row["method"] == "block Lanczos"]
    assert all(count % applications.BLOCK == 0 for count in blocks)
