"""Checks of what layers are made of."""

from __future__ import annotations

from theory.setting.checks import InputError, whole


def head_width(embed_dim: int, num_heads: int) -> int:
    """Coordinates of a head; raises InputError for heads that do not divide the width."""
    if whole("embed_dim", embed_dim, 1) % whole("num_heads", num_heads, 1):
        raise InputError(f"num_heads: got {num_heads}, expected a divisor of embed_dim {embed_dim}")
    return embed_dim // num_heads
