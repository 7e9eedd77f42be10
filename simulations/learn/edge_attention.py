"""Attention along the edges of a graph, differentiable."""

from __future__ import annotations

import torch
from torch import Tensor

from simulations.learn.edge_kernels import kernels
from simulations.learn.edges import Neighbours


def dot_attention(q: Tensor, k: Tensor, v: Tensor, seen: Neighbours, slope: float = 1.0) -> Tensor:
    """softmax(LeakyReLU(q . k)) v over whom each query sees, (heads, n, c); 0 where it sees nobody.

    q, k: (heads, n, m), v: (heads, n, c). slope: of LeakyReLU below 0; 1 leaves the inner product.
    """
    return _AlongEdges.apply(q, k, q.new_empty(0), v, seen, slope)


def additive_attention(
    q: Tensor, k: Tensor, a: Tensor, v: Tensor, seen: Neighbours, slope: float
) -> Tensor:
    """softmax(a . LeakyReLU(q + k)) v, (heads, n, c), with a of shape (heads, m)
    (Brody, Alon, Yahav 2022, eq. 7)."""
    return _AlongEdges.apply(q, k, a, v, seen, slope)


class _AlongEdges(torch.autograd.Function):
    """a is empty where the score is a dot product."""

    @staticmethod
    def forward(ctx, q, k, a, v, seen, slope):
        additive = a.numel() > 0
        given = [t.detach().contiguous() for t in (q, k, a if additive else a.view(0, 0), v)]
        weights, out = q.new_empty(len(q), len(seen.keys)), torch.empty_like(given[3])
        forward, ctx.backward_kernel = kernels(q.shape[-1], v.shape[-1], additive)
        ctx.rest = (seen.starts, seen.keys, _number(q, slope))
        forward(*_arrays(given), *ctx.rest, *_arrays((weights, out)))
        ctx.save_for_backward(*given, weights)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        *given, weights = ctx.saved_tensors
        found = [torch.zeros_like(t) for t in given]
        ctx.backward_kernel(
            *_arrays(given), *ctx.rest, *_arrays((weights, gradient.contiguous(), *found))
        )
        dq, dk, da, dv = found
        return dq, dk, da if da.numel() else None, dv, None, None


def _arrays(tensors):
    return [t.numpy() for t in tensors]


def _number(like: Tensor, value: float):
    """The value in the precision of the tensor, so that no kernel computes in another."""
    return like.new_full((), value).numpy()[()]
