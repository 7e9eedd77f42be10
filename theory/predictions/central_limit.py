"""Predictions of the claim `central_limit`: the exact law at every N, and the normal one."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from theory.claims import central_limit as claim
from theory.exact_law import (
    KeyLaw,
    flat_skewness_law,
    key_law,
    moments,
    share_below,
    skewness_law,
    sphere_law,
)
from theory.predictions import Prediction, Value

FINE = np.linspace(claim.GRID[0], claim.GRID[-1], 101)  # of the law in the figure
CURVE_NEIGHBOURS = np.geomspace(1.7, 40, 13)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The law at one query, then at few neighbours; see theory/claims/central_limit.py."""
    predicted = {}
    for d in claim.DIMENSIONS:
        predicted |= query_values(parameters, d) | few_values(parameters, d)
    return predicted


def query_law(parameters: claim.Parameters, d: int) -> KeyLaw:
    """The keys as the query sees them, H one of the coordinates."""
    return key_law(
        parameters.density(d),
        parameters.query(d),
        parameters.query_temperature(d),
        lambda x: x[:, claim.FEATURE],
    )


def few_law(parameters: claim.Parameters, d: int, neighbours: float, feature: str) -> KeyLaw:
    """Uniform keys at so many effective neighbours, H by its name."""
    values = {claim.SLOPE: lambda cosine, along: along, claim.TOP: lambda cosine, along: cosine}
    return sphere_law(d, parameters.few_temperature(d, neighbours), values[feature])


def query_values(parameters: claim.Parameters, d: int) -> dict[str, Value]:
    """Coverage and moments at the size of the samples; rivals are 20 % off in the variance."""
    law, n, eps = query_law(parameters, d), parameters.n_tokens, parameters.query_temperature(d)
    found, deviation = moments(law, n), math.sqrt(law.noise / n)
    at_query = float(parameters.density(d).manifold.embed(parameters.query(d))[0, claim.FEATURE])
    rate = (law.limit + found.shift - at_query) / eps
    variance, tenth = n * found.variance, 0.1 * deviation / eps
    predicted = {}
    for level in claim.LEVELS:
        z = claim.normal_width(level)
        rivals = {
            f"variance 20 % {word}": normal_coverage(z / math.sqrt(factor))
            for word, factor in (("more", 1.2), ("less", 0.8))
        }
        value = exact_coverage(law, n, z)
        predicted[claim.coverage(d, level)] = Value(value, rivals, "at size")
    half = share_below(law, n, law.limit)
    moved = {
        f"mean a tenth of a standard deviation {word}": float(ndtr(shift))
        for word, shift in (("less", 0.1), ("more", -0.1))
    }
    predicted[claim.below(d)] = Value(half, moved, "at size")
    off = {
        f"a tenth of a standard deviation {word}": rate + step
        for word, step in (("more", tenth), ("less", -tenth))
    }
    predicted[claim.mean(d)] = Value(rate, off, "at size")
    wrong = {"20 % more": 1.2 * variance, "20 % less": 0.8 * variance}
    predicted[claim.variance(d)] = Value(variance, wrong, "at size")
    others = {"of a uniform law: 1.8": 1.8, "of a Laplace law: 6": 6.0}
    predicted[claim.kurtosis(d)] = Value(found.kurtosis, others, "at size")
    return predicted


def few_values(parameters: claim.Parameters, d: int) -> dict[str, Value]:
    """Coverage, skewness and kurtosis at few neighbours; the normal law is the rival."""
    n, predicted = parameters.n_few_tokens, {}
    for s in claim.JUDGED_COVERAGE:
        law = few_law(parameters, d, s, claim.SLOPE)
        value = exact_coverage(law, n, claim.normal_width(claim.FEW_LEVEL))
        rivals = {"normal law": claim.FEW_LEVEL}
        predicted[claim.few_coverage(d, s)] = Value(value, rivals, "at size")
    for s in claim.JUDGED_SKEWNESS[d]:
        law = few_law(parameters, d, s, claim.TOP)
        numerator = skewness_law(law, ratio=False) / math.sqrt(n)
        rivals = {"normal law": 0.0, "third cumulant of the numerator alone": numerator}
        if s == min(claim.JUDGED_SKEWNESS[d]):
            # with more neighbours the first order is right
            rivals["first order in S^(-1/2)"] = skewness_law(law) / math.sqrt(n)
        predicted[claim.few_skewness(d, s)] = Value(moments(law, n).skewness, rivals, "at size")
    for s in claim.JUDGED_KURTOSIS[d]:
        value = moments(few_law(parameters, d, s, claim.SLOPE), n).kurtosis
        predicted[claim.few_kurtosis(d, s)] = Value(value, {"normal law": 3.0}, "at size")
    skew = moments(few_law(parameters, d, claim.JUDGED_EVEN, claim.TOP), n).skewness
    predicted[claim.even_skewness(d)] = Value(
        0.0, {"that of H with its maximum at x": skew}, "at size", abs(skew)
    )
    return predicted


def exact_coverage(law: KeyLaw, n: int, width: float) -> float:
    """The share of samples within `width` standard deviations of infinitely many keys' A H(x)."""
    deviation = width * math.sqrt(law.noise / n)
    return share_below(law, n, law.limit + deviation) - share_below(law, n, law.limit - deviation)


def normal_coverage(width: float) -> float:
    return float(2 * ndtr(width) - 1)


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The exact law at one query less the normal one; few neighbours: coverage, skewness, kurtosis.

    The latter (features, S) at `neighbours`.
    """
    out = {"fine": FINE, "neighbours": CURVE_NEIGHBOURS}
    n, few = parameters.n_tokens, parameters.n_few_tokens
    z = claim.normal_width(claim.FEW_LEVEL)
    for d in claim.DIMENSIONS:
        law = query_law(parameters, d)
        steps = law.limit + FINE * math.sqrt(law.noise / n)
        out[f"law_{d}"] = np.array([share_below(law, n, c) for c in steps]) - ndtr(FINE)
        out[f"skewness_{d}"] = moments(law, n).skewness
        laws = [[few_law(parameters, d, s, f) for s in CURVE_NEIGHBOURS] for f in claim.FEATURES]
        out[f"few_coverage_{d}"] = np.array(
            [[exact_coverage(law, few, z) for law in row] for row in laws]
        )
        found = [[moments(law, few) for law in row] for row in laws]
        out[f"few_skewness_{d}"] = np.array([[m.skewness for m in row] for row in found])
        out[f"few_kurtosis_{d}"] = np.array([[m.kurtosis for m in row] for row in found])
        out[f"skewness_law_{d}"] = flat_skewness_law(d)
    return out
