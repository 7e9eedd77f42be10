"""Predictions of the claim `metric_attention`: what the paper says, everywhere greater than 0.

A bound at 0 alone would hold where nothing differs. So each number is measured with its arms
swapped too, which the bound must refute: a row is supported where its interval lies above 0,
refuted where it lies below, and inconclusive where it holds 0.
"""

from __future__ import annotations

from theory.claims import metric_attention as claim
from theory.predictions import Value


def predict(parameters: claim.Parameters) -> dict[str, Value]:
    return {
        claim.row(task, what, arm): Value(0.0, kind="bound")
        for arm in parameters.others
        for task in parameters.all_tasks
        for what in claim.quantities_of(task)
    }
