"""Predictions of the claim `gaussian_closure`."""

from __future__ import annotations

import numpy as np

from theory.claims import gaussian_closure as claim
from theory.gaussian_closure import blow_up_time, moved_dot_product, moved_kernel
from theory.predictions import Prediction, Value, off_by_tenth

DOT, KERNEL = claim.STEPS


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The blow-up, one step, and covariances after steps; see theory/claims/gaussian_closure.py."""
    predicted = {claim.blow_up(s): blow_up(s) for s in claim.VARIANCES}
    for d in claim.DIMENSIONS:
        predicted |= one_step(d)
        for score, steps in claim.STEPS.items():
            right, wrong = covariances(parameters, d, score, steps)
            for i, j in claim.entries(d):
                rivals = {name: float(s[i, j]) for name, s in wrong.items()}
                value = float(right[i, j])
                predicted[claim.entry(d, score, i, j)] = Value(value, rivals, "identity")
                if d == 2:
                    # what scatter hides is left to the nodes
                    seen = {n: w for n, w in rivals.items() if abs(w / value - 1) > 0.1}
                    sampled = Value(value, off_by_tenth(value, **seen), "at size")
                    predicted[claim.entry(d, score, i, j, True)] = sampled
            predicted[claim.misshape(d, score)] = Value(0.0, kind="identity")
    return predicted


def blow_up(variance: float) -> Value:
    """1/(2 S_0)."""
    time = blow_up_time(variance)
    wrong = {"1/S_0: one factor of S, not two": 2 * time, "1/(2 sqrt(S_0))": variance**0.5 * time}
    return Value(time, off_by_tenth(time, **wrong))


def one_step(d: int) -> dict[str, Value]:
    """A x = m + S A^T x, and nothing beside it."""
    return {
        claim.offset(d): Value(1.0, {"no mean": 0.0}, "identity"),
        claim.turned(d): Value(1.0, {"A transposed": 0.0, "half": 0.5}, "identity"),
        claim.transposed(d): Value(0.0, {"A transposed": 1.0}, "identity", scale=1.0),
        claim.bent(d): Value(0.0, kind="identity"),
    }


def covariances(parameters, d: int, score: str, steps: int):
    """The covariance (d, d) after the steps, and wrong ones by name."""
    m, s, a = claim.tokens_of(d)
    eps, h = parameters.temperature, claim.SHARE
    if score == DOT:
        wrong = {
            "A transposed": moved_dot_product(m, s, a.T, h, steps)[1],
            "nothing kept: X <- h A X": moved_dot_product(m, s, a, h, steps, residual=0.0)[1],
            "f = r^2/4: X <- X + h A X, B for S A^T": mixed(m, s, eps, h, steps),
        }
        return moved_dot_product(m, s, a, h, steps)[1], wrong
    wrong = {
        "dot product: B = S/(2 eps)": moved_dot_product(
            m, s, np.eye(d) / (2 * eps), 1.0, steps, residual=0.0
        )[1],
        "B = S (S + eps)^-1": moved_kernel(m, s, eps / 2, steps)[1],
        "entry by entry, S diagonal": by_entry(s, eps, steps),
    }
    return moved_kernel(m, s, eps, steps)[1], wrong


def mixed(m, s, eps: float, share: float, steps: int) -> np.ndarray:
    """The covariance of tokens that keep what they have and take the map of the other score."""
    for _ in range(steps):
        step = np.eye(len(m)) + share * s @ np.linalg.inv(s + 2 * eps * np.eye(len(m)))
        s = step @ s @ step.T
    return s


def by_entry(s, eps: float, steps: int) -> np.ndarray:
    """The formula of the line, s^3/(s + 2 eps)^2, in every entry."""
    for _ in range(steps):
        s = s**3 / (s + 2 * eps) ** 2
    return s


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """1/S against time over 1/S_0, and covariances (steps + 1, 2, 2) of the plane by score."""
    m, s, a = claim.tokens_of(2)
    dots = [moved_dot_product(m, s, a, claim.SHARE, k)[1] for k in range(claim.STEPS[DOT] + 1)]
    rival = mixed(m, s, parameters.temperature, claim.SHARE, claim.STEPS[DOT])
    kernels = [
        moved_kernel(m, s, parameters.temperature, k)[1] for k in range(claim.STEPS[KERNEL] + 1)
    ]
    times = np.linspace(0, 0.5, 50)
    return {
        "times": times,
        "inverses": 1 - 2 * times,
        "inverses_rival": 1 - times,
        "dots": np.array(dots),
        "dots_rival": rival[None],
        "kernels": np.array(kernels),
    }
