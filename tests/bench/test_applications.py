"""Counts of applications: what is counted, and that the peer's scheme has its order."""

import numpy as np
import pytest

from simulations.bench import application_rows as applications
from simulations.bench.pde_schemes import FLAT, TIME, problem


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


def test_vectors_that_attention_acts_on_are_counted():
    rows = applications.spectrum_rows(1500)
    assert {row["method"] for row in rows} == {
        "block Lanczos", "Lanczos, copies searched", "scipy eigsh",
    }  # fmt: skip
    blocks = [row["applications"] for row in rows if row["method"] == "block Lanczos"]
    assert all(count % applications.BLOCK == 0 for count in blocks)
