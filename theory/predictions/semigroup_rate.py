"""Predictions of the claim `semigroup_rate`: a bound of the order, and an error that stalls against
the other equation."""

from __future__ import annotations

from functools import cache

import numpy as np

from theory.claims import semigroup_rate as claim
from theory.limits import DRIFT_COEFFICIENT
from theory.predictions import Order, Prediction, Value
from theory.zonal import Zonal, zonal_evolution

# of the equation that each attention solves ("Other normalisations")
DRIFTS = {claim.SOFTMAX: DRIFT_COEFFICIENT, claim.DOUBLE: 0.0, claim.SINKHORN: 1.0}
STARTS = {claim.SMOOTH: (claim.smooth, ()), claim.STEP: (claim.step, (claim.CUT,))}
# -log10 of the difference of two stops over the error: a tenth of it leaves the slope of its
# logarithm, and so the rate; the tolerances of both are far above rounding
LEAST_DIGITS, ROUNDING = 1.0, 9.0
HEIGHTS = np.linspace(-1.0, 1.0, 2001)  # of the lines that figures read the solutions from


def bound(d: int) -> float:
    """The least order in 1/N, 2/(d+6) (Cheng and Wu 2026, arXiv 2605.25383)."""
    return 2 / (d + 6)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Orders of at least 2/(d+6); their rivals are the equations of the other attentions."""
    predicted: dict[str, Prediction] = {}
    for d in claim.DIMENSIONS:
        for attention in claim.ATTENTIONS:
            for features in claim.FEATURES:
                for place in claim.PLACES:
                    name = claim.rate(d, attention, features, place)
                    carried = 1 if place == claim.AT else 0
                    rivals = [a for a in claim.ATTENTIONS if a != attention]
                    predicted[name] = _order(parameters, d, attention, features, rivals, carried)
    for tolerance in (claim.STOPPED, claim.CONVERGED):
        for features in claim.FEATURES:
            name = claim.sinkhorn_rate(tolerance, features)
            predicted[name] = _order(parameters, 1, claim.SINKHORN, features, claim.ATTENTIONS)
    predicted[claim.APART] = Value(LEAST_DIGITS, {"the same to rounding": ROUNDING}, "bound")
    return predicted


def _order(parameters, d, attention, features, rivals, carried=0) -> Order:
    wrong = {f"equation of {a}": target(parameters, d, a, features, carried) for a in rivals}
    right = target(parameters, d, attention, features, carried)
    return Order(right, bound(d), wrong, kind="bound", norm="sup", carried=carried)


def target(parameters: claim.Parameters, d: int, attention: str, features: str, carried=0):
    """exp(TL) H of the equation of an attention, a function of chart points (n, d) to (n,), or of
    heights (n, 1) where a field carries them."""
    solved = solution(parameters.tilt, parameters.time, d, attention, features)
    return (lambda t: solved(t[:, 0])) if carried else (lambda u: solved(claim.height(d, u)))


@cache
def solution(tilt: float, time: float, d: int, attention: str, features: str) -> Zonal:
    start, cuts = STARTS[features]
    return zonal_evolution(d, tilt, DRIFTS[attention], time, start, cuts)


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The solutions on HEIGHTS, by dimension, attention and features, and the heights."""
    found = {"heights": HEIGHTS}
    for d in claim.DIMENSIONS:
        for attention in DRIFTS:
            for features in claim.FEATURES:
                solved = solution(parameters.tilt, parameters.time, d, attention, features)
                found[f"{d} {attention} {features}"] = solved(HEIGHTS)
    return found
