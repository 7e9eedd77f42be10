"""Predictions of the claim `antipodal_clusters`."""

from __future__ import annotations

import numpy as np

from theory.antipodal_clusters import alignment, escape_rate, gathering_rate, opening
from theory.claims import antipodal_clusters as claim
from theory.predictions import Prediction, Value, off_by_tenth


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Rates of escape and of gathering; see theory/claims/antipodal_clusters.py."""
    predicted = {}
    for matrix, (a, b) in claim.matrices(parameters).items():
        for angle, phi in claim.ANGLES.items():
            gamma, turned = alignment(a, b, phi), alignment(b, a, phi)
            for normalisation in claim.NORMALISATIONS:
                names = normalisation, matrix, angle
                softmax = normalisation == claim.SOFTMAX
                predicted[claim.escape(*names)] = rate(escape_rate, gamma, turned, softmax)
                if angle in claim.GATHERING:
                    predicted[claim.gathering(*names)] = rate(
                        gathering_rate, gamma, turned, softmax
                    )
    return predicted


def rate(law, gamma: float, turned: float, softmax: bool) -> Value:
    """A rate, and that of the other normalisation, of a and b exchanged, and of the other sign."""
    value = law(gamma, softmax)
    rivals = {
        "that of the other normalisation": law(gamma, not softmax),
        "a and b exchanged": law(turned, softmax),
        "gamma of the other sign": law(-gamma, softmax),
    }
    # where they coincide, as at a = b, they are no rivals
    apart = {name: wrong for name, wrong in rivals.items() if abs(wrong / value - 1) > 0.01}
    return Value(value, off_by_tenth(value, **apart))


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Rates of escape against gamma, and the opening angle of the long run, by normalisation."""
    gammas = np.linspace(-0.7, max(2.1, parameters.a, parameters.b), 120)
    times = life_times()
    lines = {"gammas": gammas, "times": times}
    for name in claim.NORMALISATIONS:
        softmax = name == claim.SOFTMAX
        lines[f"rates_{name}"] = np.array([escape_rate(g, softmax) for g in gammas])
        lines[f"life_{name}"] = opening(
            parameters.a, parameters.b, np.pi / 5, claim.LIFE_START, times, softmax
        )
    return lines


def life_times() -> np.ndarray:
    """Times at which the long run is kept."""
    return claim.LIFE_TIME / claim.LIFE_STEPS * np.arange(0, claim.LIFE_STEPS + 1, claim.LIFE_SEEN)
