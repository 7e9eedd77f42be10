"""Claim `heat_semigroup`: the study of the repository xycheng/heat_semigroup, with a rate.

Its two demonstrations, at their own sizes and on: iterated doubly normalised attention to tokens of
a varying density on a trefoil and on the sphere is the heat semigroup there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole
from theory.setting.densities import Density, density
from theory.setting.manifolds import closed_curve, manifold
from theory.setting.references import scattered_probes

CLAIM = Claim(
    name="heat_semigroup",
    rank=8.4,
    title="Doubly normalised attention is the heat semigroup: the closest peer's study",
    statement=(
        r"Whatever the density, $A^k f$ of doubly normalised attention tends to the heat semigroup "
        r"$e^{T\Delta} f$ at $T = k\,\varepsilon$, for a step function on a trefoil and for the heat "
        r"kernel on the sphere, and the error falls at least as fast as $N^{-2/(d+6)}$ at "
        r"$\varepsilon \sim N^{-2/(d+6)}$: the two demonstrations of the repository "
        "xycheng/heat_semigroup, with a rate, an interval and a control."
    ),
    source=(
        "Cheng and Wu (arXiv 2605.25383) and its repository xycheng/heat_semigroup; "
        "docs/theory.md, 'Heat semigroup'"
    ),
    hypotheses=r"i.i.d. tokens of a smooth positive density, $f = |x-y|^2/4$, temperature tied to N",
    predicted=(
        r"order at least $2/7$ on the trefoil and $1/4$ on the sphere, in $1/N$; diffusion time "
        r"$k\,\varepsilon$ at $N = \infty$"
    ),
    order=r"at least $2/(d+6)$ in $N$, a bound",
    paper=Paper(
        NEW,
        "Of the paper's limit this is the case without a drift, on which a published study exists.",
    ),
)

# --- the design: that of the two demonstrations ---

KNOT = "(sin(u) + 2*sin(2*u), cos(u) - 2*cos(2*u), -sin(3*u))"
SPEED = "sqrt(43/2 + 8*cos(3*u) + 9*cos(6*u)/2)"  # |dX/du| of the knot
CURVE_DENSITY = f"(1 + 2*sin(u)/5)/{SPEED}"  # (1 + 0.4 sin u)/(2 pi) in the chart
TIMES = (0.5, 2.0)  # of the step function on the knot
LARGEST_WIDTH = 1 / 4  # sigma, the root of the temperature; also its half and its quarter
WIDTHS = (1 / 4, 1 / 8, 1 / 16)
SPHERE_DENSITY = "exp(3*z/2)"
SPHERE_TIME, SPHERE_STEPS = 0.15, 15
# directions of the points where the heat starts: the demonstration's, and its quarter turns about
# the axis of the density, which see the same
SOURCES = ((0.5, 1.0, 1.5), (-1.0, 0.5, 1.5), (-0.5, -1.0, 1.5), (1.0, -0.5, 1.5))
# steps of the larger sizes over those of the first, to whole numbers; N grows as the power of theory
GROWTH = {1: (1.0, 1.2, 1.4, 5 / 3), 2: (1.0, 1.2, 1.5, 2.0)}
SHARE = {1: (4, 4, 2, 1), 2: (8, 8, 4, 1)}  # samples of each size, over n_seeds
CONTROL_TIME = (
    2.0  # before, a drift has hardly acted: here samples go through softmax attention too
)
NODE_STEPS = (4, 8, 16, 32)  # to the time of the sphere, at N = infinity
PROBES = {1: 96, 2: 120}  # points that are no tokens

# --- the names ---

NODE_TIME = "sphere: diffusion time over k eps, N = infinity, eps -> 0"
SPHERE_ORDER = "sphere: heat kernel, root mean square error, order in 1/N"


def curve_order(time: float) -> str:
    return f"trefoil, T = {time:g}: step function, root mean square error, order in 1/N"


@dataclass(frozen=True)
class Parameters:
    n_curve_tokens: int = option(
        500, "Tokens of the smallest samples on the trefoil.", least=200, bytes=12 * TOKEN_BYTES
    )
    n_sphere_tokens: int = option(
        1000, "Tokens of the smallest samples on the sphere.", least=400, bytes=16 * TOKEN_BYTES
    )
    n_seeds: int = option(
        10,
        "Samples of the largest size; up to eight times as many smaller ones.",
        least=3,
        bytes=16 * SAMPLE_BYTES,
    )
    seed: int = option(2026, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        for name in ("n_curve_tokens", "n_sphere_tokens"):
            if getattr(self, name) > 20_000:
                raise InputError(
                    f"{name}: got {getattr(self, name)}, expected at most 20000: the largest "
                    "samples have six or sixteen times as many, and a step costs their square"
                )
        whole("seed", self.seed, 0)

    def curve_sizes(self, time: float) -> list[tuple[int, int]]:
        """(steps, tokens) of the sizes on the trefoil; the first has the width LARGEST_WIDTH."""
        return tied(round(time / LARGEST_WIDTH**2), self.n_curve_tokens, 1)

    def sphere_sizes(self) -> list[tuple[int, int]]:
        return tied(SPHERE_STEPS, self.n_sphere_tokens, 2)

    def repeats(self, d: int) -> list[int]:
        """Samples of each size, in d dimensions."""
        return [share * self.n_seeds for share in SHARE[d]]


SMALL = {"n_curve_tokens": 300, "n_sphere_tokens": 400, "n_seeds": 3}
LONG = {"n_seeds": 100}


def tied(first: int, n_tokens: int, dim: int) -> list[tuple[int, int]]:
    """(steps k, tokens N) with N proportional to k^((d+6)/2), so that eps ~ N^(-2/(d+6))."""
    steps = [round(first * growth) for growth in GROWTH[dim]]
    return [(k, round(n_tokens * (k / first) ** ((dim + 6) / 2))) for k in steps]


@cache
def curve_density() -> Density:
    return density(closed_curve("trefoil", KNOT), CURVE_DENSITY)


@cache
def sphere_density() -> Density:
    return density(manifold("sphere"), SPHERE_DENSITY)


def curve_length() -> float:
    """The length of the knot."""
    return float(_arcs()[1])


def arc(u) -> np.ndarray:
    """Arc length from u = 0 over the whole length, in [0, 1), of chart points (n, 1): (n,)."""
    waves, length, slopes = _arcs()
    t = np.asarray(u, dtype=np.float64)[:, 0]
    return (t / (2 * math.pi) + np.sin(np.outer(t, waves)) @ slopes / length) % 1.0


@cache
def _arcs():
    """(frequencies (m,), length, coefficients (m,)) of the arc length of the knot.

    The speed is even and has period 2 pi/3: its cosine series, integrated term by term.
    """
    n = 512
    t = 2 * np.pi * np.arange(n) / n
    speed = np.sqrt(43 / 2 + 8 * np.cos(3 * t) + 9 * np.cos(6 * t) / 2)
    series = np.fft.rfft(speed).real / n
    waves = np.arange(3, n // 2, 3)
    return waves, 2 * np.pi * series[0], 2 * series[waves] / waves


def step_function(s) -> np.ndarray:
    """f of arc length s in [0, 1): 0, then 1 from 1/4 to 1/2, then s - 1."""
    s = np.asarray(s)
    return np.where(s >= 0.5, s - 1.0, np.where(s > 0.25, 1.0, 0.0))


def curve_probes() -> np.ndarray:
    """Chart points (n, 1) on the knot that are no tokens."""
    n = PROBES[1]
    return (2 * np.pi * (np.arange(n) + 0.5) / n)[:, None]


def sphere_probes() -> tuple[np.ndarray, np.ndarray]:
    """Chart points (n, 2) on the sphere and their weights (n,), those of the area."""
    return scattered_probes(density(manifold("sphere")), PROBES[2])


def source_points() -> np.ndarray:
    """The chart points (4, 2) where the heat starts, and what SOURCES are on the sphere."""
    x, y, z = np.array(SOURCES).T / np.linalg.norm(SOURCES, axis=1)
    return np.stack([np.arccos(z), np.arctan2(y, x) % (2 * np.pi)], axis=1)
