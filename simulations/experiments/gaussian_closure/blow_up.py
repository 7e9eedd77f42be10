"""Gaussian tokens on the line, X <- X + h A X: when 1/S reaches zero, for steps h -> 0."""

from __future__ import annotations

import numpy as np

from simulations.experiments.gaussian_closure.gaussian import (
    covariance_of,
    gaussian_nodes,
    moved,
)
from simulations.statistics.intervals import bounded
from simulations.statistics.limits import romberg, romberg_within
from simulations.store.quantities import Measurement, Number
from theory.claims import gaussian_closure as claim
from theory.setting.pseudo_metrics import dot_product


def blow_up(parameters: claim.Parameters, run) -> Measurement:
    """The zero of 1/S, extrapolated from a time at which tokens are still resolved.

    At every h the times are a polynomial in 1/S, whose value at 0 is extrapolated in h. The degrees
    1 and 2 differ by what the extrapolation in time may miss; fewer nodes tell what they err by.
    """
    quantities, arrays = {}, {}
    for variance in claim.VARIANCES:

        def study(variance=variance):
            both = [inverses(variance, parameters.n_levels, n) for n in NODES]
            return {"inverses": np.array(both)}

        fine, coarse = run.remember(f"blow-up {variance:g}", study)["inverses"]
        times = np.linspace(0, claim.FOLLOWED / variance, claim.TIMES + 1)
        zeros, of_fewer = (zeros_of(times, values, 2) for values in (fine, coarse))
        straight = romberg(zeros_of(times, fine, 1)).value
        limit = romberg_within(zeros, np.abs(zeros - of_fewer), "fewer nodes")
        moved_by = abs(limit.value - straight)
        quantities[claim.blow_up(variance)] = Number(
            bounded(limit, moved_by, "how far a straight line in time moves it")
        )
        arrays[f"inverses_{variance:g}"] = fine
    return Measurement(quantities, arrays)


NODES = (claim.LINE_NODES, claim.FEWER_LINE_NODES)


def inverses(variance: float, n_levels: int, n_nodes: int) -> np.ndarray:
    """1/S at the times of the design, (levels, times), h halved from level to level."""
    return np.array(
        [followed(variance, claim.FIRST_STEPS * 2**k, n_nodes) for k in range(n_levels)]
    )


def followed(variance: float, n_steps: int, n_nodes: int) -> np.ndarray:
    """1/S at the times of the design, (times,), in so many steps to the last of them."""
    x, weights = gaussian_nodes([0.0], [[variance]], n_nodes)
    share, score = claim.FOLLOWED / variance / n_steps, dot_product()
    found = [1 / variance]
    for _ in range(claim.TIMES):
        x = moved(x, weights, score, 1.0, n_steps // claim.TIMES, share)
        found.append(1 / float(covariance_of(x, weights)[0, 0]))
    return np.array(found)


def zeros_of(times, values, degree: int) -> np.ndarray:
    """Where 1/S (levels, times) is zero, (levels,): time as a polynomial in 1/S, at 0."""
    return np.array([np.polynomial.Polynomial.fit(row, times, degree)(0.0) for row in values])
