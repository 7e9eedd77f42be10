"""A H over a few tokens at temperatures that double: its slope and its bend in 1/T."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.store.quantities import Field, deterministic_field
from theory.claims import linear_attention as claim


def series(parameters: claim.Parameters, run) -> dict[str, Field]:
    """Divided differences of A H in 1/T, of first and second order, and A H itself."""
    m, u = parameters.tokens_density.manifold, parameters.field_tokens()
    x, h = m.embed(u), feature_columns(m, parameters.features, u)
    score, temperatures = pseudo_metric(parameters.scored), parameters.temperatures()

    def study():
        return {"values": np.array([AttentionOperator(x, score, t) @ h for t in temperatures])}

    values, s = run.remember("series", study)["values"], 1 / temperatures
    slopes = divided(values, s)
    bends = divided(slopes, s[:-1], s[2:])
    levels = parameters.n_levels
    return {
        claim.COVARIANCE: deterministic_field(slopes[:levels], u, s[:levels]),
        claim.SECOND: deterministic_field(bends, u, s[:levels]),
        claim.MEAN_ORDER: deterministic_field(values, u, s),
        claim.SLOPE_ORDER: deterministic_field(slopes[:levels], u, s[:levels]),
    }


def divided(values, first, last=None) -> np.ndarray:
    """Differences of neighbouring values (levels, ...) over those of their outermost nodes."""
    widths = first[:-1] - first[1:] if last is None else first[:-1] - last
    return (values[:-1] - values[1:]) / widths[:, None, None]
