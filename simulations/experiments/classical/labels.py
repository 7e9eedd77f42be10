"""Label propagation and label spreading."""

from __future__ import annotations

from simulations.classical import label_propagation, label_spreading
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim


def labels(parameters: claim.Parameters) -> Measurement:
    data = parameters.data("breast_cancer")
    x, known, eps = data.points, parameters.few_labels(data.target), claim.width_of(data.points)
    n = claim.LABEL_STEPS

    def propagated(exclude_self):
        return label_propagation(x, known, eps, n, exclude_self=exclude_self)

    def spread(exclude_self):
        return label_spreading(x, known, eps, claim.ALPHA, n, exclude_self=exclude_self)

    return measured(
        {
            claim.PROPAGATION: (propagated(False), propagated(True)),
            claim.SPREADING: (spread(True), spread(False)),
        }
    )
