"""Least squares: coefficients of regressors, the minimum of a parabola, a straight line."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array


def fit_coefficients(response, regressors, weights=None) -> np.ndarray:
    """Least-squares coefficients of `response` on `regressors`, over all tokens and features alike.

    response: (n, c); regressors: a sequence of k arrays (n, c); weights: (n,) of the tokens, by
    default equal. Returns (k,). With the response (A - I)H and the regressors Laplacian_g H and
    <grad log p, grad H>, the first is the clock and the second over the first the drift
    coefficient. Raises InputError where the regressors are linearly dependent.
    """
    response = finite_array("response", response, (None, None))
    n = len(response)
    root = np.ones(n) if weights is None else np.sqrt(finite_array("weights", weights, (n,)))
    columns = [
        (root[:, None] * finite_array("regressor", r, response.shape)).ravel() for r in regressors
    ]
    design = np.stack(columns, axis=1)
    if np.linalg.matrix_rank(design) < len(columns):
        raise InputError(
            "regressors: they are linearly dependent (is the density uniform?), "
            "expected independent ones"
        )
    return np.linalg.lstsq(design, (root[:, None] * response).ravel(), rcond=None)[0]


def minimiser(steps, values) -> tuple[float, float]:
    """Where positive values (n,) on steps (n,), n >= 3, are smallest, and that smallest value.

    Both from the parabola through log(values) against log(steps), by least squares. Raises
    InputError where the parabola has no minimum.
    """
    steps = finite_array("steps", steps, (None,))
    values = finite_array("values", values, (len(steps),))
    if len(steps) < 3 or (steps <= 0).any() or (values <= 0).any():
        raise InputError(
            f"minimiser: got {len(steps)} steps, the smallest step {steps.min():g} and value "
            f"{values.min():g}, expected three or more, all > 0"
        )
    centre = np.log(steps).mean()
    a, b, c = np.polyfit(np.log(steps) - centre, np.log(values), 2)
    if a <= 0:
        raise InputError(
            f"minimiser: the values bend down (curvature {2 * a:.3g} in logarithms), "
            f"expected a minimum"
        )
    return float(np.exp(centre - b / (2 * a))), float(np.exp(c - b**2 / (4 * a)))
