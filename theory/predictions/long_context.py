"""Predictions of the claim `long_context`: the Poisson law of the weights, and the critical scale."""

from __future__ import annotations

import numpy as np

from theory import long_context as law
from theory.claims import long_context as claim
from theory.predictions import Prediction, Value, off_by_tenth

# the ground of the figure
CURVE_TOKENS = np.geomspace(30, 40_000, 40)
CURVE_SCALES = np.geomspace(1.0, 120_000.0, 40)
CURVE_SHARES = np.geomspace(0.02, 50.0, 40)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """sum w^2 on S^2 in the limit, elsewhere and at both ends at N; the critical scale at its N."""
    n = parameters.n_tokens
    predicted = {claim.limit(s): in_the_limit(s) for s in claim.CRITICAL}
    predicted[claim.FEATURES] = at_size(claim.SPHERE, n, 1.0)
    for d in claim.DIMENSIONS:
        if d != claim.SPHERE:
            predicted |= {claim.at_size(d, s): at_size(d, n, s) for s in claim.CRITICAL}
        predicted |= ends(d, n) | critical_values(d, parameters.sizes())
    return predicted


def in_the_limit(s: float) -> Value:
    """The integral of arXiv 2605.08505 at theta = 1/(2b) = 1/s."""
    right, d = law.poisson_participation(claim.SPHERE, s), claim.SPHERE
    return Value(right, off_by_tenth(right, **wrong_laws(d, s)))


def at_size(d: int, n: int, s: float) -> Value:
    """The same in dimension d, exactly over N keys."""
    right = participation(d, n, s)
    return Value(right, off_by_tenth(right, **wrong_laws(d, s)), "at size")


def wrong_laws(d: int, s: float) -> dict[str, float]:
    """theta = 1/s off by a tenth, and arrivals to the power 2/D in place of 2/(D-1)."""
    return {
        "theta 10 % more": law.poisson_participation(d, s / 1.1),
        "theta 10 % less": law.poisson_participation(d, s / 0.9),
        "exponent 2/D: weights exp(-c T^(2/(d+1)))": law.poisson_participation(d + 1, s),
    }


def ends(d: int, n: int) -> dict[str, Value]:
    """Few and many effective neighbours, each beside what the other end would say."""
    s = claim.AVERAGING
    few = participation(d, n, s)
    wrong = {"s: the kernel in place of its square": s, "equal weights: 1/N": 1 / n}
    predicted = {claim.averaging(d): Value(few, off_by_tenth(few, **wrong), "at size")}
    if d in claim.COPIED:
        left = 1 - participation(d, n, claim.COPYING)
        wrong = {"law of d + 1": 1 - law.poisson_participation(d + 1, claim.COPYING)}
        predicted[claim.copying(d)] = Value(left, off_by_tenth(left, **wrong), "at size")
    return predicted


def participation(d: int, n: int, s: float) -> float:
    return law.participation(d, n, claim.scale(d, n, s))


def critical_values(d: int, sizes) -> dict[str, Value]:
    """The exponent over the very numbers of keys, by the same line; 2/d as they grow."""
    scales = critical_scales(d, sizes)
    slope = float(np.polyfit(np.log(sizes), np.log(scales), 1)[0])
    wrong = {"2/D": 2 / (d + 1), "that of uniform weights: 0": 0.0}
    number = float(np.exp(np.log(claim.neighbours(d, sizes, scales)).mean()))
    more = float(claim.neighbours(d + 1, 1000, law.critical_scale(d + 1, 1000, claim.HALF)))
    return {
        claim.exponent(d): Value(slope, off_by_tenth(slope, **wrong), "at size"),
        claim.critical(d): Value(
            number, off_by_tenth(number, **{"those of d + 1": more}), "at size"
        ),
    }


def critical_scales(d: int, sizes) -> np.ndarray:
    return np.array([law.critical_scale(d, int(n), claim.HALF) for n in sizes])


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The ground of the map (scales, tokens), sum w^2 over s for each d, and critical scales."""
    number = np.array(
        [[claim.neighbours(claim.SPHERE, n, b) for n in CURVE_TOKENS] for b in CURVE_SCALES]
    )
    # on S^2 the law is in 1/s alone but for 1/N: one curve serves the plane
    shares = np.geomspace(0.9 / number.max(), 1.1 / number.min(), 120)
    on_sphere = [law.poisson_participation(claim.SPHERE, s) for s in shares]
    out = {
        "tokens": CURVE_TOKENS,
        "scales": CURVE_SCALES,
        "ground": np.interp(-np.log(number), np.log(shares), on_sphere),
        "shares": CURVE_SHARES,
        "half": claim.neighbours(2, 1000, law.critical_scale(2, 1000, claim.HALF)),
    }
    for d in claim.DIMENSIONS:
        out[f"law_{d}"] = np.array([law.poisson_participation(d, s) for s in CURVE_SHARES])
        out[f"averaging_{d}"] = np.array([law.averaging_law(d, s) for s in CURVE_SHARES])
        if d in claim.COPIED:
            out[f"copying_{d}"] = np.array([law.copying_law(d, s) for s in CURVE_SHARES])
        out[f"critical_{d}"] = critical_scales(d, parameters.sizes())
    return out
