"""Soft and hard k-means, and the two steps of a Gaussian mixture."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.classical import kmeans, mixture, mixture_step
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim
from theory.setting.pseudo_metrics import squared_distance


def clusters(parameters: claim.Parameters) -> Measurement:
    return Measurement(
        expectation(parameters).quantities
        | maximisation(parameters).quantities
        | lloyd(parameters).quantities
    )


def expectation(parameters: claim.Parameters) -> Measurement:
    """Memberships of all points in all components."""
    iris = parameters.data("iris").points
    means, eye = parameters.centres(iris), np.eye(claim.N_CENTRES)
    variances, weights = np.array(claim.COMPONENT_VARIANCES), np.array(claim.COMPONENT_WEIGHTS)
    covariances, dim = parameters.covariances(iris.shape[1]), iris.shape[1]
    # a weight that undoes the volume of its component
    volumes = variances ** (dim / 2), np.sqrt(np.linalg.det(covariances))
    return measured(
        {
            claim.SOFT: tuple(mixture(iris, means, s2) @ eye for s2 in (1.0, 0.5)),
            claim.SPHERICAL: tuple(
                mixture(iris, means, variances, w) @ eye for w in (weights, weights * volumes[0])
            ),
            claim.FULL: tuple(
                mixture(iris, means, covariances, w) @ eye for w in (weights, weights * volumes[1])
            ),
        }
    )


def maximisation(parameters: claim.Parameters) -> Measurement:
    """Means after so many steps of both kinds; the wrong ones attend to the points themselves."""
    wine = parameters.data("wine").points
    means, variances = parameters.centres(wine), np.array(claim.COMPONENT_VARIANCES)
    weights = np.array(claim.COMPONENT_WEIGHTS)
    for _ in range(claim.EM_STEPS):
        before = means
        means, variances, weights = mixture_step(wine, mixture(wine, means, variances, weights))
    return measured({claim.MAXIMISATION: (means, rows_normalised(wine, before))})


def lloyd(parameters: claim.Parameters) -> Measurement:
    """Labels and centres of k-means; the wrong labels leave out |m|^2."""
    digits = parameters.data("digits").points
    labels, centres = kmeans(digits, parameters.centres(digits))
    return measured(
        {
            claim.KMEANS_LABELS: (labels, np.argmax(digits @ centres.T, axis=1)),
            claim.KMEANS_CENTRES: (centres, rows_normalised(digits, centres)),
        }
    )


def rows_normalised(points, centres):
    """Centres that attend to the points: a step of mean shift, not of k-means."""
    eps = claim.width_of(points)
    return AttentionOperator(centres, squared_distance(1.0), eps, keys=points) @ points
