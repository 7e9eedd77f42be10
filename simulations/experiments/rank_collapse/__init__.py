"""Measures the claim `rank_collapse`: residuals of networks of pure self-attention."""

from __future__ import annotations

from simulations.experiments.rank_collapse.bound import held_against_bound
from simulations.experiments.rank_collapse.exponents import exponents
from simulations.experiments.rank_collapse.sinkhorn import compared
from simulations.store.quantities import Measurement, merged
from theory.claims import rank_collapse as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The exponents (the headline), the bound with and without skip connections, Sinkhorn."""
    return merged(study(parameters, run) for study in (exponents, held_against_bound, compared))
