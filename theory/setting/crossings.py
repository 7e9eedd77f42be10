"""Where an immersed curve or surface meets itself: it crosses, touches, or is covered twice."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy

from theory.setting.expressions import compile_array

_POINTS = {1: 720, 2: 4000, 3: 3000}  # of the grid that is looked at
_LEAST = {1: 720, 2: 20, 3: 8}  # on each axis
_REACH = 1.3  # spacings: points so near are compared
# a way through the chart so many times longer than the chord is no short cut of a smooth piece:
# around a pole or along a bend it is pi/2 times longer
_DETOUR = 3.0
_PIECES = 12  # of a way through the chart
_MOST_PAIRS = 400  # that are followed, the nearest ones
_NEWTON = 40  # steps: where sheets touch each halves the distance of the parameters
_MEETS = 1e-9  # of the size of the whole


def crossing(axes, embedding) -> tuple[np.ndarray, np.ndarray] | None:
    """Two chart points (d,) with one image, None if there are none.

    Pairs of a grid that are near in space and far apart on the manifold are moved onto each other
    by Newton's method. A loop shorter than a few spacings, 1/200 of a curve, may be missed.
    """
    return _crossing(tuple(axes), tuple(embedding))


@lru_cache(maxsize=256)
def _crossing(axes, embedding):
    chart = _Chart(axes, embedding)
    u, spacing = chart.grid()
    x = chart.embed(u)
    reach = _REACH * spacing
    pairs = scipy.spatial.cKDTree(x).query_pairs(reach, output_type="ndarray")
    pairs = pairs[chart.longest(u, pairs) > _DETOUR * reach]  # few are left, and soon found
    first, second = u[pairs[:, 0]], u[pairs[:, 1]]
    apart = chart.way(first, second) > _DETOUR * reach
    first, second, pairs = first[apart], second[apart], pairs[apart]
    nearest = np.argsort(np.linalg.norm(x[pairs[:, 0]] - x[pairs[:, 1]], axis=1), kind="stable")
    first, second = chart.met(first[nearest[:_MOST_PAIRS]], second[nearest[:_MOST_PAIRS]])
    gap = np.linalg.norm(chart.embed(first) - chart.embed(second), axis=1)
    meet = (gap <= _MEETS * np.ptp(x, axis=0).max()) & (chart.way(first, second) > reach)
    if not meet.any():
        return None
    at = int(np.argmax(meet))
    return first[at], second[at]


class _Chart:
    def __init__(self, axes, embedding):
        self.axes, self.embedding = axes, embedding
        symbols = [a.symbol for a in axes]
        self.embed = compile_array(symbols, embedding, (len(embedding),))
        slopes = [e.diff(s) for e in embedding for s in symbols]
        self.jacobian = compile_array(symbols, slopes, (len(embedding), len(axes)))
        self.low = np.array([a.low for a in axes])
        self.length = np.array([a.length for a in axes])
        self.periodic = np.array([a.kind == "periodic" for a in axes])

    def grid(self):
        """Chart points (n, d), about as far apart along every axis, and their distance there."""
        d = len(self.axes)
        coarse = self._product([24] * d)
        speed = np.linalg.norm(self.jacobian(coarse), axis=1).max(axis=0) * self.length
        share = (_POINTS[d] / np.prod(speed)) ** (1 / d)
        counts = np.maximum(_LEAST[d], np.ceil(share * speed)).astype(int)
        # long thin shapes: few points along the thin axis, no more than ten times as many in all
        counts = np.minimum(counts, 10 * _POINTS[d] // _LEAST[d] ** (d - 1))
        return self._product(counts), float(np.linalg.norm(speed / counts))

    def longest(self, u, pairs):
        """About the longest that the straight way between pairs (n, 2) of points u can be, (n,)."""
        speed = np.linalg.norm(self.jacobian(u), axis=1)
        first, second = pairs.T
        return (
            np.abs(self._step(u[first], u[second])) * np.maximum(speed[first], speed[second])
        ).sum(axis=1)

    def way(self, u, v):
        """The length (n,) in space of the straight way through the chart from u to v (n, d)."""
        step = self._step(u, v)
        share = np.linspace(0, 1, _PIECES + 1)[None, :, None]
        path = u[:, None, :] + share * step[:, None, :]
        x = self.embed(path.reshape(-1, u.shape[1])).reshape(*path.shape[:2], len(self.embedding))
        return np.linalg.norm(np.diff(x, axis=1), axis=2).sum(axis=1)

    def met(self, u, v):
        """u and v (n, d) moved until their images meet, where they do: least squares."""
        d = u.shape[1]
        for _ in range(_NEWTON if len(u) else 0):
            away = self.embed(u) - self.embed(v)
            slopes = np.concatenate([self.jacobian(u), -self.jacobian(v)], axis=2)
            step = np.einsum("nij,nj->ni", np.linalg.pinv(slopes, rcond=1e-8), away)
            # no step leaves the neighbourhood that was looked at
            step = np.clip(step, -0.1, 0.1)
            u, v = self._inside(u - step[:, :d]), self._inside(v - step[:, d:])
        return u, v

    def _inside(self, u):
        """The same points by coordinates within the chart: through a pole and half round it."""
        u = u.copy()
        for k, axis in enumerate(self.axes):
            if axis.kind == "wall":
                u[:, k] = np.clip(u[:, k], axis.low, axis.high)
            for past, end, turn in zip(
                (u[:, k] < axis.low, u[:, k] > axis.high),
                (axis.low, axis.high),
                axis.turns or (),
                strict=False,
            ):
                u[past, k] = 2 * end - u[past, k]
                u[past, turn] += self.length[turn] / 2
        return np.where(self.periodic, self.low + (u - self.low) % self.length, u)

    def _step(self, u, v):
        """v - u (n, d), the short way round periodic axes."""
        step = v - u
        return step - np.where(self.periodic, np.round(step / self.length), 0) * self.length

    def _product(self, counts):
        lines = [
            a.low + a.length * (np.arange(n) + (0.0 if a.kind == "periodic" else 0.5)) / n
            for a, n in zip(self.axes, counts, strict=True)
        ]
        return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, len(self.axes))
