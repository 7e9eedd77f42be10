"""Attention between lifted tokens of M x S^1, for features that do not depend on the angle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import softmax

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.tokens import Tokens, quadrature_tokens
from simulations.tokens.lift import lift_score, lifted_points
from theory.claims.lift import Case
from theory.setting.geometry import generator_terms

MOST_KEYS = 500_000  # at a time: 100 MB


def lifted(case: Case, tokens: Tokens, angles) -> Tokens:
    """Tokens of M raised to angles s (n,), or all to one: points (n, D + 3), coordinates on M."""
    s = np.broadcast_to(angles, (len(tokens),))
    points = lifted_points(tokens.points, case.radius(tokens.coordinates), s)
    return replace(tokens, points=points)


def probe_tokens(case: Case) -> Tokens:
    """The probes raised to s = 0."""
    u, _ = case.probes()
    return lifted(case, Tokens(case.manifold, u, case.manifold.embed(u)), 0.0)


def lifted_nodes(case: Case, temperature: float, power: int = 2) -> tuple[Tokens, np.ndarray]:
    """Quadrature tokens of density p^power on M, and equispaced angles on the circle."""
    counts, turns = case.nodes(temperature)
    base = quadrature_tokens(case.tokens_density(power), counts)
    return base, 2 * np.pi * np.arange(turns) / turns


def step_on_nodes(
    case: Case, temperature: float, factor: str = "product", power: int = 2
) -> np.ndarray:
    """(A - I)H at the probes, (n, c), at N = infinity."""
    probes, score = probe_tokens(case), lift_score(factor)
    base, angles = lifted_nodes(case, temperature, power)
    values = feature_columns(case.manifold, case.features, base.coordinates)
    means, log_masses = [], []
    for part in parts_of(angles, len(base)):
        keys, weights = around_circle(case, base, part)
        operator = AttentionOperator(probes.points, score, temperature, keys=keys, weights=weights)
        means.append(operator @ np.tile(values, (len(part), 1)))
        log_masses.append(operator.log_partition)
    # the mean over all keys weighs that over each part by its partition
    shares = softmax(log_masses, axis=0)
    total = np.einsum("kn,knc->nc", shares, np.array(means))
    return total - feature_columns(case.manifold, case.features, probes.coordinates)


def around_circle(case: Case, base: Tokens, angles) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on M raised to every angle: points (n angles, D + 3), an angle after the other, and
    weights (n angles,)."""
    points = [lifted(case, base, angle).points for angle in angles]
    return np.concatenate(points), np.tile(base.weights, len(angles))


def step_of_sample(case: Case, temperature: float, keys: Tokens) -> np.ndarray:
    """(A - I)H at the probes, (n, c), that attend to lifted tokens."""
    probes = probe_tokens(case)
    operator = AttentionOperator(probes.points, lift_score(), temperature, keys=keys.points)
    h, own = (feature_columns(case.manifold, case.features, t.coordinates) for t in (keys, probes))
    return operator @ h - own


def lifted_clock_and_drift(case: Case, response) -> tuple[float, float]:
    """(clock, drift coefficient) of a response (A - I)H at the probes, "How to measure"."""
    u, mass = case.probes()
    terms = generator_terms(case.density, case.features)(u)
    clock, drift = fit_coefficients(response, terms, mass)
    return float(clock), float(drift / clock)


def parts_of(angles, n_base: int) -> list[np.ndarray]:
    """The angles in groups that make at most MOST_KEYS keys each."""
    at_a_time = max(1, MOST_KEYS // n_base)
    return [angles[start : start + at_a_time] for start in range(0, len(angles), at_a_time)]
