"""What is read off attention on a mesh: (A - I)H/eps against tests, and A^k H at vertices."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from theory.claims import mesh as claim
from theory.setting.pseudo_metrics import GAUSSIAN

TESTS = np.arange(len(claim.MOMENTS), dtype=np.float64)[:, None]  # places of a field: their numbers
EQUAL = np.full(len(claim.MOMENTS), 1 / len(claim.MOMENTS))


def attention(points, eps: float, steps: int, weights=None) -> AttentionOperator:
    return AttentionOperator(points, GAUSSIAN, eps, weights=weights, applications=steps)


def moments(operator, points, weights=None) -> np.ndarray:
    """Means over the tokens of psi (A - I)H/eps, (tests, features)."""
    h = claim.at("features", claim.MOMENTS, points)
    moved = (operator @ h - h) / operator.temperature
    shares = np.full(len(points), 1 / len(points)) if weights is None else weights
    return (h * shares[:, None]).T @ moved


def evolved(parameters: claim.Parameters, operator, points, steps: int) -> np.ndarray:
    """A^k H at the probes, (probes,)."""
    probes = parameters.surface().vertices[parameters.probes()]
    return evolve_at(operator, probes, parameters.features_at(points), [steps])[0]
