"""Real data that ship with scikit-learn: points with labels or values, nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from theory.setting.checks import InputError, one_of, whole

NAMES = ("iris", "wine", "breast_cancer", "diabetes", "digits")


@dataclass(frozen=True)
class Dataset:
    """points: (n, D), every coordinate of mean 0 and variance 1. target: (n,), class numbers or
    values."""

    points: np.ndarray
    target: np.ndarray


def dataset(name: str, n_points: int, seed: int) -> Dataset:
    """At most so many points of a data set, picked at random; constant coordinates are left out.

    Raises InputError for an unknown name, or where scikit-learn is not installed.
    """
    one_of("data set", name, NAMES)
    try:
        from sklearn import datasets
    except ImportError:
        raise InputError(
            f"data set: {name} ships with scikit-learn, which is not installed; `make classical` "
            "installs it"
        ) from None
    points, target = getattr(datasets, f"load_{name}")(return_X_y=True)
    rng = np.random.default_rng(seed)
    picked = rng.permutation(len(points))[: whole("n_points", n_points, 2)]
    points, target = np.asarray(points, dtype=np.float64)[picked], np.asarray(target)[picked]
    points = points[:, np.ptp(points, axis=0) > 0]
    return Dataset((points - points.mean(axis=0)) / points.std(axis=0), target)


def neighbour_edges(points, k: int) -> np.ndarray:
    """The graph of the k nearest neighbours of each point, (2, n k): numbers of the neighbour and
    of the point."""
    found = scipy.spatial.cKDTree(points).query(points, k + 1)[1][:, 1:]
    return np.array([found.ravel(), np.repeat(np.arange(len(points)), k)])
