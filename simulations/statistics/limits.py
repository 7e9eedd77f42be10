"""Limits of measured numbers along halving steps: Richardson's and Romberg's extrapolation."""

from __future__ import annotations

import numpy as np

from simulations.statistics.intervals import Interval, bounded, mean_interval
from theory.setting.checks import finite_array, whole


def richardson(coarse, fine, order: int = 1):
    """Extrapolate to zero step from values at step h and h/2: (2^q fine - coarse)/(2^q - 1)."""
    factor = 2.0**order
    return (factor * np.asarray(fine) - np.asarray(coarse)) / (factor - 1)


def romberg(values) -> Interval:
    """The limit of values at steps h, h/2, h/4, ... with errors in powers of h.

    values: (levels,), at least three. The half-width is how far the finest level moved the limit,
    or half of how far the one before did, whichever is more: a single move can be small by chance
    (with four levels it misses the limit of one random power series in forty, the larger of the
    two of one in a thousand).
    """
    values = finite_array("values", values, (None,))
    whole("number of levels", len(values), 3)
    limits = [romberg_value(values[:count]) for count in range(1, len(values) + 1)][-3:]
    before, last = np.abs(np.diff(limits))
    # rounding of the values, amplified by the extrapolation
    rounding = 16 * np.finfo(float).eps * float(np.abs(values).max())
    moved = float(max(last, before / 2, rounding))
    basis = f"Romberg, {len(values)} levels"
    return Interval(limits[-1], limits[-1] - moved, limits[-1] + moved, basis)


# |weights| of the extrapolation sum to at most prod_q (2^q + 1)/(2^q - 1) = 8.26
AMPLIFIED = 8.3


def romberg_within(values, errors, derivation: str) -> Interval:
    """The limit of values (levels,) that are themselves known to within errors (levels,), such as
    those of rounding or of the nodes: how far the extrapolation carries them is added."""
    errors = finite_array("errors", errors, (len(values),))
    return bounded(romberg(values), AMPLIFIED * float(errors.max()), derivation)


def romberg_of_rates(rates, steps, tolerance: float) -> Interval:
    """The limit of rates (levels,), changes over their steps (levels,), by an engine that errs by at
    most `tolerance` in a change: a smaller step is not always nearer to the limit."""
    return romberg_within(rates, tolerance / np.asarray(steps), "tolerance of the engine")


def romberg_value(values) -> float:
    """The extrapolated value alone, of one or more levels."""
    values = np.asarray(values, dtype=np.float64)
    for power in range(1, len(values)):
        values = (2.0**power * values[1:] - values[:-1]) / (2.0**power - 1)
    return float(values[0])


def seen_by_samples(on_nodes, differences) -> Interval:
    """The limit that samples see ("How to measure", third way).

    on_nodes: (levels,) values on quadrature nodes at halving steps. differences: (seeds,) sample
    less nodes, both at one of these steps, the smallest that samples bear. Romberg's limit and the
    mean difference, half-widths added.
    """
    return romberg(on_nodes).plus(mean_interval(differences))


def seen_by_sizes(on_nodes, differences) -> Interval:
    """`seen_by_samples` where what a sample adds is itself followed to many tokens (`size_limit`).

    differences: (sizes, seeds), sample less nodes at one step.
    """
    return romberg(on_nodes).plus(size_limit(differences))


def size_limit(values) -> Interval:
    """The limit of many tokens of an estimate whose bias is a series in 1/N.

    values: (sizes, seeds) at N/2^k, ..., N/2, N tokens, three sizes or more, all of one seed from
    the same tokens. Student's interval over seeds of the extrapolated values, and how far the last
    size moved their mean (`romberg`).
    """
    values = finite_array("values", values, (None, None))
    noise = mean_interval([romberg_value(column) for column in values.T])
    moved = romberg(values.mean(axis=1)).half_width
    return bounded(noise, moved, f"Romberg in 1/N, {len(values)} sizes")


def settled_mean(values, with_half) -> Interval:
    """The mean of values (seeds,) at N tokens, for N -> infinity; with_half: the same at N/2.

    A bias that falls at least as fast as 1/N is no more than the move from N/2 to N, which widens
    Student's interval. For stratified tokens, whose bias falls faster than 1/N, so that the
    jackknife would overshoot.
    """
    moved = abs(float(np.mean(values) - np.mean(with_half)))
    return bounded(mean_interval(values), moved, "the move from half the tokens")
