"""A^k H on quadrature nodes, read at fixed points, in more and more steps of less and less time."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import conformal_metric as claim
from theory.setting.nodes import sparse_nodes
from theory.setting.pseudo_metrics import GAUSSIAN


def evolution_study(case: claim.Case, run) -> Measurement:
    """A^k H at the probes with k eps the same at every level, and H for the figure."""
    p, m, temperatures = case.density, case.manifold, claim.TIME / case.steps
    u, mass = case.probes()
    initial, points = m.function(case.initial), m.embed(u)

    def level(steps, eps):
        tokens = quadrature_tokens(p, sparse_nodes(m, eps))
        operator = AttentionOperator(tokens, GAUSSIAN, eps)
        return evolve_at(operator, points, initial(tokens.coordinates), [int(steps)])[0]

    def study():
        levels = zip(case.steps, temperatures, strict=True)
        watched = run.progress(list(levels), label=f"conformal_metric: {case.name} evolves")
        return {"values": np.array([level(*pair) for pair in watched])}

    values = run.remember(f"{case.name} evolution", study)["values"]
    field = deterministic_field(values[:, :, None], u, temperatures, mass)
    return Measurement({claim.evolved(case.name): field}, {f"{case.name} start": initial(u)})
