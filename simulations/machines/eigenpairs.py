"""The largest eigenvalues of attention whose tokens are on many machines, by block iteration over
`apply`: what travels in each is the modes, and small matrices."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from simulations.observables.block_spectrum import NoConvergence
from theory.setting.checks import InputError, whole, within

DEGREE = 8  # of the filter: applications between two looks at the Ritz values
ROUNDS = 60
FLOOR = 10  # times the tolerance of a step: what errors of a step leave of a residual
SMALLEST_CUT = 1e-3  # of the part of the spectrum that the filter damps


def leading_eigenpairs(
    attention,
    count: int,
    *,
    block: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
):
    """The `count` largest eigenvalues of A, decreasing, and their vectors (N, count), normed by
    `inner`, on the machines that hold the tokens.

    attention: a `DaskAttention` or an `MPIAttention`. block: vectors that are iterated, by default
    twice count, at least 4; a multiplet that it does not hold whole lacks copies. tolerance: of the
    residuals |A v - mu v| of normed v; not below FLOOR times that of a step. The iteration is that of
    Zhou, Saad, Tiago and Chelikowsky (2006): a Chebyshev polynomial of A damps what lies between 0,
    below which attention with Gaussian weights has nothing, and the smallest Ritz value of the
    block. Raises NoConvergence.
    """
    size = attention.shape[0]
    count = whole("count", count, 1)
    block = max(2 * count, 4) if block is None else whole("block", block, count)
    if block > size // 2:
        raise InputError(
            f"block: got {block} vectors of {size} tokens, expected at most {size // 2}"
        )
    floor = FLOOR * attention.attention.tolerance
    tolerance = floor if tolerance is None else within("tolerance", tolerance, floor, 0.1)
    vectors = attention.random(block, seed)
    for _ in range(ROUNDS):
        image = _applied(attention, vectors)
        values, change = _ritz(attention.inner(vectors, vectors), attention.inner(vectors, image))
        vectors, image = attention.keep(vectors @ change), attention.keep(image @ change)
        rest = attention.keep(image - vectors * values)
        residuals = np.sqrt(np.diag(attention.inner(rest, rest)))
        if (residuals[:count] <= tolerance).all():
            return values[:count], attention.keep(vectors[:, :count])
        vectors = _filtered(attention, vectors, image, max(values[-1], SMALLEST_CUT))
    raise NoConvergence(
        f"residuals {residuals[:count].max():.1g}, expected at most {tolerance:.1g}"
    )


def _ritz(gram, matrix):
    """The Ritz values, decreasing, and the combinations of the block that are orthonormal."""
    scale = 1 / np.sqrt(np.diag(gram))
    gram, matrix = (scale[:, None] * m * scale for m in (gram, (matrix + matrix.T) / 2))
    values, change = eigh(matrix, gram)
    return values[::-1], (scale[:, None] * change)[:, ::-1]


def _filtered(attention, vectors, image, cut):
    """T_DEGREE(2 A/cut - 1) of the vectors, whose image under A is known."""
    before, now = vectors, attention.keep((2 / cut) * image - vectors)
    for _ in range(DEGREE - 1):
        image = _applied(attention, now)
        before, now = now, attention.keep((4 / cut) * image - 2 * now - before)
    return now


def _applied(attention, vectors):
    """A of every column, each to the tolerance relative to its own largest value."""
    most = attention.most(vectors)
    scale = np.where(most > 0, most, 1.0)
    return attention.keep(attention.apply(vectors / scale, 1.0) * scale)
