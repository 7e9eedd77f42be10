"""`solver`: planted mistakes in the finite differences, which its verdict refutes."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.solver import measure
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import solver as claim
from theory.pde import chebyshev, krylov, operators
from theory.predictions import solver as prediction
from theory.setting.checks import InputError

TINY = {"manifolds": ("ellipse(a=1.3)",), "n_cells": 32, "n_levels": 5}
CURVE = TINY["manifolds"][0]


@pytest.fixture
def rows():
    """The rows by name; solutions of the right solver are not remembered."""

    def judged(**changed):
        prediction.solutions.cache_clear()
        prediction.wrong_solutions.cache_clear()
        parameters = claim.Parameters(**(TINY | changed))
        measured = measure(parameters, Run(None, quiet=True))
        predicted = prediction.predict(parameters)
        return {r.quantity: r for r in judge_quantities(measured.quantities, predicted)}

    yield judged
    prediction.solutions.cache_clear()
    prediction.wrong_solutions.cache_clear()


def test_the_right_solver_is_supported(rows):
    found = rows()
    assert {row.verdict for row in found.values()} == {"supported"}
    wrong = set(found[claim.order_in_space(CURVE, "chebyshev")].rivals)
    assert {"drift 2.2", "sqrt(det g) forgotten", "face coefficients a cell off"} <= wrong


def test_a_drift_of_two_and_a_half_per_cent_more_is_refuted(rows, monkeypatch):
    right = operators.drift_diffusion_operator
    monkeypatch.setattr(
        prediction, "drift_diffusion_operator", lambda g, p, c=2.0: right(g, p, 1.025 * c)
    )
    row = rows()[claim.order_in_space(CURVE, "chebyshev")]
    assert row.verdict == "refuted" and row.measured < 1


def test_weights_at_cell_centres_instead_of_faces_are_refuted(rows, monkeypatch):
    """The coefficient of a face read half a cell off: order 1."""
    monkeypatch.setattr(operators.Grid, "shifted", lambda grid, axis: grid.points)
    monkeypatch.setattr(operators.Grid, "points", property(points_of_cells))
    row = rows()[claim.order_in_space(CURVE, "chebyshev")]
    assert row.verdict == "refuted"
    assert row.measured == pytest.approx(1.0, abs=0.1)


def points_of_cells(grid):
    (low, _), (h,) = grid.support[0], grid.spacing
    return (low + h * (np.arange(grid.cells[0]) + 0.5))[:, None]


@pytest.mark.parametrize("module", [chebyshev, krylov])
def test_an_integrator_that_misses_its_tolerance_is_refuted(rows, monkeypatch, module):
    name = "chebyshev" if module is chebyshev else "shift-invert"
    monkeypatch.setattr(module, "_MARGIN", 1e-8)
    row = rows(n_cells=64, n_levels=4)[claim.order_in_space(CURVE, name)]
    assert row.verdict == "refuted"


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"n_cells": 20}, "n_cells: got 20, expected a multiple of 8"),
        ({"n_levels": 9}, "expected at most 512"),
        ({"time": 0.0}, "time: got 0"),
        ({"manifolds": ("interval",)}, "expected a closed one"),
        ({"manifolds": ("sphere3",)}, "expected a curve or a surface"),
        ({"manifolds": ("sphere", "sphere")}, "each named once"),
    ],
)
def test_bad_input_is_refused_at_once(changed, match):
    with pytest.raises(InputError, match=match):
        claim.Parameters(**changed)
