"""Attention with W = c I + eps B on quadrature nodes, as eps -> 0."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.engines import TOLERANCE
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import romberg_of_rates
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import self_attention as claim


def limit(parameters: claim.Parameters, run) -> Measurement:
    """Coefficients of the four terms at each temperature, to eps -> 0, and (A - I)H/eps."""
    temperatures = parameters.temperatures()

    def study():
        levels = run.progress(temperatures, label="self_attention: nodes")
        responses = [response(parameters, eps) / eps for eps in levels]
        terms = parameters.terms(parameters.probes)
        fits = [fit_coefficients(level, terms) for level in responses]
        return {"responses": np.array(responses), "fits": np.array(fits)}

    found = run.remember("limit", study)
    clock, *drifts = found["fits"].T
    drift, tilt, rotation = (values / clock for values in drifts)
    quantities = {
        claim.ROTATION: Number(romberg_of_rates(rotation, temperatures, TOLERANCE)),
        claim.TILT: Number(romberg_of_rates(tilt, temperatures, TOLERANCE)),
        claim.DENSITY: Number(romberg_of_rates(drift, temperatures, TOLERANCE)),
        claim.CLOCK: Number(romberg_of_rates(clock, temperatures, TOLERANCE)),
        claim.ORDER: deterministic_field(found["responses"], parameters.probes, temperatures),
    }
    return Measurement(quantities, {"levels": np.stack([drift, tilt, rotation], axis=1)})


def response(parameters: claim.Parameters, eps: float) -> np.ndarray:
    """(A - I)H at the probes, (n, c)."""
    p = parameters.tokens_density
    keys, queries = quadrature_tokens(p, parameters.nodes(eps)), p.manifold.embed(parameters.probes)
    score = pseudo_metric(parameters.score(eps))
    operator = AttentionOperator(queries, score, eps, keys=keys)
    after = operator @ feature_columns(p.manifold, parameters.features, keys.coordinates)
    return after - feature_columns(p.manifold, parameters.features, parameters.probes)
