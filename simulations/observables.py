"""What is read off an attention operator: its empirical generator, drift and clock."""

from __future__ import annotations

import numpy as np

from theory.checks import InputError, finite_array, positive


def empirical_generator(operator, features, tau: float) -> np.ndarray:
    """(A H - H)/tau for features (n,) or (n, c): what must tend to L H."""
    return (operator @ features - features) / positive("tau", tau)


def fit_coefficients(response, regressors, weights=None) -> np.ndarray:
    """Least-squares coefficients of `response` on `regressors`, over all tokens and features alike.

    response: (n, c); regressors: a sequence of k arrays (n, c); weights: (n,) of the tokens, by default equal.
    Returns (k,). With the response (A - I)H/tau and the
    regressors Laplacian_g H and <grad log p, grad H>, these are the measured clock ratio and, divided by it or at the
    known clock, the drift coefficient.
    """
    response = finite_array("response", response, (None, None))
    root = np.ones(len(response)) if weights is None else np.sqrt(finite_array("weights", weights, (len(response),)))
    columns = [(root[:, None] * finite_array("regressor", r, response.shape)).ravel() for r in regressors]
    design = np.stack(columns, axis=1)
    if np.linalg.matrix_rank(design) < len(columns):
        raise InputError("regressors: they are linearly dependent (is the density uniform?), expected independent ones")
    return np.linalg.lstsq(design, (root[:, None] * response).ravel(), rcond=None)[0]


def richardson(coarse, fine, order: int = 1):
    """Extrapolate to zero step from values at step h and h/2: (2^q fine - coarse)/(2^q - 1)."""
    factor = 2.0**order
    return (factor * np.asarray(fine) - np.asarray(coarse)) / (factor - 1)


def squared_jump(operator) -> np.ndarray:
    """sum_j a_ij |x_j - x_i|^2 of self-attention, shape (n,): 2 d times the clock, by the mean squared displacement."""
    x = operator.queries
    if not operator.self_attention:
        raise InputError("squared_jump: the operator has separate keys, expected tokens that attend to themselves")
    length = (x**2).sum(axis=1, keepdims=True)
    means = operator @ np.hstack([x, length])
    return length[:, 0] - 2 * (x * means[:, :-1]).sum(axis=1) + means[:, -1]


def minimiser(steps, values) -> tuple[float, float]:
    """Where positive values (n,) on steps (n,), n >= 3, are smallest, and that smallest value.

    Both from the parabola through log(values) against log(steps), by least squares. Raises InputError where the
    parabola has no minimum.
    """
    steps, values = finite_array("steps", steps, (None,)), finite_array("values", values, (len(steps),))
    if len(steps) < 3 or (steps <= 0).any() or (values <= 0).any():
        raise InputError(f"minimiser: got {len(steps)} steps, the smallest step {steps.min():g} and value {values.min():g}, expected three or more, all > 0")
    centre = np.log(steps).mean()
    a, b, c = np.polyfit(np.log(steps) - centre, np.log(values), 2)
    if a <= 0:
        raise InputError(f"minimiser: the values bend down (curvature {2 * a:.3g} in logarithms), expected a minimum")
    return float(np.exp(centre - b / (2 * a))), float(np.exp(c - b**2 / (4 * a)))
