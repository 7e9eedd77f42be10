"""Measures the claim `metric_attention`: paired differences between arms that learn."""

from __future__ import annotations

from simulations.experiments.metric_attention import tables
from simulations.experiments.metric_attention.differences import (
    apart,
    corrected,
    differences,
    effect,
    paired,
    sabotage,
)
from simulations.experiments.metric_attention.learning_curves import curves
from simulations.learn.protocol import study
from simulations.store.quantities import Measurement
from theory.claims import metric_attention as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """One number a task, a quantity and an arm; all scores and effect sizes as arrays."""
    scores = study(parameters, run)
    quantities, effects = {}, {}
    arms = [*parameters.others, *(arm for arm in parameters.arms if arm == claim.TWIN)]
    for arm in sorted(arms, key=lambda a: a != claim.METRIC):
        family = parameters.comparisons(arm)
        for task, what in family:
            found = differences(scores, parameters, task, what, arm)
            name = claim.row(task, what, arm)
            quantities[name] = paired(found, len(family), control=arm == claim.TWIN)
            effects[f"effect size/{name}"] = effect(found)
    if tasks := parameters.tasks_of(claim.HELD):
        lost = [apart(scores, t, claim.ACCURACY, claim.METRIC, claim.HELD) for t in tasks]
        quantities[claim.SABOTAGE] = sabotage([corrected(loss, 1) for loss in lost])
    scores |= curves(scores, parameters)
    told = (
        tables.of_scores(scores, parameters),
        tables.of_robustness(scores, parameters),
        tables.of_effects(quantities, effects),
    )
    return Measurement(quantities, scores | effects, told)
