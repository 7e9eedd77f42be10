"""Doubly normalised weights: rows and columns of exp(logits) brought to one sum in turn."""

from __future__ import annotations

import math

import torch
from torch import Tensor

ITERATIONS = 5


def doubly_normalised(logits: Tensor, iterations: int = ITERATIONS) -> Tensor:
    """Weights (..., n, m) of Sinkhorn's iteration in logarithms (Sander et al. 2022, section 3).

    Columns, then rows, each so many times: rows sum to 1 exactly, columns to n/m nearly. Hidden
    pairs have the logit -inf; a key that nobody sees keeps weight 0.
    """
    n, m = logits.shape[-2:]
    for _ in range(iterations):
        columns = logits.logsumexp(-2, keepdim=True) - math.log(n / m)
        logits = logits - torch.where(columns == -math.inf, torch.zeros_like(columns), columns)
        logits = logits - logits.logsumexp(-1, keepdim=True)
    return logits.exp()
