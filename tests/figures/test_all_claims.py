"""The picture of all checks: distances in half-widths, and what is refuted or left is seen."""

from __future__ import annotations

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest

import figures
from figures.all_claims import all_checks
from simulations.statistics.intervals import Interval
from simulations.verdict.rows import judged
from theory.predictions import Value

SAMPLED = Interval(2.0, 1.9, 2.2, "Student, 20 samples", standard_error=0.03, freedom=19)


def row(value, kind="limit", **rivals):
    return judged("q", Value(value, rivals, kind), SAMPLED)


def marks(*rows):
    """(colour, how many) of each set of marks that stand for predictions and rivals."""
    figure, ax = plt.subplots()
    all_checks.strips(ax, {"a": SimpleNamespace(rows=rows)}, sampled=True)
    lines = [line for line in ax.lines if line.get_marker() in ("o", "D", "|", "x")]
    plt.close(figure)
    return [(line.get_color(), len(line.get_xdata())) for line in lines]


@pytest.mark.parametrize(
    ("value", "away"), [(2.0, 0.0), (2.1, 0.5), (2.2, 1.0), (1.95, 0.5), (1.8, 2.0), (1e9, 1e4)]
)
def test_distances_are_in_half_widths_of_that_side(value, away):
    assert all_checks.distance(row(2.0), value) == pytest.approx(away)


def test_a_bound_below_what_was_measured_is_met():
    assert all_checks.distance(row(1.0, "bound"), 1.0) == 0
    assert all_checks.distance(row(1.0, "bound"), 2.4) == pytest.approx(2.0)


def test_what_is_refuted_or_not_rejected_is_seen():
    fine, refuted, left = row(2.0, more=3.0), row(3.0), row(2.0, more=2.1)
    assert refuted.verdict == "refuted" and not left.rivals["more"].rejected
    assert (all_checks.WRONG, 1) not in marks(fine)
    assert (all_checks.WRONG, 1) in marks(refuted)
    assert (all_checks.WRONG, 1) in marks(left)


def test_every_figure_of_all_claims_has_a_caption_and_a_name_of_its_own():
    assert set(figures.openers()) == {"all_checks", "schematic"}
    assert not set(figures.openers()) & set(figures.names())
    for name in figures.openers():
        assert len(figures.caption(name).split()) > 10
