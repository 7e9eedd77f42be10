"""Predictions of the claim `neighbour_rate`: orders of the error and of its bias."""

from __future__ import annotations

from theory.claims import neighbour_rate as claim
from theory.predictions import Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.geometry import generator_terms

BIAS = 2.0  # in the radius: odd moments of a ball, sharp or smooth, vanish
FIRST_ORDER = "1, allowed by the rate published for the sharp cut"


def least_order(d: int) -> float:
    """Of the error in 1/N at k ~ N^(6/(d+6)), where noise and a bias of second order are balanced:
    published for smooth weights. The published bound of the sharp cut, 1/(d+4), is lower."""
    return 2 / (d + 6)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The same order of the bias for both weights, and one bound on that of the error."""
    predicted: dict[str, Prediction] = {}
    for d in claim.DIMENSIONS:
        right, wrong = generator(parameters, d), {"drift 0": generator(parameters, d, 0.0)}
        wrong = target_off_by_tenth(right, **wrong)
        for weights in claim.WEIGHTS:
            rivals = off_by_tenth(BIAS, **{FIRST_ORDER: 1.0})
            predicted[claim.bias(d, weights)] = Value(BIAS, rivals)
            predicted[claim.rate(d, weights)] = Order(right, least_order(d), wrong, kind="bound")
    return predicted


def generator(parameters: claim.Parameters, d: int, drift: float = 2.0):
    """Laplacian H + c <grad log p, grad H>, a function of chart points (n, d) to (n, c)."""
    terms = generator_terms(parameters.density(d), claim.FEATURES[d])

    def target(u):
        laplacian, along = terms(u)
        return laplacian + drift * along

    return target


def curves(parameters: claim.Parameters) -> dict:
    """L H at the queries, (queries, functions), in each dimension."""
    return {
        f"generator {d}": generator(parameters, d)(parameters.queries(d, claim.N_QUERIES))
        for d in claim.DIMENSIONS
    }
