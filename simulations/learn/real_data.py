"""Data that ship with scikit-learn as sets of tokens; nothing is downloaded."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from simulations.learn.examples import Examples, Splits
from simulations.learn.splitting import parts
from simulations.learn.tokens import columns, patches

CLASSES = 3  # of diabetes: equal shares of the outcome, so that every task has one loss


def real_splits(name: str, seed: int, run: int) -> Splits:
    """The splits of a run: the test split is the seed's, the same for all runs; what is left is
    split anew for each. Coordinates are standardised by the training split."""
    points, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
    split = training, _, test = parts(len(points), seed, run)
    if name == "diabetes":
        labels = shares(labels, np.setdiff1d(np.arange(len(points)), test))
    pooled = name == "digits"
    axis = None if pooled else 0
    scaled = (points - points[training].mean(axis)) / points[training].std(axis)
    tokens = patches(scaled.reshape(-1, 8, 8, 1)) if pooled else columns(scaled)
    whole = Examples(tokens.astype(np.float32), labels, tokens.shape[-1] - tokens.shape[-2])
    return Splits(*(whole.some(part) for part in split), int(labels.max()) + 1)


def shares(outcome, seen) -> np.ndarray:
    """Which third of the outcomes of the points that may be seen each outcome falls in."""
    bounds = np.quantile(outcome[seen], np.arange(1, CLASSES) / CLASSES)
    return np.searchsorted(bounds, outcome).astype(np.int64)
