"""A graph whose nodes are classified, from a file that the user names."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from theory.setting.checks import InputError, finite_array

MASKS = ("train_masks", "val_masks", "test_masks")
NAMES = ("node_features", "node_labels", "edges", *MASKS)


@dataclass(frozen=True)
class Graph:
    """features: (n, c), standardised over all nodes, float32. labels: (n,), 0 or 1. edges: (2, e),
    numbers of key and query: both directions of each edge, and a loop at each node. masks:
    (3, splits, n), of training, validation and test. digest: SHA-256 of the file."""

    features: np.ndarray
    labels: np.ndarray
    edges: np.ndarray
    masks: np.ndarray
    digest: str

    def split(self, run: int) -> np.ndarray:
        """The masks (3, n) of a run: the file's splits in turn."""
        return self.masks[:, run % self.masks.shape[1]]


@cache
def read_graph(path: str) -> Graph:
    """The graph of an .npz file with the arrays NAMES, node_labels of two classes.

    Raises InputError for a file that is none, in one line that names what is wrong.
    """
    try:
        content = Path(path).read_bytes()
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in NAMES}
    except KeyError as error:
        raise InputError(f"graph: {path} has no array {error}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"graph: {path} cannot be read as .npz ({error})") from None
    features = finite_array("graph: node_features", arrays["node_features"], (None, None))
    n = len(features)
    edges = whole_numbers("edges", arrays["edges"], (len(arrays["edges"]), 2), n)
    labels = whole_numbers("node_labels", arrays["node_labels"], (n,), 2)
    masks = np.array([checked_mask(name, arrays[name], n) for name in MASKS])
    if any(len(np.unique(labels[mask])) < 2 for part in masks for mask in part):
        raise InputError("graph: a split holds one class, expected two in each")
    scale = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    return Graph(
        scaled.astype(np.float32), labels, both_ways(edges, n), masks,
        hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def whole_numbers(name, array, shape, most) -> np.ndarray:
    if array.dtype.kind not in "iu" or array.shape != shape or not array.size:
        raise InputError(
            f"graph: {name} has the shape {array.shape} of {array.dtype}, expected whole numbers "
            f"of the shape {shape}"
        )
    if array.min() < 0 or array.max() >= most:
        raise InputError(
            f"graph: {name} lie from {array.min()} to {array.max()}, expected 0 to {most - 1}"
        )
    return array.astype(np.int64)


def checked_mask(name, array, n) -> np.ndarray:
    """Masks (splits, n), none of them empty."""
    if array.dtype != bool or array.ndim != 2 or array.shape[1] != n or not array.any(1).all():
        raise InputError(
            f"graph: {name} has the shape {array.shape} of {array.dtype}, or an empty split; "
            f"expected truth values (splits, {n})"
        )
    return array


def both_ways(edges, n) -> np.ndarray:
    """Each pair once in both directions, and a loop at each node; no pair twice."""
    loops = np.repeat(np.arange(n)[:, None], 2, axis=1)
    return np.unique(np.concatenate([edges, edges[:, ::-1], loops]), axis=0).T
