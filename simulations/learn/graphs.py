"""A graph whose nodes are classified, from a file that the user names."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from theory.setting.checks import InputError, finite_array

# what NumPy raises for files that are no archive of arrays, or not whole
UNREADABLE = (
    OSError, ValueError, TypeError, AttributeError, EOFError, RuntimeError, NotImplementedError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
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
    except UNREADABLE as error:
        raise InputError(f"graph: {path} cannot be read as .npz ({error})") from None
    features = finite_array("graph: node_features", arrays["node_features"], (None, None))
    n = len(features)
    edges = whole_numbers("edges", arrays["edges"], (None, 2), n)
    labels = whole_numbers("node_labels", arrays["node_labels"], (n,), 2)
    masks = checked_masks([checked_mask(name, arrays[name], n) for name in MASKS])
    if any(len(np.unique(labels[mask])) < 2 for part in masks for mask in part):
        raise InputError("graph: a split holds one class, expected two in each")
    return Graph(
        standardised(features).astype(np.float32), labels, both_ways(edges, n), masks,
        hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def standardised(features) -> np.ndarray:
    """Columns of mean 0 and deviation 1; those that do not vary are 0."""
    with np.errstate(over="ignore"):
        scale = features.std(axis=0)
    varies = features.max(axis=0) > features.min(axis=0)
    if not features.shape[1] or not np.isfinite(scale).all() or (varies & (scale == 0)).any():
        raise InputError(
            f"graph: node_features of the shape {features.shape}, up to {np.abs(features).max(initial=0):g}, "
            "expected one column or more, of sizes whose squares are numbers"
        )
    return (features - features.mean(axis=0)) / np.where(varies, scale, 1.0)


def whole_numbers(name, array, shape, most) -> np.ndarray:
    """Whole numbers from 0 to most - 1 of a shape, where None is any length."""
    fits = array.ndim == len(shape) and all(
        n in (None, m) for n, m in zip(shape, array.shape, strict=True)
    )
    if array.dtype.kind not in "iu" or not fits or not array.size:
        wanted = ", ".join("e" if n is None else str(n) for n in shape)
        raise InputError(
            f"graph: {name} has the shape {array.shape} of {array.dtype}, expected whole numbers "
            f"of the shape ({wanted})"
        )
    if array.min() < 0 or array.max() >= most:
        raise InputError(
            f"graph: {name} lie from {array.min()} to {array.max()}, expected 0 to {most - 1}"
        )
    return array.astype(np.int64)


def checked_mask(name, array, n) -> np.ndarray:
    """Masks (splits, n), none of them empty."""
    if (
        array.dtype != bool
        or array.ndim != 2
        or array.shape[1] != n
        or not len(array)
        or not array.any(1).all()
    ):
        raise InputError(
            f"graph: {name} has the shape {array.shape} of {array.dtype}, or an empty split; "
            f"expected truth values (splits, {n})"
        )
    return array


def checked_masks(masks) -> np.ndarray:
    """Masks (3, splits, n) of as many splits each, no node in two of one split."""
    counts = [len(mask) for mask in masks]
    if len(set(counts)) > 1:
        raise InputError(
            f"graph: {', '.join(MASKS)} have {', '.join(map(str, counts))} splits, expected as many"
        )
    found = np.array(masks)
    if (found.sum(axis=0) > 1).any():
        raise InputError("graph: a node is in two masks of a split, expected each in one at most")
    return found


def both_ways(edges, n) -> np.ndarray:
    """Each pair once in both directions, and a loop at each node; no pair twice."""
    loops = np.repeat(np.arange(n)[:, None], 2, axis=1)
    return np.unique(np.concatenate([edges, edges[:, ::-1], loops]), axis=0).T
