"""Predictions of the claim `metric_attention`: what the paper says, everywhere greater than 0.

A bound at 0 alone would hold where nothing differs. So each number is measured with its arms
swapped too, which the bound must refute: a row is supported where its interval lies above 0,
refuted where it lies below, and inconclusive where it holds 0.

Rows of other arms stand beside the claim: what they come to is no word on the metric. Two controls
are held against what is known: the same arm from another start differs by 0, and a score held ten
times too hot loses somewhere.
"""

from __future__ import annotations

from theory.claims import metric_attention as claim
from theory.predictions import Value

FULL_MISS = 1.0  # of an accuracy: all examples; of an area: a nat at every step


def predict(parameters: claim.Parameters) -> dict[str, Value]:
    found = {
        claim.row(task, what, arm): Value(
            0.0, kind="bound", aside=arm != claim.METRIC or what == claim.KEPT
        )
        for arm in parameters.others
        for task, what in parameters.comparisons(arm)
    }
    for task, what in parameters.comparisons(claim.TWIN):
        twin = Value(0.0, kind="consistency", scale=FULL_MISS, aside=True)
        found[claim.row(task, what, claim.TWIN)] = twin
    if parameters.tasks_of(claim.HELD):
        found[claim.SABOTAGE] = Value(0.0, kind="bound", aside=True)
    return found
