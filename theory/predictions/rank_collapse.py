"""Predictions of the claim `rank_collapse`: powers of three, and the sign of a difference."""

from __future__ import annotations

import numpy as np

from theory.claims import rank_collapse as claim
from theory.predictions import Prediction, Value, off_by_tenth


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """3^L as the exponent of random networks and as the bound of all; differences that are > 0."""
    exponents = {claim.exponent(k): exponent(k) for k in claim.FOLLOWED}
    bounds = {claim.bound(k): bound(k) for k in claim.LAYERS}
    signs = {
        claim.sinkhorn(spread, relative): Value(0.0, kind="bound")
        for spread in claim.SPREADS
        for relative in (False, True)
    }
    return exponents | bounds | signs


def exponent(layers: int) -> Value:
    """r_L ~ r_0^(3^L): deviations of the scores are of order r^2, those of the tokens of order r."""
    right = 3.0**layers
    wrong = {"2^L: scores of order r": 2.0**layers, "1: the same matrix at each layer": 1.0}
    return Value(right, off_by_tenth(right, **wrong))


def bound(layers: int) -> Value:
    """log rho_L/log rho_0 >= 3^L; a bound with 4 in place of 3 is violated."""
    return Value(3.0**layers, {"4^L: a bound that is violated": 4.0**layers}, "bound")


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Depths, and log rho_L/log rho_0 of the bound and of its rival."""
    depths = np.array((0, *claim.LAYERS))
    return {"depths": depths, "bound": 3.0**depths, "rival": 4.0**depths}
