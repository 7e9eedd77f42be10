"""A^k H on quadrature nodes, where N is infinite, at fixed points and over levels of steps."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_at
from simulations.statistics.intervals import exact
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import evolution as claim
from theory.setting.nodes import enough_nodes
from theory.setting.pseudo_metrics import GAUSSIAN

BOUND = "tolerance of the engine in every step, move from three quarters of the nodes"


def features_on_nodes(parameters: claim.Parameters, manifold: str, run) -> Measurement:
    """A^k H at the probe points, with step 1/k, twice: for its coefficients and for its order.

    Of the coarsest level the root mean square too, as it is at that temperature.
    """
    p, steps = parameters.tokens_density(manifold), parameters.node_steps()
    u, weights = claim.probe_points(p)

    counts = [enough_nodes(p.manifold, parameters.temperature(p.manifold, k)) for k in steps]

    def study():
        bar = run.progress(
            list(zip(steps, counts, strict=True)), label=f"evolution, {manifold}: nodes"
        )
        levels, errors = zip(*[level(parameters, p, u, k, n) for k, n in bar], strict=True)
        fewer, _ = level(parameters, p, u, steps[0], [3 * n // 4 for n in counts[0]])
        return {"levels": np.array(levels), "fewer": fewer, "error": errors[0]}

    found = run.remember(f"{manifold} nodes", study)
    values = found["levels"]
    field = deterministic_field(values[:, :, None], u, 1 / np.array(steps), weights)
    names = (claim.features(manifold, claim.NODES), claim.order_in_clock(manifold))
    size, other = (float(np.sqrt(weights @ v**2)) for v in (values[0], found["fewer"]))
    interval = exact(size, float(found["error"]) + abs(size - other), BOUND)
    return Measurement(
        dict.fromkeys(names, field) | {claim.size(manifold, steps[0]): Number(interval)}
    )


def level(parameters: claim.Parameters, p, u, steps: int, counts) -> tuple[np.ndarray, float]:
    """A^k H at chart points u, (points,), of nodes that attend to themselves, and its error.

    A expands no difference, so each step adds at most the tolerance times the largest |H|.
    """
    m = p.manifold
    nodes = quadrature_tokens(p, counts)
    operator = AttentionOperator(nodes, GAUSSIAN, parameters.temperature(m, steps))
    h = m.function(parameters.features)(nodes.coordinates)
    values = evolve_at(operator, m.embed(u), h, [steps])[0]
    return values, steps * operator.tolerance * float(np.abs(h).max())
