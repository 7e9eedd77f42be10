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
