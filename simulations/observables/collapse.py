"""The depth at which repeated attention makes the features of all tokens equal."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, positive


def spread(features, weights) -> float:
    """Root of the summed variances of features (n, c) under weights (n,) that sum to 1."""
    centred = features - weights @ features
    return float(np.sqrt((weights @ centred**2).sum()))


def collapse(
    layer, features, weights, factor: float, most_layers: int = 100_000
) -> tuple[float, np.ndarray]:
    """The depth at which the spread of H is `factor` of its first value, and all spreads till then.

    layer: the matrix (n, n), or operator, of a layer; features (n, c), weights (n,) of sum 1. The
    depth is interpolated linearly in the logarithm, exact where one mode is left. Raises InputError
    if `most_layers` do not suffice.
    """
    target = positive("factor", factor)
    if target >= 1:
        raise InputError(f"factor: got {target:g}, expected a number between 0 and 1")
    spreads = [spread(features, weights)]
    while spreads[-1] > target * spreads[0]:
        if len(spreads) > most_layers:
            raise InputError(
                f"factor: the spread is {spreads[-1] / spreads[0]:.3g} after {most_layers} layers, "
                f"expected {target:g}"
            )
        # attention commutes with adding a constant, so centring changes nothing but the rounding
        features = layer @ (features - weights @ features)
        spreads.append(spread(features, weights))
    before, after = np.log(np.array(spreads[-2:]) / spreads[0])
    depth = len(spreads) - 2 + (np.log(target) - before) / (after - before)
    return float(depth), np.array(spreads) / spreads[0]
