"""A^k H on quadrature nodes, where N is infinite, at fixed points and over levels of steps."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.statistics.intervals import exact
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import evolution as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def features_on_nodes(parameters: claim.Parameters, manifold: str, run) -> Measurement:
    """A^k H at the probe points, with step 1/k, twice: for its coefficients and for its order.

    Of the coarsest level the root mean square too, as it is at that temperature.
    """
    p, steps = parameters.tokens_density(manifold), parameters.node_steps()
    u, weights = claim.probe_points(p)

    def study():
        bar = run.progress(steps, label=f"evolution, {manifold}: nodes")
        levels, errors = zip(*[level(parameters, p, u, k) for k in bar], strict=True)
        return {"levels": np.array(levels), "errors": np.array(errors)}

    found = run.remember(f"{manifold} nodes", study)
    values = found["levels"]
    field = deterministic_field(values[:, :, None], u, 1 / np.array(steps), weights)
    names = (claim.features(manifold, claim.NODES), claim.order_in_clock(manifold))
    size = float(np.sqrt(weights @ values[0] ** 2))
    interval = exact(size, float(found["errors"][0]), "tolerance of the engine in every step")
    return Measurement(
        dict.fromkeys(names, field) | {claim.size(manifold, steps[0]): Number(interval)}
    )


def level(parameters: claim.Parameters, p, u, steps: int) -> tuple[np.ndarray, float]:
    """A^k H at chart points u, (points,), of nodes that attend to themselves, and its error.

    A expands no difference, so each step adds at most the tolerance times the largest |H|.
    """
    m, eps = p.manifold, parameters.temperature(p.manifold, steps)
    nodes = quadrature_tokens(p, claim.nodes_at(p, eps))
    operator = AttentionOperator(nodes, GAUSSIAN, eps)
    h = m.function(parameters.features)(nodes.coordinates)
    values = evolve_at(operator, m.embed(u), h, [steps])[0]
    return values, steps * operator.tolerance * float(np.abs(h).max())
