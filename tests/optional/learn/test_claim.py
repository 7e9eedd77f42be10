"""The claim at small size: its rows can go either way, and families of rows are corrected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import figures
from simulations.experiments.metric_attention.differences import (
    corrected,
    differences,
    effect,
    paired,
    sabotage,
)
from simulations.statistics.intervals import mean_interval
from simulations.store.results import execute
from simulations.verdict.join import judge, judge_quantities
from simulations.verdict.rows import overall
from theory.claims import metric_attention as claim
from theory.predictions.metric_attention import predict
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)
ALL = claim.Parameters()
ROW = claim.row("wine", claim.ACCURACY)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return execute("metric_attention", SMALL, root=tmp_path_factory.mktemp("results"), quiet=True)


def test_rows_and_figures(small):
    judged = judge(small)
    expected = [claim.row(claim.REAL, part) for part in (*claim.PARTS, claim.KEPT)]
    expected += [claim.row("wine", what) for what in claim.quantities_of("wine")]
    assert [row.quantity for row in judged.rows] == expected
    assert small.record["tables"][0].count("not run") == 2
    for name in (n for n in figures.optional_names() if figures.claim_of(n) == "metric_attention"):
        assert figures.draw(name, judged).axes


def test_over_one_task_a_part_is_that_task(small):
    """The pooled row of one task is the row of the task, to the correction that both share."""
    rows = {row.quantity: row for row in judge(small).rows}
    pooled, alone = rows[claim.row(claim.REAL, "accuracy")], rows[ROW]
    assert (pooled.measured, pooled.ci_low) == (alone.measured, alone.ci_low)


def test_a_part_is_the_mean_over_tasks_of_the_mean_over_its_quantities():
    rng = np.random.default_rng(3)
    parameters = replace(SMALL, tasks=("wine", "digits", "nearest"))
    scores = {
        f"{task}/{arm}/{what}": rng.random(4)
        for task in parameters.tasks
        for arm in ("self", "metric")
        for what in claim.pooled(task, "robustness")
    }
    found = differences(scores, parameters, claim.REAL, "robustness", claim.METRIC)
    right = np.zeros(4)
    for task in ("wine", "digits"):
        for what in claim.pooled(task, "robustness"):
            count = 2 * len(claim.pooled(task, "robustness"))
            right += (scores[f"{task}/metric/{what}"] - scores[f"{task}/self/{what}"]) / count
    np.testing.assert_allclose(found, right)


def test_robustness_beyond_accuracy_is_that_of_a_network_of_equal_accuracy():
    """A network that is worse by 0.1 everywhere is as robust, by this row, and not by the other."""
    parameters = replace(SMALL, tasks=("wine",))
    scores = {f"wine/self/{what}": np.full(4, 0.9) for what in claim.quantities_of("wine")}
    scores |= {f"wine/metric/{what}": np.full(4, 0.8) for what in claim.quantities_of("wine")}
    found = {
        what: differences(scores, parameters, claim.REAL, what, claim.METRIC)
        for what in ("robustness", claim.KEPT)
    }
    np.testing.assert_allclose(found["robustness"], -0.1)
    np.testing.assert_allclose(found[claim.KEPT], 0.0, atol=1e-15)


def scores_of(shift, n=12):
    theirs = np.linspace(0.7, 0.8, n)
    noise = 0.01 * np.tile([1.0, -1.0], n // 2)
    return {f"wine/self/{claim.ACCURACY}": theirs,
            f"wine/metric/{claim.ACCURACY}": theirs + shift + noise}  # fmt: skip


def judged_row(apart, name=ROW, parameters=SMALL):
    found = paired(apart, 1, control=claim.TWIN in name)
    (row,) = judge_quantities({name: found}, {name: predict(parameters)[name]})
    return row


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.1, "supported"), (0.0, "inconclusive"), (-0.1, "refuted")]
)
def test_a_row_is_judged_either_way(shift, verdict):
    apart = differences(scores_of(shift), SMALL, "wine", claim.ACCURACY, claim.METRIC)
    assert judged_row(apart).verdict == verdict


def test_arms_that_do_not_differ_are_not_decided():
    row = judged_row(np.zeros(5))
    assert row.measured == 0 and row.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.0, "supported"), (0.05, "refuted"), (-0.05, "refuted")]
)
def test_an_identical_pair_must_differ_by_nothing(shift, verdict):
    name = claim.row("digits", claim.ACCURACY, claim.TWIN)
    assert judged_row(shift + 0.01 * np.tile([1.0, -1.0], 6), name, ALL).verdict == verdict


def test_a_twin_with_few_scattered_runs_says_nothing():
    name = claim.row("digits", claim.ACCURACY, claim.TWIN)
    assert judged_row(np.array([0.3, -0.3, 0.0]), name, ALL).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("losses", "verdict"), [((0.3, 0.0), "supported"), ((0.0, 0.0), "inconclusive")]
)
def test_a_sabotage_is_rejected_where_one_task_loses(losses, verdict):
    noise = 0.01 * np.tile([1.0, -1.0], 5)
    number = sabotage([mean_interval(loss + noise) for loss in losses])
    predicted = {claim.SABOTAGE: predict(ALL)[claim.SABOTAGE]}
    (row,) = judge_quantities({claim.SABOTAGE: number}, predicted)
    assert row.verdict == verdict


def test_rivals_and_controls_stand_beside_the_claim():
    predicted = predict(ALL)
    beside = {name for name, value in predicted.items() if value.aside}
    assert claim.SABOTAGE in beside and claim.row("digits", claim.ACCURACY, "l2") in beside
    # what robustness loses beyond accuracy is said beside the claim too
    assert len(predicted) - len(beside) == len(ALL.comparisons(claim.METRIC)) - 1
    name = claim.row("digits", claim.ACCURACY, "l2")
    worse = judged_row(np.full(6, -0.1) + 0.001 * np.arange(6), name, ALL)
    better = judged_row(np.full(6, 0.1) + 0.001 * np.arange(6))
    assert worse.verdict == "refuted" and overall([better, worse]) == "supported"


def test_families_larger_than_fifty_have_wider_intervals():
    """At 99.9 % each, 50 rows hold together at 95 %: of 51 each is as one of two at 99.9 %."""
    from scipy import stats

    apart = np.random.default_rng(2).standard_normal(20)
    one, many = (corrected(apart, count).half_width for count in (50, 51))
    quantiles = [stats.t.ppf(1 - 0.0005 / k, 19) for k in (1, 2)]
    assert many / one == pytest.approx(quantiles[1] / quantiles[0])
    assert 1 - stats.t.cdf(quantiles[1], 19) <= 0.05 / 51 / 2


def test_effect_sizes_are_the_t_statistic_over_the_root_of_n():
    from scipy import stats

    a, b = np.random.default_rng(1).standard_normal((2, 15))
    assert effect(a - b) == pytest.approx(stats.ttest_rel(a, b).statistic / np.sqrt(15))
    assert effect(np.zeros(4)) == 0


def test_what_is_run_is_what_is_declared():
    assert ALL.n_seeds >= 20 and set(ALL.arms) == set(claim.ARMS)
    for task in ALL.tasks:
        assert ALL.arms_on(task)[:2] == (claim.SELF, claim.METRIC)
        assert all(claim.PART_OF[what] in claim.PARTS for what in claim.quantities_of(task))
    everywhere = replace(ALL, rival_tasks=tuple(claim.TASKS))
    assert not set(everywhere.arms_on("text")) & set(claim.NOT_CAUSAL)
    assert "elliptical" not in everywhere.arms_on("nearest")
    assert not set(everywhere.arms_on("digits")) & set(claim.GRAPH_SCORES)
    assert claim.LABELS in claim.quantities_of("digits")
    assert claim.LABELS not in claim.quantities_of("digits", "l2")
    assert not any(claim.LIPSCHITZ in claim.pooled(t, "robustness") for t in ALL.tasks)
    graphs = replace(ALL, graphs=("a/x.npz", "a/y.npz"), data="d.npz")
    assert set(claim.GRAPH_SCORES) < set(graphs.arms_on("graph x"))
    assert graphs.all_tasks[-3:] == ("data", "graph x", "graph y")


@pytest.mark.parametrize(
    "bad",
    [{"arms": ("self",)}, {"arms": ("self", "metric", "best")}, {"tasks": ("iris",)}, {"tasks": ()},
     {"n_seeds": 2}, {"n_rival_seeds": 2}, {"rival_tasks": ("iris",)},
     {"graphs": ("a/g.npz", "b/g.npz")}, {"graphs": ("g.npz", "g.npz")}],
)  # fmt: skip
def test_bad_parameters_are_refused(bad):
    with pytest.raises(InputError):
        claim.Parameters(**bad)
