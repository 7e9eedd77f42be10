"""Shares of what the score does, and how far those of trained heads are from their nulls'."""

from __future__ import annotations

import numpy as np

from simulations.experiments.trained_heads.responses import COMPARED
from simulations.experiments.trained_heads.texts import FACTS
from simulations.heads.nulls import RANDOM, RANDOM_SPREAD, SHUFFLED, TRAINED
from simulations.statistics.bootstrap import bootstrap_intervals
from simulations.statistics.intervals import Interval
from simulations.store.quantities import Measurement, Number
from theory.claims import trained_heads as claim

FORMS = ("response", "exchanged", "copying")
# a difference of shares: the form, what is said to be above, and below what
SIDES = {
    claim.RANDOM_LOCAL: ("response", RANDOM, TRAINED),
    claim.SPREAD_LOCAL: ("response", TRAINED, RANDOM_SPREAD),
    claim.SHUFFLED_LOCAL: ("response", SHUFFLED, TRAINED),
    claim.SPREAD_COPYING: ("copying", TRAINED, RANDOM_SPREAD),
    claim.SHUFFLED_COPYING: ("copying", TRAINED, SHUFFLED),
}


def shares(means) -> np.ndarray:
    """1 - |what is left|^2/|what the score does|^2 of mean sums (..., 4): (..., 3) by FORMS."""
    means = np.asarray(means)
    return 1 - means[..., 1:] / means[..., :1]


def each_head(means) -> dict[str, np.ndarray]:
    """The share of the response by each head, of both orders of the maps, and every difference:
    from mean sums (..., heads, compared, 4) to (..., heads) by name."""
    found = shares(means)

    def of(form, which):
        return found[..., COMPARED.index(which), FORMS.index(form)]

    apart = {name: of(form, a) - of(form, b) for name, (form, a, b) in SIDES.items()}
    return {
        claim.LOCAL: of("response", TRAINED),
        claim.EXCHANGED: of("exchanged", TRAINED),
        **apart,
    }


def share_numbers(found: dict[str, np.ndarray], parameters: claim.Parameters) -> Measurement:
    """Medians over the heads, with bootstrap intervals over sentences."""
    sums = found["sums"]  # (heads, texts, compared, 4)
    heads, texts = sums.shape[:2]
    samples = np.moveaxis(sums, 1, 0).reshape(texts, -1)

    def statistic(means):
        each = each_head(np.reshape(means, (*np.shape(means)[:-1], heads, *sums.shape[2:])))
        return np.stack([np.median(values, axis=-1) for values in each.values()], axis=-1)

    every = each_head(sums.mean(axis=1))
    rng = np.random.default_rng([parameters.seed, heads, texts])
    medians = dict(zip(every, bootstrap_intervals(statistic, samples, rng), strict=True))
    local = medians[claim.LOCAL]
    wrong = {claim.EXCHANGED: medians[claim.EXCHANGED], claim.LEFT: reflected(local, 1.0)}
    numbers = {claim.LOCAL: Number(local, wrong)}
    for name in claim.DIFFERENCES:
        numbers[name] = Number(medians[name], {claim.OTHER_WAY: reflected(medians[name], 0.0)})
    arrays = {f"each, {name}": values for name, values in every.items()}
    return Measurement(numbers, arrays | {name: found[name] for name in FACTS})


def reflected(interval: Interval, total: float) -> Interval:
    """The interval of `total` minus the measured number: it misses a lower bound of total/2 only
    where the measured one is beyond doubt above it."""
    low, high = total - interval.high, total - interval.low
    return Interval(total - interval.value, low, high, interval.basis)
