"""Kernel density, kernel regression and mean shift."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.classical import (
    gaussian_mean_shift,
    kernel_density,
    mean_shift,
    nadaraya_watson,
)
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim
from theory.setting.pseudo_metrics import squared_distance

HALF = 1 / np.sqrt(2)  # of a bandwidth: eps = h^2 where it is to be 2 h^2


def density(parameters: claim.Parameters) -> Measurement:
    iris, h = parameters.data("iris").points, claim.SHIFT_WIDTH
    keys, queries = parameters.halves("diabetes")
    x, asked = (d.points[:, claim.REGRESSION_COLUMNS] for d in (keys, queries))
    widths = np.array(claim.REGRESSION_WIDTHS)
    centres, labels = mean_shift(iris, h)
    gaussian = AttentionOperator(centres, squared_distance(1.0), 2 * h**2, keys=iris) @ iris
    return measured(
        {
            claim.DENSITY: tuple(
                kernel_density(iris, factor * claim.DENSITY_WIDTH) for factor in (1, HALF)
            ),
            claim.REGRESSION: tuple(
                nadaraya_watson(x, keys.target, factor * widths, asked) for factor in (1, HALF)
            ),
            claim.GAUSSIAN_SHIFT: tuple(
                gaussian_mean_shift(iris, factor * claim.DENSITY_WIDTH, claim.SHIFT_STEPS)
                for factor in (1, HALF)
            ),
            claim.SHIFT_CENTRES: (centres, gaussian),
            claim.SHIFT_LABELS: (labels, np.argmax(iris @ centres.T, axis=1)),
        }
    )
