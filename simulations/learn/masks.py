"""The masks of nn.MultiheadAttention as one tensor that is added to the logits."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from theory.setting.checks import InputError


def added(
    shape: tuple[int, int, int, int],
    like: Tensor,
    key_padding_mask: Tensor | None = None,
    attn_mask: Tensor | None = None,
    is_causal: bool = False,
    without_self: bool = False,
) -> Tensor | None:
    """What is added to logits of shape (batch, heads, n, m), broadcast; None where nothing is.

    key_padding_mask: (batch, m), True or -inf at keys that nobody sees. attn_mask: (n, m) or
    (batch * heads, n, m), True where hidden, or numbers that are added. is_causal: a token sees no
    later one. without_self: no token sees itself, unless it sees nothing else. Raises InputError for
    a mask of another shape, or of whole numbers.
    """
    batch, heads, n, m = shape
    _check("key_padding_mask", key_padding_mask, ((batch, m),))
    _check("attn_mask", attn_mask, ((n, m), (batch * heads, n, m)))
    total = torch.zeros((), dtype=like.dtype, device=like.device)
    if key_padding_mask is not None:
        total = total + _numbers(key_padding_mask, like)[:, None, None, :]
    if attn_mask is not None:
        mask = _numbers(attn_mask, like)
        total = total + (mask if mask.ndim == 2 else mask.reshape(batch, heads, n, m))
    if is_causal:
        later = torch.ones(n, m, dtype=torch.bool, device=like.device).triu(1)
        total = total + _numbers(later, like)
    if without_self:
        total = _hide_self(total.expand(torch.broadcast_shapes(total.shape, (n, m))))
    return total if total.ndim else None


def _check(name, mask, shapes):
    if mask is None:
        return
    if tuple(mask.shape) not in shapes or not (
        mask.dtype == torch.bool or mask.is_floating_point()
    ):
        expected = " or ".join(map(str, shapes))
        raise InputError(
            f"{name}: got shape {tuple(mask.shape)} of {mask.dtype}, expected {expected} of truth "
            "values or floating numbers"
        )


def _numbers(mask, like):
    if mask.dtype != torch.bool:
        return mask.to(like.dtype)
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill(mask, -math.inf)


def _hide_self(total):
    n, m = total.shape[-2:]
    own = torch.eye(n, m, dtype=torch.bool, device=total.device)
    hidden = total.masked_fill(own, -math.inf)
    lonely = (hidden == -math.inf).all(-1, keepdim=True)
    return torch.where(lonely, total, hidden)
