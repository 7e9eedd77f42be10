"""A pilot says how many samples an answer needs, and they are enough."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.statistics.intervals import bounded, mean_interval
from simulations.verdict.rows import judged
from simulations.verdict.two_stage import (
    needed_samples,
    plan,
    read_budget,
    read_resolution,
    second_stage,
)
from theory.predictions import Value
from theory.setting.checks import InputError


@dataclass(frozen=True)
class Parameters:
    n_seeds: int = 20
    seed: int = 5


def sampled(n, bias=0.0, seed=1):
    samples = 2.0 + 0.5 * np.random.default_rng(seed).standard_normal(n)
    return judged("q", Value(2.0), bounded(mean_interval(samples), bias, "a bound"))


def judgement(row, parameters=None):
    record = {"seconds": 10.0, "loops": {"20": 6.0}}
    return SimpleNamespace(
        rows=(row,), parameters=parameters or Parameters(), result=SimpleNamespace(record=record)
    )


def test_so_many_samples_resolve_so_much():
    # a pilot large enough that its own scatter does not blur the test
    wanted = plan(judgement(sampled(400), Parameters(400)), 0.01).n_samples
    widths = [sampled(wanted, seed=s).half_width / 2.0 for s in range(2, 12)]
    assert 0.008 < np.mean(widths) < 0.0105


def test_what_samples_cannot_shrink_is_not_asked_of_them():
    assert np.isinf(needed_samples(sampled(20, bias=0.2), 20, 0.05))
    assert np.isfinite(needed_samples(sampled(20, bias=0.02), 20, 0.05))
    assert plan(judgement(sampled(20, bias=0.3))).n_samples is None


def test_only_the_loops_over_samples_cost_more():
    cost = plan(judgement(sampled(20)), 0.05)
    assert cost.seconds == pytest.approx(4.0 + 6.0 * cost.n_samples / 20)


def test_the_second_stage_draws_its_samples_anew():
    assert second_stage(Parameters(), 300) == Parameters(300, 6)


@pytest.mark.parametrize(("text", "value"), [("5%", 0.05), ("0.1", 0.1), ("2.5%", 0.025)])
def test_resolutions_are_read(text, value):
    assert read_resolution(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "0", "100%", "-5%", "five", "nan"])
def test_other_resolutions_are_refused(text):
    with pytest.raises(InputError, match="resolution: got"):
        read_resolution(text)


def test_budgets_are_read_and_others_refused():
    assert [read_budget(t) for t in ("90", "90s", "2m", "1.5h")] == [90, 90, 120, 5400]
    for text in ("", "0", "-1m", "soon", "1d"):
        with pytest.raises(InputError, match="budget: got"):
            read_budget(text)
