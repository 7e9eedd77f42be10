"""A^k H on quadrature nodes, where N is infinite, at fixed points and over levels of steps."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import evolution as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def features_on_nodes(parameters: claim.Parameters, manifold: str, run) -> Measurement:
    """A^k H at the probe points, with step 1/k, twice: for its coefficients and for its order."""
    p, steps = parameters.tokens_density(manifold), parameters.node_steps()
    u, weights = claim.probe_points(p)

    def study():
        levels = run.progress(steps, label=f"evolution, {manifold}: nodes")
        return {"levels": np.array([level(parameters, p, u, k) for k in levels])}

    values = run.remember(f"{manifold} nodes", study)["levels"]
    field = deterministic_field(values[:, :, None], u, 1 / np.array(steps), weights)
    names = (claim.features(manifold, claim.NODES), claim.order_in_clock(manifold))
    return Measurement(dict.fromkeys(names, field))


def level(parameters: claim.Parameters, p, u, steps: int) -> np.ndarray:
    """A^k H at chart points u, (points,), of nodes that attend to themselves."""
    m, eps = p.manifold, parameters.temperature(p.manifold, steps)
    nodes = quadrature_tokens(p, claim.nodes_at(p, eps))
    operator = AttentionOperator(nodes, GAUSSIAN, eps)
    h = m.function(parameters.features)(nodes.coordinates)
    return evolve_at(operator, m.embed(u), h, [steps])[0]
