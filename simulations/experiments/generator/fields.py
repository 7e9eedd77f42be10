"""(A - I)H/eps as functions on the manifold, at fixed queries and N = infinity."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.statistics.limits import richardson
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import generator as claim
from theory.setting.nodes import MOST_KEYS, enough_nodes
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import probe_features


def fields(parameters: claim.Parameters, manifold: str) -> Measurement:
    """(A - I)H/eps of all probe features at the probe points, over the levels; its O(eps) term."""
    p, temperatures = parameters.tokens_density(manifold), parameters.field_temperatures()
    u, weights = claim.probe_points(p)
    values = np.array([rate(p, u, eps) for eps in temperatures])
    quantities = {claim.bias(manifold): deterministic_field(values, u, temperatures, weights)}
    if claim.bias_is_known(p):
        # G(eps) = L H + eps B H + ... at eps and eps/2 gives B H, up to a multiple of eps
        coarse, fine = values[:-1], values[1:]
        steps = temperatures[:-1]
        term = (coarse - richardson(coarse, fine)) / steps[:, None, None]
        quantities[claim.second_term(manifold)] = deterministic_field(term, u, steps, weights)
    return Measurement(quantities, {"field_temperatures": temperatures})


def rate(p, u, eps) -> np.ndarray:
    """(A H - H)/eps at chart points u that attend to quadrature nodes, (points, features)."""
    m, features = p.manifold, probe_features(p.manifold)
    keys = quadrature_tokens(p, enough_nodes(p.manifold, eps, MOST_KEYS))
    operator = AttentionOperator(m.embed(u), GAUSSIAN, eps, keys=keys)
    before = feature_columns(m, features, u)
    return (operator @ feature_columns(m, features, keys.coordinates) - before) / eps
