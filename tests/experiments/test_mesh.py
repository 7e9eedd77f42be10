"""The claim `mesh` at a small size: limits at N = infinity, and what a planted mistake does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.experiments.mesh import measure
from simulations.experiments.mesh import nodes as nodes_
from simulations.experiments.mesh import samples as samples_
from simulations.store.results import Run
from simulations.verdict.fields import fit_members
from simulations.verdict.join import judge_quantities
from theory.claims import mesh as claim
from theory.predictions.mesh import predict
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)


@pytest.fixture(scope="module")
def measured():
    return measure(SMALL, Run(None, quiet=True))


def coefficients(measured, parameters=SMALL):
    """Romberg's limits of (drift, clock) at N = infinity, of the generator and of A^k H."""
    predicted, found = predict(parameters), []
    for name in (claim.moments, claim.evolved):
        fits = fit_members(measured.quantities[name(claim.NODES)], predicted[name(claim.SAMPLES)])
        values, power = fits[:, 0], 1
        while len(values) > 1:
            values, power = (2**power * values[1:] - values[:-1]) / (2**power - 1), power + 1
        found.append(values[0])
    return np.array(found)


def test_rows_hold_their_predictions(measured):
    rows = judge_quantities(measured.quantities, predict(SMALL))
    assert len(rows) == 4 and not any(row.verdict == "refuted" for row in rows)
    assert all(row.rivals["no drift"].rejected for row in rows if "drift" in row.quantity)


def test_at_infinity_the_limits_are_two_and_one(measured):
    assert np.abs(coefficients(measured) / [2, 1] - 1).max() < 0.08


def test_a_seed_says_which_tokens(measured):
    field = measured.quantities[claim.moments(claim.SAMPLES)].values[0]
    again = samples_.sample(SMALL, 1)[: field[1].size]
    assert np.array_equal(field[1].ravel(), again)
    assert not np.array_equal(field[0], field[1])


# half the cells at twice the time cost an eighth
COARSE = replace(SMALL, n_cells=28, time=0.8)


def without_samples(parameters):
    return nodes_.on_nodes(parameters, Run(None, quiet=True))


def test_tokens_of_another_density_are_seen():
    """Tokens of p^(3/4) in the place of p: A^k H has three quarters of the drift.

    The mean of psi (A - I)H is over the tokens, so both of its terms change; A^k H tells.
    """
    right, wrong = (
        coefficients(without_samples(replace(COARSE, density=p)), COARSE)[1]
        for p in ("exp(x/2)", "exp(3*x/8)")
    )
    assert right[0] == pytest.approx(2.0, rel=0.1)
    assert wrong[0] == pytest.approx(1.5, rel=0.1)


def test_areas_forgotten_are_seen(monkeypatch):
    """Nodes of equal weight on triangles that are not of equal area: another density."""
    right = nodes_.nodes_on_triangles

    def equal(surface, p, degree):
        points, weights = right(surface, p, degree)
        shares = np.repeat(p[surface.triangles].mean(axis=1), len(weights) // len(surface.areas))
        return points, shares / shares.sum()

    monkeypatch.setattr(nodes_, "nodes_on_triangles", equal)
    sphere = replace(COARSE, mesh="sphere", density="exp(z/2)")
    found = coefficients(without_samples(sphere), sphere)
    assert np.abs(found[:, 0] / 2 - 1).max() > 0.1


def test_of_uniform_tokens_the_clock_alone_is_predicted():
    uniform = replace(SMALL, density="uniform")
    assert not uniform.drifts
    for prediction in predict(uniform).values():
        assert len(prediction.values) == 1 and next(iter(prediction.values)).startswith("clock")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"n_cells": 12}, "a finer mesh"),
        ({"time": 0.01}, "expected a time of at least"),
        ({"time": np.nan}, "time"),
        ({"density": "x"}, "expected numbers > 0"),
        ({"density": "exp(50*x)"}, "expected at most 100"),
        ({"density": "1/(x-x)"}, "density"),
        ({"density": "theta"}, "density"),
        ({"density": "(x, y)"}, "density"),
        ({"features": "1"}, "expected a function that varies"),
        ({"features": "log(x)"}, "features"),
        ({"n_steps": 5}, "expected an even number"),
        ({"mesh": "nonsense"}, "mesh"),
        ({"mesh": "circle"}, "expected a closed surface in space"),
        ({"mesh": "missing.ply"}, "cannot be read"),
        ({"mesh": "missing/file.stl"}, "expected a file .obj or .ply"),
        ({"content": "abc"}, "the file is another one"),
        ({"n_seeds": 2}, "n_seeds"),
        ({"n_tokens": 10**12}, "n_tokens"),
    ],
)
def test_bad_parameters_are_refused_in_a_line(changed, words):
    with pytest.raises(InputError) as refused:
        replace(SMALL, **changed)
    assert words in str(refused.value) and "\n" not in str(refused.value)
