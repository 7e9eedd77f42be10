"""Measures the claim `classical`: every classical method by attention, and with its wrong convention."""

from __future__ import annotations

from simulations.experiments.classical.clusters import clusters
from simulations.experiments.classical.density import density
from simulations.experiments.classical.embeddings import embeddings
from simulations.experiments.classical.labels import labels
from simulations.experiments.classical.layers import layers
from simulations.experiments.classical.neighbours import neighbours
from simulations.store.quantities import Measurement, merged
from theory.claims.classical import METHODS, Parameters

STUDIES = (density, clusters, neighbours, labels, embeddings, layers)


def measure(parameters: Parameters, run) -> Measurement:
    """One array a method, in the order of the table."""
    found = merged(study(parameters) for study in run.progress(STUDIES, label="classical"))
    return Measurement({method.name: found.quantities[method.name] for method in METHODS})
