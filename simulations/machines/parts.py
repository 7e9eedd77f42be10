"""What every transport does with a part of the tokens: the modes that it gives, and what it reads.

Features are divided by `scale`, the most that any of them may be, before they are spread, so that
one attention serves every step (its `largest` is 1) and a process measures its errors once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from simulations.attention.sharded import ShardedAttention
from theory.setting.checks import InputError, finite_array


@lru_cache(maxsize=8)
def here(attention: ShardedAttention) -> ShardedAttention:
    """The attention with the threads of this process, and with what it measures of itself kept."""
    return replace(attention)


def columns(values: np.ndarray) -> np.ndarray:
    """Features (n,) or (n, c) as (n, c)."""
    return values[:, None] if values.ndim == 1 else values


def modes_of(attention: ShardedAttention, points, values, weights, scale: float) -> np.ndarray:
    """The modes of a shard. Features beyond `scale` by no more than the tolerance, as another step
    leaves them, are cut off; others are refused with InputError."""
    h = columns(finite_array("values", values, (None,) * np.ndim(values))) / scale
    most = float(np.abs(h).max(initial=0.0))
    if most > 1 + attention.tolerance:
        raise InputError(
            f"values: the largest is {most * scale:g}, expected at most {scale:g}: give it as "
            "`largest`"
        )
    return here(attention).partial_modes(points, np.clip(h, -1, 1), weights)


def read_of(attention: ShardedAttention, points, modes, n_features: int, scale: float):
    """A H (n, c) at a shard's points, from the modes of all shards."""
    return scale * here(attention).read(points, modes, n_features)


def degrees_of(attention: ShardedAttention, points, modes) -> np.ndarray:
    """The sums of the weights of a shard's points (n,), from the modes of all shards."""
    return here(attention).sums(points, modes, 0)[:, 0]


def extent_of(points) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest coordinates of a shard, (m,) each; NaN where it holds any."""
    return points.min(axis=0), points.max(axis=0)


def most_of(values) -> np.ndarray:
    """The largest |value| of every column of a shard (c,); raises InputError where it is none."""
    found = np.abs(columns(values)).max(axis=0, initial=0.0)
    if not np.isfinite(found).all():
        raise InputError("values: some are not finite, expected numbers")
    return found


def box(low, high) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The extent of all shards as a box that has a volume; raises InputError where it is no
    number."""
    if not np.isfinite([*low, *high]).all():
        raise InputError("points: some are not finite, expected numbers")
    wide = np.where(high > low, high, low + 1.0 + np.abs(low))
    return tuple(np.asarray(low).tolist()), tuple(np.asarray(wide).tolist())
