"""Predictions of the claim `equal_cosines`."""

from __future__ import annotations

import numpy as np

from theory.claims import equal_cosines as claim
from theory.equal_cosines import half_gamma, limit_cosine, order_of_limit, output_cosine
from theory.predictions import Prediction, Value, off_by_tenth


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Limits, orders and values at size; see theory/claims/equal_cosines.py."""
    rho = parameters.cosine
    limits = {phase: limit_cosine(share, rho) for phase, share in claim.PHASES.items()}
    predicted = {}
    for phase, value in limits.items():
        others = {f"that of gamma {p} 1/(1 - rho)": v for p, v in limits.items() if p != phase}
        if phase == "at":
            others["2 rho/(1 + rho): half the attention on the mean alone"] = 2 * rho / (1 + rho)
        predicted[claim.limit(phase)] = Value(value, off_by_tenth(value, **others))
    for name, phase in ((claim.COLLAPSE, "below"), (claim.CRITICAL, "at"), (claim.KEPT, "above")):
        order = order_of_limit(claim.PHASES[phase])
        wrong = {"that of the other side": 0.5 if order == 1 else 1.0}
        predicted[name] = Value(order, off_by_tenth(order, **wrong))
    for share in claim.JUDGED:
        predicted[claim.at_size(share)] = at_size(parameters, share)
    return predicted | {
        claim.HALF: half(parameters),
        claim.SYMMETRY: Value(0.0, kind="identity"),
    }


def at_size(parameters: claim.Parameters, share: float) -> Value:
    """The cosine at a finite n, and of gammas 10 % off, and the limits of many tokens."""
    n, rho = claim.JUDGED_SIZE, parameters.cosine

    def cosine(factor):
        return output_cosine(n, factor * parameters.gamma(share), rho)

    value = cosine(1.0)
    wrong = {"gamma 10 % more": cosine(1.1), "gamma 10 % less": cosine(0.9)}
    wrong |= {f"the limit {p} 1/(1 - rho)": limit_cosine(s, rho) for p, s in claim.PHASES.items()}
    return Value(value, off_by_tenth(value, **wrong), "at size")


def half(parameters: claim.Parameters) -> Value:
    """Where a token gives itself half its attention: 1/(1 - rho) up to 1/(n log n)."""
    value, rho = half_gamma(claim.JUDGED_SIZE, parameters.cosine), parameters.cosine
    others = {"1/rho": 1 / rho, "1/(1 - rho^2)": 1 / (1 - rho**2)}
    wrong = {name: v for name, v in others.items() if abs(v / value - 1) > 0.01}
    return Value(value, off_by_tenth(value, **wrong), "at size")


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Cosines against gamma (1 - rho), (sizes, points), and distances from the limits against n."""
    shares, rho = np.linspace(claim.DRAWN[0], claim.DRAWN[-1], 200), parameters.cosine
    sizes = np.unique(np.geomspace(claim.SMALLEST, parameters.sizes()[-1], 60).round().astype(int))
    distances = [
        [abs(output_cosine(int(n), parameters.gamma(s), rho) - limit_cosine(s, rho)) for n in sizes]
        for s in claim.PHASES.values()
    ]
    return {
        "shares": shares,
        "cosines": np.array(
            [
                [output_cosine(n, parameters.gamma(s), rho) for s in shares]
                for n in claim.DRAWN_SIZES
            ]
        ),
        "sizes": sizes,
        "distances": np.array(distances),
        "limits": np.array([limit_cosine(s, rho) for s in claim.PHASES.values()]),
        "rival_gamma": np.array(
            [output_cosine(claim.DRAWN_SIZES[-1], 1.1 * parameters.gamma(s), rho) for s in shares]
        ),
    }
