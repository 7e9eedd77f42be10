"""An ellipse: tokens whose density is taken with respect to the wrong volume, and the dot product,
which is no metric there."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.statistics.limits import romberg
from simulations.statistics.orders import limit_order
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import broken_assumptions as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.pseudo_metrics import dot_product as dot_score
from theory.setting.references import probe_features

PROBES = claim.ANGLES[:, None]
# nodes for the dot product at T: its kernel on the ellipse, of variance T/|x|^2 >= T/4 at most
DOT_SHARE = 16


def volume(parameters: claim.Parameters) -> Measurement:
    """(A - I)H/tau at fixed points, tokens of the density of the chart."""
    p, levels = claim.volume_density(), parameters.halved(claim.VOLUME_TEMPERATURE)
    m = p.manifold
    features = probe_features(m)
    before, values = feature_columns(m, features, PROBES), []
    for eps in levels:
        tokens = quadrature_tokens(p, nodes_for(m, eps))
        operator = AttentionOperator(m.embed(PROBES), GAUSSIAN, eps, keys=tokens)
        after = operator @ feature_columns(m, features, tokens.coordinates)
        values.append((after - before) / eps)
    field = deterministic_field(values, PROBES, levels)
    return Measurement({claim.VOLUME_ORDER: field, claim.VOLUME: field})


def dot_product(parameters: claim.Parameters, run) -> Measurement:
    """Where one layer sends points, how fast features change, and where many layers end."""
    levels = parameters.halved(claim.SHARPEST)

    def study():
        bar = run.progress(levels.tolist(), label="broken_assumptions: dot product")
        found = [dot_level(temperature) for temperature in bar]
        return {key: np.array([level[key] for level in found]) for key in found[0]}

    found = run.remember("dot product", study)
    grown, bounded = (limit_order(levels, found[key]) for key in ("dot", "metric"))
    return Measurement(
        {
            claim.TRANSPORT: deterministic_field(found["direction"], PROBES, levels),
            claim.GROWTH: Number(grown, {"|x-y|^2": bounded}),
            claim.LEADERS: Number(romberg(found["end"])),
        }
    )


def dot_level(temperature: float) -> dict:
    """At one temperature: A(x/a, y/b) at the probes, the size of (A - I)H/tau by score, and A^k x/a
    well inside the basin of one end of the long axis."""
    p = claim.volume_density()
    m, semi_axes = p.manifold, np.array(claim.SEMI_AXES)
    tokens = quadrature_tokens(p, nodes_for(m, temperature / DOT_SHARE))
    features, queries = probe_features(m), m.embed(PROBES)
    h, before = (feature_columns(m, features, u) for u in (tokens.coordinates, PROBES))
    # the clock that the dot product has on a sphere, and so the temperature of |x-y|^2/4
    tau = temperature / 2
    dot = AttentionOperator(queries, dot_score(), temperature, keys=tokens) @ h
    metric = AttentionOperator(queries, GAUSSIAN, tau, keys=tokens) @ h
    layer = AttentionOperator(tokens, dot_score(), temperature) @ np.eye(len(tokens))
    after = np.linalg.matrix_power(layer, claim.LAYERS) @ tokens.points[:, 0] / semi_axes[0]
    # the edge of the basin, at cos t = 0, is as wide as sqrt(T)
    right = np.cos(tokens.coordinates[:, 0]) > 0.5
    return {
        "direction": dot[:, :2] / semi_axes,
        "dot": np.sqrt((((dot - before) / tau) ** 2).mean()),
        "metric": np.sqrt((((metric - before) / tau) ** 2).mean()),
        "end": np.average(after[right], weights=tokens.weights[right]),
    }
