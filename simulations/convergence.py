"""Studies of convergence: norms, observed orders with their confidence interval, the table of orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulations.verdict import CONFIDENCE, Interval, mean_interval, widened
from theory.checks import InputError, finite_array, whole


def sup_norm(error) -> float:
    """max |error|."""
    return float(np.abs(error).max())


def l2_norm(error, weights=None) -> float:
    """Root of the (weighted) mean of error^2; weights (n,) need not sum to 1."""
    return float(np.sqrt(np.average(np.asarray(error) ** 2, axis=0, weights=weights)).max())


def observed_orders(steps, errors) -> np.ndarray:
    """Orders between neighbouring levels, log(e_l/e_{l+1})/log(h_l/h_{l+1}), shape (levels - 1,).

    steps: h per level (any sign of refinement: use 1/N for an order in N). errors: positive, one per level.
    """
    steps, errors = _levels(steps, errors)
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


def fitted_order(steps, errors) -> float:
    """Least-squares slope of log(error) on log(step) over all levels."""
    steps, errors = _levels(steps, errors)
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def limit_order(steps, errors) -> Interval:
    """The order in the limit of small steps, from errors (samples, levels) at steps that halve.

    Observed orders approach their limit with an error that is itself of order 1 in the step, so neighbouring orders
    are extrapolated, 2 q(h/2) - q(h). The interval is Student's over the samples (independent features or seeds),
    widened by how much the last extrapolation moved, or half of what the one before did (see `romberg`): the part
    that more samples cannot see.
    """
    errors = finite_array("errors", errors, (None, len(steps)))
    if len(steps) < 4 or not np.allclose(np.asarray(steps[:-1]) / np.asarray(steps[1:]), 2.0, rtol=1e-6):
        raise InputError(f"steps: got {list(steps)}, expected at least four that halve")
    orders = np.array([observed_orders(steps, e) for e in errors])
    estimates = np.column_stack([orders[:, 0], 2 * orders[:, 1:] - orders[:, :-1]])
    before, last = np.abs(np.diff(estimates, axis=1)).mean(axis=0)[-2:]
    return widened(mean_interval(estimates[:, -1]), max(last, before / 2))


def romberg(values) -> Interval:
    """The limit of values at steps h, h/2, h/4, ... with errors in powers of h.

    values: (levels,), at least three. The interval is how far the finest level moved the limit, or half of how far the
    one before did, whichever is more: a single move can be small by chance (with four levels it misses the limit of one
    random power series in forty, the larger of the two of one in a thousand).
    """
    values = finite_array("values", values, (None,))
    whole("number of levels", len(values), 3)
    limits = [_romberg(values[:count]) for count in range(1, len(values) + 1)][-3:]
    before, last = np.abs(np.diff(limits))
    moved = max(last, before / 2)
    return Interval(limits[-1], limits[-1] - moved, limits[-1] + moved)


def _romberg(values):
    for power in range(1, len(values)):
        values = (2.0**power * values[1:] - values[:-1]) / (2.0**power - 1)
    return float(values[0])


def seed_order(steps, errors, confidence: float = CONFIDENCE) -> Interval:
    """The fitted order of errors (seeds, levels) with its interval over seeds; NaN where a level has fewer seeds.

    Every error comes from tokens of its own. The slope of the mean logarithms is a weighted sum of independent
    means, so its variance is known from the scatter within levels, pooled: Student's interval with all their degrees
    of freedom. (The residuals of the fit do not enter.)
    """
    steps, errors = finite_array("steps", steps, (None,)), np.asarray(errors, dtype=np.float64)
    finite_array("errors", np.nan_to_num(errors, nan=1.0, posinf=np.inf), (None, len(steps)))
    counts = np.sum(~np.isnan(errors), axis=0)
    freedom = int((counts - 1).sum())
    if len(steps) < 3 or counts.min() < 1 or freedom < 3 or not np.nanmin(errors) > 0:
        raise InputError(f"errors: got {counts.tolist()} errors a level, the smallest {np.nanmin(errors):g}; expected three levels, several seeds, all > 0")
    logs = np.log(errors)
    means = np.nanmean(logs, axis=0)
    variance = np.nansum((logs - means) ** 2) / freedom
    x = np.log(steps) - np.log(steps).mean()
    slope = float(x @ means / (x @ x))
    half = stats.t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance * (x**2 / counts).sum()) / (x @ x)
    return Interval(slope, float(slope - half), float(slope + half))


def _levels(steps, errors):
    steps = finite_array("steps", steps, (None,))
    errors = finite_array("errors", errors, (len(steps),))
    whole("number of levels", len(steps), 2)
    if (errors <= 0).any() or (steps <= 0).any():
        raise InputError(f"errors: the smallest is {errors.min():g} (steps {steps.min():g}), expected all > 0")
    return steps, errors


@dataclass(frozen=True)
class Study:
    """A study of convergence: sizes (levels,), steps (levels,), errors (seeds, levels)."""

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

    measure(size, seed) -> error (float > 0); sizes: the levels; step(size) -> h; seeds: at least three.
    """
    errors = np.array([[measure(size, seed) for size in sizes] for seed in seeds], dtype=np.float64)
    return Study(tuple(sizes), np.array([float(step(size)) for size in sizes]), errors)


def order_table(sizes, steps, errors, name: str = "N") -> str:
    """Errors and observed orders as text; errors (seeds, levels) or (levels,)."""
    errors = np.atleast_2d(np.asarray(errors, dtype=np.float64))
    mean, counts = np.nanmean(errors, axis=0), np.sum(~np.isnan(errors), axis=0)
    spread = np.sqrt(np.nansum((errors - mean) ** 2, axis=0) / np.maximum(counts - 1, 1) / counts)
    orders = ["", *(f"{q:6.3f}" for q in observed_orders(steps, mean))]
    lines = [f"{name:>10} {'step':>10} {'error':>12} {'std. error':>12}  order"]
    for size, step, e, s, q in zip(sizes, steps, mean, spread, orders, strict=True):
        shown = f"{size:>10}" if isinstance(size, int | str | np.integer) else f"{size:>10.4g}"
        lines.append(f"{shown} {step:>10.3g} {e:>12.4e} {s:>12.1e}  {q}")
    return "\n".join(lines)
