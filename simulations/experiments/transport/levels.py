"""Attention to all keys, at fixed queries and temperatures that fall, on quadrature nodes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.store.quantities import Field, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import transport as claim


def random_head(parameters: claim.Parameters, run) -> dict[str, Field]:
    """A H of a dot product with W_Q != W_K on the sphere, and its slope in eps."""
    case, temperatures = parameters.head(), parameters.temperatures()
    values = attended(case, temperatures, run, "head")
    return {
        claim.MAP: deterministic_field(values, case.probes, temperatures),
        claim.DRIFT: slopes(values, case, temperatures),
    }


def general_score(parameters: claim.Parameters, run) -> dict[str, Field]:
    """A H of the general score, and its slope in eps."""
    case, temperatures = parameters.general(), parameters.temperatures()
    values = attended(case, temperatures, run, "general")
    slope = slopes(values, case, temperatures)
    return {
        claim.map_order(case.name): deterministic_field(values, case.probes, temperatures),
        claim.spread_term(case.name): slope,
        claim.slope_order(case.name): slope,
    }


def two_minima(parameters: claim.Parameters, run) -> dict[str, Field]:
    """A H where f has two minima of equal depth."""
    case, temperatures = parameters.two_minima(), parameters.temperatures()
    values = attended(case, temperatures, run, "two minima")
    return {claim.SHARES: deterministic_field(values, case.probes, temperatures)}


def degenerate_minimum(parameters: claim.Parameters, run) -> dict[str, Field]:
    """A H where f is of fourth order at its minimum; the root of eps halves."""
    case = parameters.degenerate()
    roots = np.sqrt(parameters.temperature) / 2.0 ** np.arange(parameters.n_levels + 1)
    values = attended(case, roots**2, run, "degenerate")
    return {claim.DEGENERATE: deterministic_field(values, case.probes, roots)}


def attended(case: claim.Case, temperatures, run, key: str) -> np.ndarray:
    """A H at the probes, (levels, n, c)."""
    m, f = case.density.manifold, pseudo_metric(case.score)
    queries = m.embed(case.probes)

    def level(eps):
        keys = quadrature_tokens(case.density, case.nodes(eps))
        operator = AttentionOperator(queries, f, eps, keys=keys)
        return operator @ feature_columns(m, case.features, keys.coordinates)

    def study():
        levels = run.progress(temperatures, label=f"transport: {key}")
        return {"values": np.array([level(eps) for eps in levels])}

    return run.remember(key, study)["values"]


def slopes(values, case: claim.Case, temperatures) -> Field:
    """(A H at eps less A H at eps/2) over eps/2: the slope in eps, with an error of order eps."""
    steps = temperatures[:-1]
    rise = (values[:-1] - values[1:]) / (steps[:, None, None] / 2)
    return deterministic_field(rise, case.probes, steps)
