"""The heat kernel of the sphere from four points, by k steps of doubly normalised attention.

With W = (4 pi eps)^(-1) exp(-f/eps), column sums D and row sums s of W/D, the peer's estimator is
(W D^-1 s^-1)^(k-1) W = s P^(k-1) s^-1 W with P = s^-1 W D^-1, doubly normalised attention. Here all its ends are fixed points that are no tokens.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.store.quantities import Field, Measurement, deterministic_field
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import heat_semigroup as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def kernel_on_nodes(run) -> Measurement:
    """At N = infinity, temperatures that halve."""
    p, (u, weights) = claim.sphere_density(), claim.sphere_probes()
    temperatures = claim.SPHERE_TIME / np.array(claim.NODE_STEPS)

    def study():
        bar = run.progress(claim.NODE_STEPS, label="heat_semigroup: sphere, N = infinity")
        nodes = (quadrature_tokens(p, nodes_for(p.manifold, claim.SPHERE_TIME / k)) for k in bar)
        found = [heat_kernel(t, k) for t, k in zip(nodes, claim.NODE_STEPS, strict=True)]
        return {"values": np.array(found)}

    values = run.remember("sphere-nodes", study)["values"]
    return Measurement({claim.NODE_TIME: deterministic_field(values, u, temperatures, weights)})


def kernel_of_samples(parameters: claim.Parameters, run) -> Measurement:
    """Samples of all sizes."""
    p, (u, weights) = claim.sphere_density(), claim.sphere_probes()
    sizes, repeats = parameters.sphere_sizes(), parameters.repeats(2)

    def study():
        values = np.full((len(sizes), max(repeats), len(u), len(claim.SOURCES)), np.nan)
        for level, (k, n) in enumerate(sizes):
            label = f"heat_semigroup: sphere, N = {n}"
            for s in run.progress(range(repeats[level]), label=label):
                rng = np.random.default_rng([parameters.seed, 2, level, s])
                values[level, s] = heat_kernel(iid_tokens(p, n, rng), k)
        return {"values": values}

    values = run.remember("sphere", study)["values"]
    steps = 1 / np.array([n for _, n in sizes])
    return Measurement({claim.SPHERE_ORDER: Field(values, u, weights, steps)})


def heat_kernel(tokens, steps: int) -> np.ndarray:
    """The estimate of the heat kernel from the sources to the probes at SPHERE_TIME, (probes, 4)."""
    eps, m = claim.SPHERE_TIME / steps, tokens.manifold
    sources, probes = m.embed(claim.source_points()), m.embed(claim.sphere_probes()[0])
    columns = AttentionOperator(tokens, GAUSSIAN, eps).log_partition
    step = AttentionOperator(tokens, GAUSSIAN, eps, key_bias=-columns)
    rows = step.log_partition
    f = ((tokens.points[:, None] - sources) ** 2).sum(axis=2) / 4
    # the first step, from the source: W/s; in s the unit of W cancels
    h = np.exp(-f / eps - rows[:, None]) / (4 * np.pi * eps)
    for _ in range(steps - 2):
        h = step @ h
    last = AttentionOperator(probes, GAUSSIAN, eps, keys=tokens, key_bias=-columns)
    return np.exp(last.log_partition)[:, None] * (last @ h)
