"""A pilot says how many samples an answer needs, and they are enough."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.statistics.intervals import Interval, bounded, mean_interval
from simulations.verdict.rows import judged
from simulations.verdict.two_stage import (
    needed_samples,
    plan,
    read_budget,
    read_resolution,
    second_stage,
    within,
)
from theory.predictions import Value
from theory.setting.checks import InputError, whole


@dataclass(frozen=True)
class Parameters:
    n_seeds: int = 20
    seed: int = 5


@dataclass(frozen=True)
class WithLevels:
    n_levels: int = 4

    def __post_init__(self):
        if whole("n_levels", self.n_levels, 2) > 7:
            raise InputError(f"n_levels: got {self.n_levels}, expected at most 7")


def sampled(n, bias=0.0, seed=1, rivals=None):
    samples = 2.0 + 0.5 * np.random.default_rng(seed).standard_normal(n)
    value = Value(2.0, rivals or {})
    return judged("q", value, bounded(mean_interval(samples), bias, "a bound"))


def judgement(row, parameters=None):
    record = {"seconds": 10.0, "loops": {"20": 6.0}}
    return SimpleNamespace(
        rows=(row,), parameters=parameters or Parameters(), result=SimpleNamespace(record=record)
    )


def test_so_many_samples_resolve_so_much():
    # a pilot large enough that its own scatter does not blur the test
    wanted = plan(judgement(sampled(400), Parameters(400)), 0.01).n_samples
    resolved = [sampled(wanted, seed=s).resolution for s in range(2, 42)]
    assert 0.005 < np.mean(resolved) < 0.009
    # what is measured lies off the truth: most of them resolve it nevertheless
    assert np.mean(np.array(resolved) <= 0.01) > 0.85


def test_a_rival_that_is_nearer_than_the_resolution_takes_more_samples():
    rows = [sampled(400, rivals=r) for r in ({}, {"1 % more": 2.02}, {"50 % more": 3.0})]
    assert rows[1].verdict == "inconclusive" and not rows[1].rivals["1 % more"].rejected
    none, near, far = (needed(row) for row in rows)
    assert none is None and far is None
    reached = [sampled(near, rivals={"1 % more": 2.02}, seed=s).verdict for s in range(2, 22)]
    assert reached.count("supported") >= 16


def needed(row):
    return plan(judgement(row, Parameters(400))).n_samples


def test_a_row_without_samples_gets_more_levels():
    coarse = judged("q", Value(2.0), Interval(2.0, 1.75, 2.22, "Romberg, 4 levels"))
    found = plan(judgement(coarse, WithLevels()))
    assert (found.n_samples, found.n_levels) == (None, 7)
    assert second_stage(WithLevels(), found) == WithLevels(n_levels=7)
    assert within(found, WithLevels(), 0.6 * found.seconds).n_levels == 6
    assert not within(found, WithLevels(), 0.05 * found.seconds).helps
    assert plan(judgement(coarse)).n_levels is None
    assert "its bias is too large" in plan(judgement(coarse)).advice
    # as many levels as the parameters allow
    assert plan(judgement(coarse, WithLevels(n_levels=5))).n_levels == 7
    assert plan(judgement(coarse, WithLevels(n_levels=7))).n_levels is None


def test_a_budget_cuts_the_second_stage():
    wanted = plan(judgement(sampled(20)), 0.05)
    cut = within(wanted, Parameters(), wanted.seconds / 2)
    assert 20 < cut.n_samples < wanted.n_samples
    assert cut.seconds == pytest.approx(wanted.seconds / 2, rel=0.02)
    assert within(wanted, Parameters(), 2 * wanted.seconds) == wanted
    nothing = within(wanted, Parameters(), 0.1)
    assert not nothing.helps and "more than the budget" in nothing.advice


def test_what_samples_cannot_shrink_is_not_asked_of_them():
    assert np.isinf(needed_samples(sampled(20, bias=0.2), 20, 0.05))
    assert np.isfinite(needed_samples(sampled(20, bias=0.02), 20, 0.05))
    assert plan(judgement(sampled(20, bias=0.3))).n_samples is None


def test_only_the_loops_over_samples_cost_more():
    cost = plan(judgement(sampled(20)), 0.05)
    assert cost.seconds == pytest.approx(4.0 + 6.0 * cost.n_samples / 20)


def test_the_second_stage_draws_its_samples_anew():
    wanted = plan(judgement(sampled(20)), 0.05)
    assert second_stage(Parameters(), wanted) == Parameters(wanted.n_samples, 6)


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
