"""The quantities of the claim, from what is found of all runs: intervals over paired runs."""

from __future__ import annotations

import numpy as np

from simulations.experiments.learned_scores.depth import rates
from simulations.experiments.learned_scores.runs import PAIRED, RANDOM, TRAINED, WRONG
from simulations.experiments.learned_scores.shares import METRIC, SHARES, SYMMETRIC, WITH_KEY
from simulations.experiments.learned_scores.spectra import CHAIN
from simulations.heads.place import PLACES, places
from simulations.statistics.intervals import exact, mean_interval
from simulations.store.quantities import Number
from theory.claims import learned_scores as claim
from theory.claims import metric_attention as arms

ROUNDING = "float64, of a chain of a few tokens"
SHARE_OF = {claim.SHARE: METRIC, claim.WITH_KEY: WITH_KEY, claim.SYMMETRIC: SYMMETRIC}
CHAIN_OF = {claim.PRODUCED: "entropy", claim.TURNING: "imaginary"}
NULL_OF = {claim.RANDOM: RANDOM, claim.PAIRED: PAIRED}
# a measure of the chain, and the wrong methods that must show in it: where a map is a little off,
# simple eigenvalues stay real and positive
IDENTITIES = {
    claim.IMAGINARY: ("imaginary", (claim.OTHER_MAP,)),
    claim.NEGATIVE: ("negative", (claim.OTHER_MAP,)),
    claim.ENTROPY: ("entropy", WRONG),
}


def collapse(found, task: str, arm: str) -> Number:
    """The slope of the rate at the greatest depths on log |mu_2|, over heads and sets of a run."""
    rate, second, third = gaps(found, task, arm)
    other = np.roll(second, 1, axis=1)
    return Number(
        mean_interval(slopes(rate, second)),
        {
            claim.THIRD: mean_interval(slopes(rate, third)),
            claim.OTHER_HEAD: mean_interval(slopes(rate, other)),
        },
    )


def gaps(found, task: str, arm: str, step: int = -1):
    """Of trained heads the log-rate between two depths, log |mu_2| and log |mu_3|: each
    (runs, heads, sets)."""
    logs, moduli = (found[f"{task}/{arm}/{name}"][:, 1] for name in ("logs", "moduli"))
    return rates(logs, claim.DEPTHS)[..., step], *np.moveaxis(np.log(moduli), -1, 0)


def slopes(rate, log) -> np.ndarray:
    """Of least squares through 0, one a run."""
    return (rate * log).sum(axis=(1, 2)) / (log**2).sum(axis=(1, 2))


def series(found, task: str, arm: str, what: str, null: str = "") -> np.ndarray:
    """A share, or a measure of the chain, at every step: the mean over heads, (runs, steps)."""
    values = found[array_of(task, arm, what, null)].mean(axis=2)
    if what in SHARE_OF:
        return values[..., SHARES.index(SHARE_OF[what])]
    return values[..., CHAIN.index(CHAIN_OF[what])]


def array_of(task: str, arm: str, what: str, null: str = "") -> str:
    """The name of the array that holds it."""
    if what in SHARE_OF:
        return f"{task}/{arm}/shares, {null or TRAINED}"
    return f"{task}/{arm}/chain, {null}" if null else f"{task}/{arm}/chain"


def is_measured(found, task: str, arm: str, what: str, null: str = "") -> bool:
    return array_of(task, arm, what, null) in found


def difference(found, task: str, what: str, against: str) -> Number:
    """Of the free score: trained less what it is held against, in the direction that is said."""
    trained = series(found, task, arms.SELF, what)
    if against == claim.INITIAL:
        apart = trained[:, -1] - trained[:, 0]
    else:
        apart = trained[:, -1] - series(found, task, arms.SELF, what, NULL_OF[against])[:, -1]
    return one_sided(claim.sign(task, what, against) * apart)


def one_sided(samples) -> Number:
    """A mean that is said to be positive: turned round it must be rejected."""
    interval = mean_interval(samples)
    return Number(interval, {claim.OTHER_WAY: interval.scaled(-1.0)})


def compared(found, task: str, what: str) -> Number:
    """Of trained networks, the metric's less the free score's, in the direction that is said."""
    ours, theirs = (of_arm(found, task, arm, what) for arm in (arms.METRIC, arms.SELF))
    return one_sided(claim.COMPARED[what] * (ours - theirs))


def of_arm(found, task: str, arm: str, what: str) -> np.ndarray:
    """One number a trained network: the median head's share, or a mean over heads and sets."""
    if what == claim.FIRST_ORDER:
        score, left = np.moveaxis(found[f"{task}/{arm}/response"][:, 1], -1, 0)
        return np.median(1 - left / score, axis=1)
    if what == claim.CLOCK:
        return clocks(found, task, arm).mean(axis=1)
    return gaps(found, task, arm)[1].mean(axis=(1, 2))


def clocks(found, task: str, arm: str) -> np.ndarray:
    """The clock over the squared length of every trained head, (runs, heads)."""
    return places(found[f"{task}/{arm}/place"][:, 1])[..., PLACES.index("clock")]


def least_clock(found, task: str) -> Number:
    return Number(mean_interval(clocks(found, task, arms.METRIC).min(axis=1)))


def identity(found, tasks, name: str) -> Number:
    """The largest of a metric's chains of all tasks, runs, steps, heads and sets; and the least
    that wrong ones reach, the largest of a task and the least over tasks."""
    measure, methods = IDENTITIES[name]
    column = CHAIN.index(measure)

    def known(value):
        return exact(float(value), claim.ROUNDING, ROUNDING)

    largest = max(found[f"{t}/{arms.METRIC}/worst"][..., column].max() for t in tasks)
    wrong = {
        method: known(min(found[f"{t}/{arms.METRIC}/wrong"][..., k, column].max() for t in tasks))
        for k, method in enumerate(WRONG)
        if method in methods
    }
    return Number(known(largest), wrong)
