"""What the studies of the spectrum share: identities to rounding, and the worst of several limits."""

from __future__ import annotations

from simulations.statistics.orders import romberg
from simulations.verdict import check_against_measurement, rounding_interval, widened

EXACT = 1e-10


def identity(quantity, deviation, control, control_deviation):
    """The check of an identity that holds to EXACT, and of a control that must not."""
    return check_against_measurement(
        quantity,
        0.0,
        rounding_interval(deviation, EXACT),
        control,
        rounding_interval(control_deviation, EXACT),
        kind="identity",
    )


def worst_limit(ratios):
    """Of the extrapolated columns of (levels, n), the interval that is farthest from 1, measured in its own width."""
    # rounding of 1e-13 in mu, over the smallest tau, amplified by the extrapolation
    intervals = [widened(romberg(column), EXACT) for column in ratios.T]
    return max(intervals, key=lambda i: abs(i.value - 1) / (i.high - i.value))
