"""The study of coverage: small, with intervals that say too much, and what it writes."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.statistics.intervals import mean_interval
from simulations.store.quantities import Measurement, Number
from simulations.verdict import coverage
from theory.setting.checks import InputError

QUANTITY = "consensus value of i.i.d. tokens"


def drawn(scale=1.0):
    """A study that measures the mean of ten normal numbers, with intervals `scale` too wide."""

    def study(parameters, run):
        samples = np.random.default_rng(parameters.seed).standard_normal(10)
        interval = mean_interval(samples)
        wide = (interval.high - interval.value) * (scale - 1)
        interval = replace(
            interval,
            low=interval.low - wide,
            high=interval.high + wide,
            standard_error=scale * interval.standard_error,
        )
        return Measurement({QUANTITY: Number(interval)})

    return study


def held(study, monkeypatch, truth=0.0, n=300):
    monkeypatch.setattr(coverage.Case, "parameters", lambda self, seed: SimpleNamespace(seed=seed))
    monkeypatch.setitem(coverage.CASES, "drawn", coverage.Case("markov", study, {}))
    found = coverage.hits("drawn", {QUANTITY: truth}, range(n))[QUANTITY]
    return coverage.record("drawn", QUANTITY, np.array(found))


@pytest.mark.parametrize(("scale", "wide"), [(1.0, False), (2.0, False), (5.0, True)])
def test_the_width_over_the_scatter_is_told_and_marked(monkeypatch, scale, wide):
    monkeypatch.setattr(coverage.Case, "parameters", lambda self, seed: SimpleNamespace(seed=seed))
    monkeypatch.setitem(coverage.CASES, "drawn", coverage.Case("markov", drawn(scale), {}))
    intervals = coverage.measured("drawn", range(300))[QUANTITY]
    width = coverage.width_over_scatter(intervals)
    assert width == pytest.approx(scale, rel=0.15)
    # a bound in the basis lets it hold the truth as often as it likes, and hides no width
    record = coverage.record("drawn", QUANTITY, np.array(coverage.held(intervals, 0.0)), width)
    assert record["wide"] == wide
    for text in (coverage.table([record]), "\n".join(coverage.as_text([record]))):
        assert ("wider than its scatter" in text.splitlines()[-1]) == wide


def as_said(record) -> list[bool]:
    return [share["as_said"] for share in record["shares"]]


def test_intervals_that_hold_the_truth_as_often_as_they_say(monkeypatch):
    assert as_said(held(drawn(), monkeypatch)) == [True] * 4


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_intervals_that_are_too_narrow_or_too_wide_are_seen(monkeypatch, scale):
    assert not all(as_said(held(drawn(scale), monkeypatch)))


def test_a_bias_is_seen(monkeypatch):
    assert not all(as_said(held(drawn(), monkeypatch, truth=0.5)))


def test_a_claim_in_two_processes_and_what_is_written(tmp_path):
    lines = []
    records = coverage.study(10, ["markov"], lines.append)
    assert records[0]["quantity"] == QUANTITY and lines == ["markov: 10 repetitions"]
    assert all(share["high"] >= share["said"] for r in records for share in r["shares"])
    stored, table = coverage.write(records, tmp_path)
    assert json.loads(stored.read_text()) == records
    assert f"| markov | {QUANTITY} | Student, 200 samples |" in table.read_text()
    assert len(coverage.as_text(records)) == 1 + len(records)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="repeats: got 3, expected a whole number >= 10"):
        coverage.study(3)
    with pytest.raises(InputError, match="case: got 'x', expected one of markov"):
        coverage.study(10, ["x"])
