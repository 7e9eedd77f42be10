"""Two antipodal clusters of tokens on a circle: the rates of what disturbs them.

Source: "Antipodal clusters" in docs/theory.md; Menon and Murray for weights over N. Nothing here
knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import solve_ivp


def alignment(a: float, b: float, angle: float) -> float:
    """gamma = u^T K u = a cos^2 phi + b sin^2 phi."""
    return a * math.cos(angle) ** 2 + b * math.sin(angle) ** 2


def escape_rate(gamma: float, softmax: bool) -> float:
    """Growth rate of the angle between one cluster and the antipode of the other."""
    return 1 - math.tanh(gamma) if softmax else math.exp(-gamma)


def gathering_rate(gamma: float, softmax: bool) -> float:
    """Rate at which the tokens of one cluster approach each other."""
    return math.tanh(gamma) if softmax else math.sinh(gamma)


def opening(a: float, b: float, angle: float, start: float, times, softmax: bool) -> np.ndarray:
    """The angle D by which two clusters fail to be antipodal, at given times, (times,).

    Not linearised: each cluster is drawn along the tangent by the other's weight times sin D.
    """

    def weight(own, other):
        x, y = (np.array([math.cos(t), math.sin(t)]) for t in (own, other))
        across = math.exp(a * x[0] * y[0] + b * x[1] * y[1])
        alone = math.exp(a * x[0] ** 2 + b * x[1] ** 2)
        return across / (alone + across) if softmax else across / 2

    def velocity(_, angles):
        first, second = angles
        return [
            weight(first, second) * math.sin(second - first),
            weight(second, first) * math.sin(first - second),
        ]

    begin = [angle + start / 2, angle + math.pi - start / 2]
    run = solve_ivp(velocity, (0, times[-1]), begin, t_eval=times, rtol=1e-9, atol=1e-12)
    return math.pi - (run.y[1] - run.y[0])
