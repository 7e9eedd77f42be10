"""Measures the claim `heat_semigroup`: iterated doubly normalised attention, as in the peer's study."""

from __future__ import annotations

from simulations.experiments.heat_semigroup.curve import curve_of_samples
from simulations.experiments.heat_semigroup.sphere import kernel_of_samples, kernel_on_nodes
from simulations.store.quantities import Measurement, merged
from theory.claims import heat_semigroup as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The diffusion time on nodes (the headline), samples on the sphere and on the trefoil."""
    curves = [curve_of_samples(parameters, run, k) for k in range(len(claim.TIMES))]
    return merged([kernel_on_nodes(run), kernel_of_samples(parameters, run), *curves])
