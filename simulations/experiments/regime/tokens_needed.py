"""The number of tokens at which the best temperature reaches an error: aimed at from the map, which
knows no dimension, then measured by fresh samples on either side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.experiments.regime.samples import squared_errors
from simulations.statistics.fits import minimiser
from simulations.statistics.intervals import bounded, jackknife_intervals
from simulations.store.quantities import Measurement, Number
from simulations.tokens.samples import samples
from theory.claims import regime as claim

WIDENED = "interpolation between temperatures and sizes"


@dataclass(frozen=True)
class Aim:
    """Where the search goes on: two sizes, the temperatures at both, and how much the law from one
    to the other may be bent, the second derivative of log(least error) in log(N)."""

    sizes: tuple[int, int]
    temperatures: np.ndarray
    bend: float


def tokens_for_errors(
    parameters: claim.Parameters, run, d: int, rate: float, errors
) -> Measurement:
    """The tokens needed for each error of the claim, and their exponent.

    errors: of the map, (samples, sizes, temperatures).
    """
    levels = claim.ERRORS
    aims = [aim(parameters.sizes(), errors.mean(axis=0), level) for level in levels]

    def study():
        count = claim.NEEDED_SAMPLES[d] * parameters.n_seeds
        found = [
            fresh(parameters, run, d, rate, k, at, count, parameters.n_queries)
            for k, at in enumerate(aims)
        ]
        return {"errors": np.stack(found, axis=1)}

    found = run.remember(f"needed-{d}", study)["errors"]
    return needed_quantities(levels, aims, found, d)


def finer_error(parameters: claim.Parameters, run, d: int, rate: float, errors) -> Measurement:
    """The tokens needed for the finer error of the claim: fewer samples, of more queries each."""
    level = claim.FINER[d]
    at = aim(parameters.sizes(), errors.mean(axis=0), level)
    count, queries = (
        claim.FINER_SAMPLES * parameters.n_seeds,
        claim.FINER_QUERIES * parameters.n_queries,
    )

    def study():
        place = len(claim.ERRORS)
        return {"errors": fresh(parameters, run, d, rate, place, at, count, queries)}

    found = run.remember(f"finer-{d}", study)["errors"]
    return Measurement({claim.needed(d, level): tokens_number(at, found, level)})


def tokens_number(at: Aim, errors, level: float) -> Number:
    """The tokens needed of mean squared errors (samples, 2, temperatures), widened as below."""

    def statistic(mean, n_points=5):
        return np.array([np.exp(crossing(at, mean, level, n_points)[0])])

    mean = errors.mean(axis=0)
    (value,), (coarse,) = statistic(mean), statistic(mean, 3)
    bound = abs(value - coarse) + crossing(at, mean, level)[1] * value
    (interval,) = jackknife_intervals(statistic, errors)
    return Number(bounded(interval, float(bound), WIDENED))


def aim(sizes, mean, level: float) -> Aim:
    """Two sizes about the one at which the least error of the map, (sizes, temperatures), would be
    `level`, on the line through the logarithms of the two sizes that are nearest to it."""
    log_n = np.log(sizes[claim.AIMED_FROM :])
    found = [least_error(claim.TEMPERATURES, curve) for curve in mean[claim.AIMED_FROM :]]
    log_eps, log_error = np.array(found).T
    nearest = np.argsort(np.abs(log_error - np.log(level)))[: claim.AIMED_BY]
    bend = 2 * np.polyfit(log_n[nearest], log_error[nearest], 2)[0]
    one, other = nearest[:2]
    share = (np.log(level) - log_error[one]) / (log_error[other] - log_error[one])
    centre, best = (np.exp(v[one] + share * (v[other] - v[one])) for v in (log_n, log_eps))
    ends = round(centre / claim.BESIDE), round(centre * claim.BESIDE)
    return Aim(ends, best * claim.NEAR, float(abs(bend)))


def least_error(temperatures, squares, n_points: int = 5) -> tuple[float, float]:
    """log eps of the least of mean squares (temperatures,), and the log of its root.

    The minimum of the polynomial in log eps through the logarithms.
    """
    eps, log_square = minimiser(temperatures, np.log(squares), n_points)
    return float(np.log(eps)), log_square / 2


def fresh(parameters, run, d: int, rate: float, level: int, at: Aim, count: int, queries: int):
    """Mean squared errors of fresh samples at both sizes of an aim: (samples, 2, temperatures)."""
    p = parameters.density(d)

    def of_size(n):
        rng = np.random.default_rng([parameters.seed, d, 2, level, n])
        label = f"regime: tokens needed, {p.manifold.name}, N = {n}"
        drawn = run.progress(samples(p, n, count, rng), total=count, label=label)
        return [squared_errors(t, at.temperatures, rate, queries) for t in drawn]

    return np.array([of_size(n) for n in at.sizes]).swapaxes(0, 1)


def needed_quantities(levels, aims, errors, d: int) -> Measurement:
    """Quantities of mean squared errors (samples, levels, 2, temperatures).

    Two approximations widen them, each by what the measurement says of it: the polynomial through
    the temperatures by how far three of them in place of five move the number, the straight line
    between the two sizes by the bend of the map.
    """
    span = np.log(levels[0] / levels[-1])

    def statistic(means, n_points=5):
        each = zip(aims, means, levels, strict=True)
        log_n = np.array([crossing(*one, n_points)[0] for one in each])
        return np.array([*np.exp(log_n), (log_n[-1] - log_n[0]) / span])

    mean = errors.mean(axis=0)
    value, moved = statistic(mean), np.abs(statistic(mean) - statistic(mean, 3))
    bends = np.array([crossing(*one)[1] for one in zip(aims, mean, levels, strict=True)])
    bounds = moved + [*(bends * value[:-1]), (bends[0] + bends[-1]) / span]
    intervals = [
        bounded(interval, float(bound), WIDENED)
        for interval, bound in zip(jackknife_intervals(statistic, errors), bounds, strict=True)
    ]
    *numbers, exponent = (Number(interval) for interval in intervals)
    quantities = {claim.exponent(d): exponent} | {
        claim.needed(d, level): number for level, number in zip(levels, numbers, strict=True)
    }
    best = [
        np.mean([least_error(at.temperatures, row)[0] for row in rows])
        for at, rows in zip(aims, mean, strict=True)
    ]
    return Measurement(quantities, {f"needed_{d}": np.array([value[:-1], np.exp(best)]).T})


def crossing(at: Aim, mean, level: float, n_points: int = 5) -> tuple[float, float]:
    """log N where the line through log(least error) at both sizes is log(level), and how far the
    bend may move it."""
    x = np.log(at.sizes)
    y = np.array([least_error(at.temperatures, row, n_points)[1] for row in mean])
    slope = (y[1] - y[0]) / (x[1] - x[0])
    log_n = x[0] + (np.log(level) - y[0]) / slope
    off = at.bend / 2 * abs((log_n - x[0]) * (log_n - x[1]))
    return float(log_n), float(off / abs(slope))
