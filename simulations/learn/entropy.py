"""A temperature for every layer at which its weights have the mean entropy of another network's."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from simulations.learn.network import Network

LOWEST, HIGHEST = 1e-4, 1e6  # temperatures between which one is searched
HALVINGS = 60  # of the logarithm of that range: to rounding


def mean_entropy(weights: Tensor) -> float:
    """The mean over rows of -sum w log w, of weights (..., n, m); 0 log 0 = 0."""
    return float(torch.special.entr(weights).sum(-1).mean())


@torch.no_grad()
def entropies(network: Network, tokens: Tensor) -> list[float]:
    """The mean entropy of the weights of each block, on sets of tokens (batch, n, features)."""
    x, found = network.embedding(tokens), []
    for block in network.blocks:
        found.append(_entropy(block, block.before(x)))
        x, _ = block(x)
    return found


@torch.no_grad()
def match(network: Network, other: Network, tokens: Tensor) -> None:
    """Set the temperature of each block of `network`, from the first on, to the one at which its
    weights have the mean entropy of those of `other` on the same tokens (batch, n, features).

    The entropy grows with the temperature, from that of the token alone to log n, and is bisected.
    """
    x = network.embedding(tokens)
    for block, wanted in zip(network.blocks, entropies(other, tokens), strict=True):
        normed, (low, high) = block.before(x), (math.log(LOWEST), math.log(HIGHEST))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            block.attention.temperature = math.exp(middle)
            low, high = (middle, high) if _entropy(block, normed) < wanted else (low, middle)
        x, _ = block(x)


def _entropy(block, normed):
    return mean_entropy(block.attend(normed, average_attn_weights=False)[1])
