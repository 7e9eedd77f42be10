"""Softmax over the edges of a graph."""

from __future__ import annotations

import torch
from torch import Tensor


def edge_softmax(logits: Tensor, queries: Tensor, n: int) -> Tensor:
    """Weights (e, heads) that sum to 1 over the edges of each query."""
    places = queries[:, None].expand_as(logits)
    most = logits.new_full((n, logits.shape[1]), -torch.inf)
    most = most.scatter_reduce(0, places, logits.detach(), "amax")
    weights = (logits - most[queries]).exp()
    total = logits.new_zeros(n, logits.shape[1]).index_add(0, queries, weights)
    return weights / total[queries]
