"""Measures the claim `spectral_rate`: spectra of i.i.d. samples as their tokens grow many."""

from __future__ import annotations

from simulations.experiments.spectral_rate.samples import spectra
from simulations.store.quantities import Measurement, merged
from theory.claims.spectral_rate import SETTINGS, Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Eigenvalues and projections on eigenvectors, on the sphere (the headline) and the circle."""
    return merged(spectra(parameters, run, where) for where in SETTINGS)
