"""The edges of a graph in the order in which kernels go through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from theory.setting.checks import InputError

WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


@dataclass(frozen=True)
class Neighbours:
    """Whom each query sees: those of query i are keys[starts[i]:starts[i + 1]].

    starts: (n + 1,), keys: (e,), both int64.
    """

    starts: np.ndarray
    keys: np.ndarray

    @property
    def n(self) -> int:
        return len(self.starts) - 1


def neighbours(edges: Tensor | Neighbours, n: int) -> Neighbours:
    """Edges (2, e), numbers of key and query among n tokens, by their queries; one that is repeated
    counts each time. Raises InputError for another shape, or numbers that are none of a token."""
    if isinstance(edges, Neighbours):
        if edges.n != n:
            raise InputError(f"edges: got those of {edges.n} tokens, expected {n}")
        return edges
    if not isinstance(edges, Tensor):
        raise InputError(f"edges: got {type(edges).__name__}, expected a tensor (2, e)")
    if edges.ndim != 2 or len(edges) != 2 or edges.dtype not in WHOLE:
        raise InputError(
            f"edges: got {tuple(edges.shape)} of {edges.dtype}, expected whole numbers (2, e)"
        )
    keys, queries = edges.cpu().numpy().astype(np.int64)
    if keys.size and (edges.min() < 0 or edges.max() >= n):
        raise InputError(
            f"edges: got numbers from {int(edges.min())} to {int(edges.max())}, expected 0 to {n - 1}"
        )
    starts = np.concatenate([[0], np.cumsum(np.bincount(queries, minlength=n))])
    return Neighbours(starts, keys[np.argsort(queries, kind="stable")])
