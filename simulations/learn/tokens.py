"""Images and tables as sets of tokens, each with the number of its place."""

from __future__ import annotations

import numpy as np

SMALLEST_PATCH, MOST_PATCHES = 2, 64  # pixels on a side; tokens of an image


def patch_of(height: int, width: int) -> int:
    """The side of a patch: the smallest of at least SMALLEST_PATCH pixels that makes at most
    MOST_PATCHES tokens."""
    side = SMALLEST_PATCH
    while -(-height // side) * -(-width // side) > MOST_PATCHES:
        side += 1
    return side


def patches(images) -> np.ndarray:
    """Images (n, height, width, colours) as tokens: the pixels of a patch, and which patch it is.

    8 x 8 images have 16 patches of 2 x 2. What a patch lacks at the edge is 0, the mean.
    """
    n, height, width, colours = images.shape
    side = patch_of(height, width)
    rows, across = -(-height // side), -(-width // side)
    filled = np.zeros((n, rows * side, across * side, colours))
    filled[:, :height, :width] = images
    cut = filled.reshape(n, rows, side, across, side, colours).transpose(0, 1, 3, 2, 4, 5)
    return with_place(cut.reshape(n, rows * across, -1))


def columns(table) -> np.ndarray:
    """Rows (n, c) as c tokens: the value in a place of its own, and which column it is."""
    return with_place(table[:, :, None] * np.eye(table.shape[1]))


def with_place(content) -> np.ndarray:
    """Tokens (n, t, c) with the number of the token, one-hot: (n, t, c + t)."""
    n, t, _ = content.shape
    return np.concatenate([content, np.broadcast_to(np.eye(t), (n, t, t))], axis=-1)
