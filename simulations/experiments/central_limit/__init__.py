"""Measures the claim `central_limit`: the law of A H(x) over samples of keys."""

from __future__ import annotations

from simulations.experiments.central_limit.few_neighbours import law_at_few_neighbours
from simulations.experiments.central_limit.one_query import law_at_a_query
from simulations.store.quantities import Measurement, merged
from theory.claims import central_limit as claim

STUDIES = (law_at_a_query, law_at_few_neighbours)


def measure(parameters: claim.Parameters, run) -> Measurement:
    """Coverage of normal intervals (the headline) and moments, then the same at few neighbours."""
    return merged(study(parameters, run, d) for study in STUDIES for d in claim.DIMENSIONS)
