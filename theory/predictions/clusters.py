"""Predictions of the claim `clusters`."""

from __future__ import annotations

import numpy as np
from scipy.special import expi

from theory.claims import clusters as claim
from theory.clusters import (
    backward_heat_growth,
    chain_multiplier,
    mode_growth,
    pair_after,
    pair_lifetime,
    steps_per_decade,
)
from theory.predictions import Member, Prediction, Value, off_by_tenth

NEUTRAL = (1.0, 0.0)  # growth in proportion to q, and no cut


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Growth of modes, motion and life of clusters; see theory/claims/clusters.py."""
    return (
        growth(parameters)
        | pairs()
        | chain()
        # a run of many tokens beside a run of two: the same simulator twice
        | {claim.RANDOM: Value(1.0, off_by_tenth(1.0), "consistency")}
    )


def growth(parameters: claim.Parameters) -> dict[str, Prediction]:
    """2 q e^(-q) of a mode, and its mean over the modes that samples are averaged over."""
    fastest, unbounded = (
        float(law(parameters.temperature * parameters.fastest**2)) - 1
        for law in (mode_growth, backward_heat_growth)
    )
    q = parameters.temperature * parameters.near_fastest() ** 2
    mean, wrong = (float(law(q).mean()) - 1 for law in (mode_growth, backward_heat_growth))
    heat = "backward heat equation"
    return {
        claim.FASTEST: Value(fastest, off_by_tenth(fastest, **{heat: unbounded})),
        claim.CURVE: Member(
            lambda c, q: c[0] * q * np.exp(-c[1] * q),
            NEUTRAL,
            {
                claim.CURVE_HEIGHT: Value(2.0, off_by_tenth(2.0, **{"drift 1": 1.0})),
                claim.CURVE_CUT: Value(1.0, off_by_tenth(1.0, **{heat: 0.0})),
            },
        ),
        claim.SLOW: Value(2.0, off_by_tenth(2.0, **{"drift 1": 1.0})),
        claim.SAMPLE: Value(mean, off_by_tenth(mean, **{heat: wrong}), "at size"),
    }


def pairs() -> dict[str, Prediction]:
    """The exact motion of two clusters, and the asymptotic law of their life."""
    eps, steps = claim.PAIR_TEMPERATURE, claim.STEPS_TAKEN
    start = float(np.sqrt(4 * eps * claim.STEP_SQUARE))
    equal, sharper = (pair_after(start, e, steps) / start for e in (eps, eps / 2))
    unequal = pair_after(start, eps, steps, claim.MASS_RATIO) / start
    ends = np.array([claim.LONG_LIVED, claim.SHORT])

    def longer_by(law):
        long_lived, short = law(ends)
        return float(long_lived - short)

    longer = longer_by(pair_lifetime)
    laws = {
        "exp(x)/4": longer_by(lambda x: np.exp(x) / 4),
        "Ei(x)/2": longer_by(lambda x: expi(x) / 2),
    }
    return {
        claim.PAIR: Value(
            equal, off_by_tenth(equal, **{"delta tanh(delta^2/(4 eps))": sharper}), "at size"
        ),
        claim.UNEQUAL: Value(
            unequal, off_by_tenth(unequal, **{"masses taken as equal": equal}), "at size"
        ),
        claim.LIFETIME: Value(longer, off_by_tenth(longer, **laws), "at size"),
    }


def chain() -> dict[str, Prediction]:
    """Multipliers of a chain of equal clusters, and the steps per decade of order."""
    found = {}
    for square, phase in claim.judged_multipliers():
        eps = 1 / (4 * square)
        value = float(chain_multiplier(phase, 1.0, eps)) - 1
        wrong = {"without the -1": float(chain_multiplier(phase, 1.0, eps, repulsion=0.0)) - 1}
        if phase != np.pi:  # in opposite phase second neighbours move alike
            near = float(chain_multiplier(phase, 1.0, eps, neighbours=1)) - 1
            wrong["nearest neighbours only"] = near
        name = claim.multiplier(square, phase)
        found[name] = Value(value, off_by_tenth(value, **wrong), "at size")
    eps = 1 / (4 * claim.PLATEAU_SQUARE)
    steps, restless = (steps_per_decade(1.0, eps, repulsion) for repulsion in (1.0, 0.0))
    wrong = {"multiplier without the -1": restless}
    return found | {claim.DECADE: Value(steps, off_by_tenth(steps, **wrong), "at size")}


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Growth against q and lifetime against x, with their rivals."""
    q = np.linspace(0, 4.2, 200)
    x = np.linspace(claim.PAIR_SQUARES[0], claim.PAIR_SQUARES[-1], 100)
    return {
        "q": q,
        "growth": mode_growth(q),
        "backward_heat": backward_heat_growth(q),
        "x": x,
        "lifetime": pair_lifetime(x),
        "no_prefactor": np.exp(x) / 4,
        "at_squares": pair_lifetime(np.array(claim.PAIR_SQUARES)),
    }
