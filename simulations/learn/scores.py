"""Scores as inner products of a query and a key: what `scaled_dot_product_attention` takes.

A score takes projected tokens (..., n, m) and returns queries and keys (..., n, m') whose inner
product it is, without another scale.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize, pad, scaled_dot_product_attention


def metric(q: Tensor, k: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """-|q - k|^2/temperature, but for a term of the query alone, which softmax does not see.

    2 q.k/T - |k|^2/T: a dot product and a bias of the key, carried by one more coordinate.
    """
    bias = -k.square().sum(-1, keepdim=True) / temperature
    ones = torch.ones_like(q[..., :1])
    return torch.cat([2 * q / temperature, ones], -1), torch.cat([k, bias], -1)


def dot(q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """q.k/sqrt(m): self-attention (Vaswani et al. 2017, eq. 1)."""
    return q / math.sqrt(q.shape[-1]), k


def cosine(q: Tensor, k: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor]:
    """exp(log_scale) cos(q, k), log_scale (heads, 1, 1) learned (Liu et al. 2022, eq. 2)."""
    return log_scale.exp() * normalize(q, dim=-1), normalize(k, dim=-1)


def transformed(q: Tensor, k: Tensor, power: Tensor) -> Tensor:
    """-phi(|q - k|^2), phi(u) = ((1 + u)^power - 1)/power: logits (..., n, m).

    phi grows for every power > 0 (heads, 1, 1): u itself at 1, and log(1 + u) as the power tends to
    0 (Box and Cox 1964).
    """
    square = q.square().sum(-1)[..., :, None] + k.square().sum(-1)[..., None, :]
    u = (square - 2 * q @ k.transpose(-1, -2)).clamp(min=0.0)
    return -torch.expm1(power * torch.log1p(u)) / power


def relevance(values: Tensor, previous: Tensor) -> Tensor:
    """The diagonal of M (..., 1, c) of elliptical attention, from the values (..., n, c) of a layer
    and of the layer before, the largest entry 1.

    m_i = mean over tokens of |v(i) - v'(i)| (Nielsen et al. 2024, the estimator over layers; its
    step cancels in the scale). No gradient goes through it. The mean is over the tokens of one set,
    so that no set sees another.
    """
    with torch.no_grad():
        m = (values - previous).abs().mean(-2, keepdim=True)
        largest = m.amax(-1, keepdim=True)
        return torch.where(largest > 0, m / largest, torch.ones_like(m))


def matched_temperature(rows: int, width: int) -> float:
    """The temperature at which the metric's logits vary as those of self-attention at the start.

    Entries of W independent of mean 0 and variance 1/width, W of shape (rows, width), tokens
    standard normal: over the keys of one query Var |W(x - y)|^2 is 6 tr (W W^T)^2, on the average 6
    rows (1 + (rows + 1)/width), and Var q.k is rows. Both grow alike with the entries.
    """
    return math.sqrt(6 * rows * (1 + (rows + 1) / width))


def attended(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None, dropout: float) -> Tensor:
    """softmax(q.k + hidden) v, (..., n, c), by the kernel that does not store all pairs.

    On the CPU PyTorch has it where values are as wide as keys, so they are filled up with 0. The
    bias of a key could be added to `hidden` instead, but there the kernel knows no gradient.
    """
    lacking = k.shape[-1] - v.shape[-1]
    wide = pad(v, (0, lacking)) if lacking else v
    found = scaled_dot_product_attention(q, k, wide, hidden, dropout_p=dropout, scale=1.0)
    return found[..., : v.shape[-1]] if lacking else found
