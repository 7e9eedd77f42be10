"""Attention inside windows that shrink, at N = infinity: clock, drifts, and the whole response."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens.window import window_tokens
from theory.claims import local_attention as claim


def window_limit(case: claim.Case, run) -> Measurement:
    """Coefficients of the three terms at each radius, followed to R -> 0, and (A - I)H/R^2."""
    radii, label = case.parameters.radii(), f"local_attention: windows on {case.name}"

    def study():
        levels = [window_response(case, r) / r**2 for r in run.progress(radii, label=label)]
        fits = [fit_coefficients(level, case.terms(case.probes)) for level in levels]
        return {"responses": np.array(levels), "fits": np.array(fits)}

    found = run.remember(f"limit-{case.name}", study)
    clock, drift, force = found["fits"].T
    quantities = {
        claim.force_limit(case.name): Number(romberg(force / clock)),
        claim.drift_limit(case.name): Number(romberg(drift / clock)),
        claim.clock_limit(case.name): Number(romberg(clock)),
        claim.bias_order(case.name): deterministic_field(found["responses"], case.probes, radii**2),
    }
    ratios = np.stack([drift / clock, force / clock], axis=1)
    return Measurement(quantities, {f"{case.name}_levels": ratios})


def window_response(case: claim.Case, radius: float) -> np.ndarray:
    """(A - I)H at the probes, (n, c), on nodes that fill the window of each."""
    m, score = case.density.manifold, pseudo_metric(case.score)
    temperature, means = case.parameters.temperature, []
    queries = m.embed(case.probes)
    for x, nodes in zip(queries, window_tokens(case.density, case.probes, radius), strict=True):
        operator = AttentionOperator(x[None], score, temperature, keys=nodes, window=radius)
        means.append((operator @ feature_columns(m, case.features, nodes.coordinates))[0])
    return np.array(means) - feature_columns(m, case.features, case.probes)
