"""The scores of a network held as hot as at the start, whatever training does."""

from __future__ import annotations

from collections.abc import Callable

import torch

from simulations.learn.network import Network


def holder(network: Network) -> Callable[[], None]:
    """A function to call after every step: it brings W back to its norm of the start, in each block.

    What scores see is W diag(g), g the gain of the norm before: its Frobenius norm is held, so that
    no longer tokens make up for a high temperature. W alone is changed.
    """
    norms = [float(_size(block)) for block in network.blocks]

    @torch.no_grad()
    def hold() -> None:
        for block, norm in zip(network.blocks, norms, strict=True):
            attention = block.attention
            attention.in_proj_weight[: -attention.embed_dim] *= norm / _size(block)

    return hold


@torch.no_grad()
def _size(block):
    attention = block.attention
    return (attention.in_proj_weight[: -attention.embed_dim] * block.before.weight).norm()
