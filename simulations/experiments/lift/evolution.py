"""A^k H of lifted attention on quadrature nodes, read at fixed points."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.lift.attention import (
    around_circle,
    lifted,
    lifted_nodes,
    probe_tokens,
)
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens.lift import lift_score
from theory.claims import lift as claim


def evolution_study(case: claim.Case, run) -> Measurement:
    """A^k H at the probes, with k eps the same at every level, and H for the figure."""
    temperatures = case.evolution_temperatures()
    u, mass = case.probes()

    def study():
        levels = zip(case.steps, temperatures, strict=True)
        watched = run.progress(list(levels), label=f"lift: {case.name} evolves")
        return {"values": np.array([evolved_on_nodes(case, *level) for level in watched])}

    values = run.remember(f"{case.name} evolution", study)["values"]
    field = deterministic_field(values[:, :, None], u, temperatures, mass)
    start = case.manifold.function(case.initial)(u)
    return Measurement({claim.evolved(case.name): field}, {f"{case.name} start": start})


def evolved_on_nodes(case: claim.Case, steps: int, temperature: float) -> np.ndarray:
    """A^steps H at the probes, (n,).

    H never depends on the angle, so every step is taken at s = 0 and holds at all angles.
    """
    base, angles = lifted_nodes(case, temperature)
    keys, weights = around_circle(case, base, angles)

    def attention(queries):
        return AttentionOperator(
            queries.points, lift_score(), temperature, keys=keys, weights=weights
        )

    h = case.manifold.function(case.initial)(base.coordinates)
    operator = attention(lifted(case, base, 0.0))
    for _ in range(steps - 1):
        h = operator @ np.tile(h, len(angles))
    return attention(probe_tokens(case)) @ np.tile(h, len(angles))
