"""(A - I)H/eps at fixed points, on quadrature nodes and of i.i.d. keys: what equation is it of?"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Field, Measurement, deterministic_field
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import conformal_metric as claim
from theory.setting.nodes import sparse_nodes
from theory.setting.pseudo_metrics import GAUSSIAN


def generator_study(case: claim.Case, parameters: claim.Parameters, run) -> Measurement:
    """The field on nodes at every temperature, and of samples at the last."""
    p, temperatures = case.density, parameters.temperatures()
    u, mass = case.probes()
    points = case.manifold.embed(u)

    def response(keys, eps):
        return attention_step(case, points, u, keys, eps)

    def on_nodes():
        levels = [
            response(quadrature_tokens(p, sparse_nodes(case.manifold, eps)), eps)
            for eps in run.progress(temperatures, label=f"conformal_metric: {case.name}")
        ]
        return {"values": np.array(levels)}

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 1, s])
        keys = iid_tokens(p, parameters.n_tokens, rng)
        return jackknifed(lambda part: response(part, temperatures[-1]), keys)

    def of_samples():
        return {"values": run.over_seeds(sample, parameters.n_seeds, f"{case.name}: samples")}

    nodes = run.remember(f"{case.name} nodes", on_nodes)["values"]
    samples = run.remember(f"{case.name} samples", of_samples)["values"]
    name = claim.generator(case.name)
    return Measurement(
        {
            name: deterministic_field(nodes, u, temperatures, mass),
            claim.sampled(case.name): Field(samples[None], u, mass, temperatures[-1:], name),
        }
    )


def attention_step(case: claim.Case, points, u, keys, temperature) -> np.ndarray:
    """(A - I)H/eps at points (n, D) of chart coordinates u (n, d), that attend to keys: (n, c)."""
    operator = AttentionOperator(points, GAUSSIAN, temperature, keys=keys)
    h = feature_columns(case.manifold, case.features, keys.coordinates)
    return (operator @ h - feature_columns(case.manifold, case.features, u)) / temperature
