"""The loss of validation over the steps: its mean over runs, with an interval, for the figures."""

from __future__ import annotations

import numpy as np

from simulations.learn.descent import HIGHEST
from simulations.statistics.intervals import mean_interval
from theory.claims import metric_attention as claim

LOWEST = 1e-6  # nats: what is less is nothing to float32


def curves(scores, parameters) -> dict[str, np.ndarray]:
    """By "curve/task/arm" the steps, the geometric mean of the loss and the ends of Student's
    interval of its logarithm, (4, looks)."""
    return {
        f"curve/{task}/{arm}": curve(scores[f"{task}/{arm}/losses"])
        for task in parameters.all_tasks
        for arm in parameters.arms_on(task)
    }


def curve(losses: np.ndarray) -> np.ndarray:
    """Of losses (runs, looks): steps, mean, low and high, (4, looks)."""
    kept = np.clip(np.nan_to_num(losses, nan=HIGHEST, posinf=HIGHEST), LOWEST, HIGHEST)
    intervals = [mean_interval(look) for look in np.log(kept).T]
    ends = np.exp([[i.value, i.low, i.high] for i in intervals]).T
    return np.concatenate([[np.arange(len(intervals)) * claim.EVALUATED], ends])
