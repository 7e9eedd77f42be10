"""Observed orders of convergence, with their intervals, and the table that shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulations.statistics.intervals import CONFIDENCE, Interval, check_confidence, mean_interval
from theory.setting.checks import (
    InputError,
    as_numbers,
    distinct,
    finite_array,
    function,
    shown,
    whole,
)


def sup_norm(error) -> float:
    """max |error|."""
    return float(np.abs(error).max())


def l2_norm(error, weights=None) -> float:
    """Root of the (weighted) mean over tokens of the summed squares of error (n,) or (n, c)."""
    squares = np.asarray(error) ** 2
    total = squares if squares.ndim == 1 else squares.sum(axis=1)
    return float(np.sqrt(np.average(total, weights=weights)))


def observed_orders(steps, errors) -> np.ndarray:
    """Orders between neighbouring levels, log(e_l/e_{l+1})/log(h_l/h_{l+1}), (levels - 1,).

    steps: h per level (any sign of refinement: use 1/N for an order in N). errors: all positive.
    """
    steps, errors = _levels(steps, errors)
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


def fitted_order(steps, errors) -> float:
    """Least-squares slope of log(error) on log(step) over all levels."""
    steps, errors = _levels(steps, errors)
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


# of errors a h^q (1 + x), x = b h/a, observed orders are q + 0.72 x and fall by 0.36 x a level: up to
# here x < 0.14, and an extrapolation leaves 0.02 of the order at most
ASYMPTOTIC = 0.05
UNKNOWN = 10.0  # how far orders may drift on


def difference_order(steps, values) -> Interval:
    """The order of the error of values (levels,), at least five at halving steps, in the limit.

    From the values alone, whatever their limit: v(h) - v(h/2) = (1 - 2^-q) C h^q + ... falls with
    the order q of the error. The interval is that of `limit_order`.
    """
    return limit_order(np.asarray(steps)[:-1], np.abs(np.diff(values)))


def limit_order(steps, errors) -> Interval:
    """The order in the limit of small steps, from deterministic errors (levels,) at halving steps.

    Observed orders q approach their limit with an error of order one in the step, so neighbours
    are extrapolated, 2 q(h/2) - q(h). The half-width is the largest of: how far the last
    extrapolation moved, half of how far the one before did (see `romberg`), and the drift that the
    observed orders still have, |q(h/2) - q(h)|. Where they still fall by more than ASYMPTOTIC (of an
    order above 1, that share of it), as they do where the leading term is small by chance, the
    interval is open below.
    """
    steps, errors = _levels(steps, errors)
    if len(steps) < 4 or not np.allclose(steps[:-1] / steps[1:], 2.0, rtol=1e-6):
        raise InputError(f"steps: got {steps.tolist()}, expected at least four that halve")
    orders = observed_orders(steps, errors)
    estimates = np.concatenate([orders[:1], 2 * orders[1:] - orders[:-1]])
    before, last = np.abs(np.diff(estimates))[-2:]
    drift = orders[-1] - orders[-2]
    half = float(max(last, before / 2, abs(drift)))
    below = UNKNOWN if drift < -ASYMPTOTIC * max(1.0, orders[-1]) else half
    value, basis = float(estimates[-1]), f"extrapolated order, {len(steps)} levels"
    return Interval(value, value - below, value + half, basis)


def seed_order(steps, errors, confidence: float = CONFIDENCE) -> Interval:
    """The fitted order of errors (levels, seeds), all independent; NaN where a seed was not run.

    The slope of the mean logarithms is a weighted sum of independent means, so its variance is
    known from the scatter within levels, pooled: Student's interval with all their degrees of
    freedom. (The residuals of the fit do not enter.)
    """
    steps = _steps(steps)
    errors = as_numbers("errors", errors, "(levels, seeds)")
    checked = np.nan_to_num(errors, nan=1.0, posinf=np.inf)
    finite_array("errors", checked, (len(steps), None))
    check_confidence(confidence)
    counts = np.sum(~np.isnan(errors), axis=1)
    freedom = int((counts - 1).sum())
    smallest = errors[~np.isnan(errors)].min(initial=np.inf)
    if len(steps) < 3 or counts.min() < 1 or freedom < 3 or not smallest > 0:
        raise InputError(
            f"errors: got {shown(counts.tolist())} errors a level, the smallest {smallest:g}; "
            f"expected three levels, several seeds, all > 0"
        )
    logs = np.log(errors)
    means = np.nanmean(logs, axis=1)
    variance = np.nansum((logs - means[:, None]) ** 2) / freedom
    x = np.log(steps) - np.log(steps).mean()
    slope = float(x @ means / (x @ x))
    error = float(np.sqrt(variance * (x**2 / counts).sum()) / (x @ x))
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    basis = f"Student, slope over {len(steps)} levels, {int(counts.sum())} samples"
    return Interval(slope, slope - half, slope + half, basis, error, freedom)


def variance_order(steps, samples, confidence: float = CONFIDENCE) -> Interval:
    """The order in a step of the variance of independent samples, at two steps.

    samples: two arrays (seeds, c) of independent samples, of which the mean variance of the columns
    is taken. Student's interval of the difference of logarithms by the scatter of the squared
    deviations (delta method, as `variance_interval`).
    """
    (coarse, fine), span = samples, float(np.log(steps[0] / steps[1]))
    finite_array("samples", fine, np.shape(coarse))
    squares = [((s - s.mean(axis=0)) ** 2).mean(axis=1) for s in (coarse, fine)]
    means = [s.mean() for s in squares]
    influence = squares[0] / means[0] - squares[1] / means[1]
    value = np.log(means[0] / means[1])
    return mean_interval((value + influence) / span, confidence)


def _levels(steps, errors):
    steps = _steps(steps)
    errors = finite_array("errors", errors, (len(steps),))
    if (errors <= 0).any():
        raise InputError(f"errors: the smallest is {errors.min():g}, expected all > 0")
    return steps, errors


def _steps(steps):
    """The steps of levels as an array: an order is a slope over their logarithms."""
    steps = finite_array("steps", steps, (None,))
    whole("number of levels", len(steps), 2)
    if (steps <= 0).any() or len(np.unique(steps)) < len(steps):
        raise InputError(f"steps: got {shown(steps.tolist())}, expected numbers > 0, each once")
    return steps


@dataclass(frozen=True)
class Study:
    """A study of convergence: sizes (levels,), steps (levels,), errors (levels, seeds)."""

    sizes: tuple
    steps: np.ndarray
    errors: np.ndarray

    @property
    def order(self) -> Interval:
        return seed_order(self.steps, self.errors)

    def table(self, name: str = "N") -> str:
        """The table of errors (mean over seeds, standard error) and observed orders, as text."""
        return order_table(self.sizes, self.steps, self.errors, name)


def convergence_test(measure, sizes, step, seeds) -> Study:
    """Refine, measure and return the study: the user's tool.

    measure(size, seed) -> error (float > 0); sizes: the levels, three or more; step(size) -> h;
    seeds: three or more. Every level and seed must have tokens of its own. Raises InputError,
    before anything is measured where that can be seen.
    """
    function("measure", measure)
    sizes, seeds = distinct("sizes", sizes, 3), distinct("seeds", seeds, 3)
    steps = _steps([function("step", step)(size) for size in sizes])
    errors = [[measure(size, seed) for seed in seeds] for size in sizes]
    return Study(sizes, steps, finite_array("errors", errors, (len(sizes), len(seeds))))


def order_table(sizes, steps, errors, name: str = "N") -> str:
    """Errors and observed orders as text; errors (levels, seeds) or (levels,)."""
    errors = np.asarray(errors, dtype=np.float64).reshape(len(sizes), -1)
    mean, counts = np.nanmean(errors, axis=1), np.sum(~np.isnan(errors), axis=1)
    squares = np.nansum((errors - mean[:, None]) ** 2, axis=1)
    spread = np.sqrt(squares / np.maximum(counts - 1, 1) / counts)
    orders = ["", *(f"{q:6.3f}" for q in observed_orders(steps, mean))]
    lines = [f"{name:>10} {'step':>10} {'error':>12} {'std. error':>12}  order"]
    for size, step, e, s, q in zip(sizes, steps, mean, spread, orders, strict=True):
        shown = f"{size:>10}" if isinstance(size, int | str | np.integer) else f"{size:>10.4g}"
        lines.append(f"{shown} {step:>10.3g} {e:>12.4e} {s:>12.1e}  {q}")
    return "\n".join(lines)
