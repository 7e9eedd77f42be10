"""The protocol: equal budgets, choices by validation alone, pieces that are taken up again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from simulations.learn import protocol
from simulations.learn.descent import HIGHEST, area_saved
from simulations.learn.protocol import TUNING, choose, expected, study
from simulations.store.results import Run
from theory.claims import metric_attention as claim

PARAMETERS = replace(claim.Parameters(), n_seeds=4, n_rival_seeds=3)
LOSS = {("self", 3e-3, 0.1): 0.1, ("metric", 3e-2, 1.0): 0.1, ("self", 3e-3, 0.01): 0.2,
        ("metric", 3e-2, 0.01): 0.2}  # fmt: skip


def asked_of(choose_or_study, parameters, monkeypatch):
    """The jobs that are asked for, each answered by LOSS or a score."""
    jobs = []

    def submit(asked):
        jobs.extend(asked)
        return [
            {"loss": np.array(LOSS.get((j.trial.arm, j.setting.rate, j.setting.decay), 0.9)),
             "score": np.array(j.trial.number)}
            for j in asked
        ]  # fmt: skip

    @contextmanager
    def submitter(parameters, run):
        yield submit

    monkeypatch.setattr(protocol, "submitter", submitter)
    return choose_or_study(parameters, submit), jobs


def test_rate_then_decay_of_the_least_validation_loss(monkeypatch):
    found, jobs = asked_of(lambda p, s: choose(p, s, "digits"), PARAMETERS, monkeypatch)
    assert (found["self"].rate, found["self"].decay) == (3e-3, 0.1)
    assert (found["metric"].rate, found["metric"].decay) == (3e-2, 1.0)
    assert found[claim.TWIN] == found["self"]
    assert not any(job.score for job in jobs)
    assert all(job.trial.number >= TUNING for job in jobs)


def test_every_arm_has_the_same_budget_and_runs_are_paired(monkeypatch):
    found, jobs = asked_of(lambda p, s: study(p, None), PARAMETERS, monkeypatch)
    for task in PARAMETERS.tasks:
        mine = [j for j in jobs if j.trial.task == task]
        chosen = {
            arm: len({j.key for j in mine if j.trial.arm == arm and not j.score})
            for arm in PARAMETERS.arms_on(task) if arm != claim.TWIN
        }  # fmt: skip
        assert len(set(chosen.values())) == 1, chosen
        for arm in PARAMETERS.arms_on(task):
            numbers = found[f"{task}/{arm}/score"]
            np.testing.assert_array_equal(numbers, np.arange(PARAMETERS.runs_of(arm)))
            settings = {j.setting for j in mine if j.score and j.trial.arm == arm}
            assert len(settings) == 1
    assert len({j.key for j in jobs}) == expected(PARAMETERS)[0]


def test_a_study_takes_up_what_was_finished(tmp_path, monkeypatch):
    # processes take seconds to begin
    monkeypatch.setattr(protocol, "processes", ThreadPoolExecutor)
    monkeypatch.setattr(protocol, "WORKERS", 1)
    small = claim.Parameters(**claim.SMALL)
    first = study(small, Run(tmp_path / "partial", quiet=True))
    pieces = sorted((tmp_path / "partial").glob("*.npz"))
    assert len(pieces) == expected(small)[0]
    pieces[0].unlink()
    computed = []
    inner = Run.remember

    def counting(self, key, compute):
        return inner(self, key, lambda: computed.append(key) or compute())

    monkeypatch.setattr(Run, "remember", counting)
    second = study(small, Run(tmp_path / "partial", quiet=True))
    assert len(computed) == 1
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


def test_the_area_is_the_mean_loss_over_the_steps():
    losses = np.array([4.0, 2.0, 1.0, 1.0])
    assert area_saved(losses) == pytest.approx(-np.trapezoid(losses, [0, 10, 20, 30]) / 30)
    assert area_saved(np.array([1.0, np.nan, np.inf])) == -(0.5 + HIGHEST + HIGHEST / 2) / 2


def test_a_mistake_in_the_data_is_told_before_anything_is_run(tmp_path):
    with pytest.raises(Exception, match="cannot be read"):
        study(replace(PARAMETERS, data=str(tmp_path / "none.npz")), None)
