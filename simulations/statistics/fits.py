"""Least squares: coefficients of regressors, the minimum of a curve."""

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


def minimiser(steps, values, n_points: int = 7) -> tuple[float, float]:
    """Where positive values (n,) on increasing steps (n,) are smallest, and that smallest value.

    The polynomial in log(steps) through the n_points (odd) about the smallest value: its minimum
    within them. Raises InputError where the smallest value is at an end, so that no minimum is
    enclosed.
    """
    steps = finite_array("steps", steps, (None,))
    values = finite_array("values", values, (len(steps),))
    if len(steps) < n_points or not (np.diff(np.log(np.maximum(steps, 1e-300))) > 0).all():
        raise InputError(
            f"minimiser: got {len(steps)} steps from {steps.min():g}, "
            f"expected {n_points} or more, increasing and > 0"
        )
    place = int(np.argmin(values))
    if place in (0, len(steps) - 1):
        raise InputError(
            f"minimiser: the smallest of the values is at the step {steps[place]:g}, "
            f"an end, expected it between {steps[0]:g} and {steps[-1]:g}"
        )
    start = min(max(place - n_points // 2, 0), len(steps) - n_points)
    part = slice(start, start + n_points)
    curve = np.polynomial.Polynomial.fit(np.log(steps[part]), values[part], n_points - 1)
    roots = curve.deriv().roots()
    flat = roots.real[np.abs(roots.imag) < 1e-12]
    inside = flat[np.abs(flat - np.log(steps[place])) <= np.ptp(np.log(steps[part])) / 2]
    best = min(inside, key=curve)
    return float(np.exp(best)), float(curve(best))
