"""Data that ship with scikit-learn as sets of tokens; nothing is downloaded."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from simulations.learn.examples import Examples, Splits
from theory.claims.metric_attention import TEST_SHARE, VALIDATION_SHARE

SIDE, PATCH = 8, 2  # pixels of an image, and of a patch


def real_splits(name: str, seed: int, run: int) -> Splits:
    """The splits of a run: the test split is the seed's, the same for all runs; what is left is
    split anew for each. Coordinates are standardised by the training split."""
    points, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(points))
    n_test = round(TEST_SHARE * len(points))
    test, rest = order[:n_test], np.random.default_rng([seed, run]).permutation(order[n_test:])
    n_validation = round(VALIDATION_SHARE * len(rest))
    parts = rest[n_validation:], rest[:n_validation], test
    mean, scale = scaling(points[parts[0]], pooled=name == "digits")
    tokens = (patches if name == "digits" else columns)((points - mean) / scale)
    whole = Examples(tokens.astype(np.float32), labels, tokens.shape[-1] - tokens.shape[-2])
    return Splits(*(whole.some(part) for part in parts), int(labels.max()) + 1)


def scaling(points, *, pooled: bool):
    """Mean and standard deviation of each coordinate, or of all pixels together."""
    axis = None if pooled else 0
    return points.mean(axis=axis), points.std(axis=axis)


def patches(images) -> np.ndarray:
    """Images (n, 64) as 16 tokens: 4 pixels, and which patch it is."""
    n, k = len(images), SIDE // PATCH
    cut = images.reshape(n, k, PATCH, k, PATCH).transpose(0, 1, 3, 2, 4).reshape(n, k * k, -1)
    return with_place(cut)


def columns(table) -> np.ndarray:
    """Rows (n, c) as c tokens: the value in a place of its own, and which column it is."""
    return with_place(table[:, :, None] * np.eye(table.shape[1]))


def with_place(content) -> np.ndarray:
    """Tokens (n, t, c) with the number of the token, one-hot: (n, t, c + t)."""
    n, t, _ = content.shape
    return np.concatenate([content, np.broadcast_to(np.eye(t), (n, t, t))], axis=-1)
