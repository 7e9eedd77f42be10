"""Claim `long_context`: at which scale of the scores attention over many keys copies one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import count, grows_to, whole
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold

CLAIM = Claim(
    name="long_context",
    rank=9.7,
    title="Long contexts: attention averages, or it copies",
    statement=(
        r"Of $N$ uniform keys on $S^{D-1}$ and the score $\beta\,x \cdot y$, attention averages "
        r"many where $\beta$ grows more slowly than $N^{2/(D-1)}$ and copies one where it grows "
        r"faster. Between, on $S^2$ at $\beta = b N$, its weights tend to $e^{-2 b T_i}$ "
        r"normalised, $T_i$ the arrivals of a unit Poisson process."
    ),
    source=(
        "Bruno, Rigollet et al. 2026 (arXiv 2605.08505); on S^1 and S^3, and both ends: "
        "docs/theory.md, 'Long contexts'"
    ),
    hypotheses=r"i.i.d. uniform keys on the unit $S^{D-1}$, a query that is none of them",
    predicted=(
        r"$E \sum_i w_i^2 = \int_0^\infty \theta\,(1 - e^{-u}(1 + u))\,e^{-\theta\,"
        r"\mathrm{Ein}(u)}\,du/u$ on $S^2$, $\theta = 1/(2b)$; critical scale $\beta \sim N^2$, "
        r"$N$, $N^{2/3}$ on $S^1$, $S^2$, $S^3$"
    ),
    order=r"$2/(D-1)$ in $N$",
    paper=Paper(
        NEW,
        "The paper's limit has infinitely many keys at a fixed temperature; here the temperature "
        "falls with their number.",
    ),
)

MANIFOLDS = {1: "circle", 2: "sphere", 3: "sphere3"}
DIMENSIONS = tuple(MANIFOLDS)
SPHERE = 2  # the dimension of the limit of the literature, and of the map

# --- the design ---

# s, the inverse number of effective neighbours; on S^2 it is 2 b
CRITICAL = (1.0, 0.5, 2.0, 4.0)
AVERAGING, COPYING = 1 / 16, 16.0
COPIED = (2, 3)  # in d = 1 hardly a query has two keys of like weight: too rare to count
N_FEATURES = 32  # independent ones that A is applied to
HALF = 0.5  # the expected sum of squares that says where averaging ends
GROWTH = 4  # each number of keys of the search over the one before
LEAST_LEVELS, MOST_LEVELS, MOST_TOKENS = 3, 6, 200_000
SEARCHED = (1e-2, 1e12)  # scales between which the bisection starts
STEPS = 14  # of the bisection, which halves the logarithm
PILOT = 12  # samples that search, before fresh ones are drawn
BESIDE = 1.25 ** np.arange(-1, 2)  # scales of the fresh samples over the one found
MAP_SIZES = 4 ** np.arange(3, 8)
MAP_SCALES = np.geomspace(2.0, 60_000.0, 9)
MAP_SAMPLES = 16  # of n_seeds one in so many is drawn for each size of the map
FEWER = 4  # of the queries one in so many in the search and in the map, of many keys

# --- the names ---


def sphere(d: int) -> str:
    return f"S^{d}"


def limit(s: float) -> str:
    """On S^2 as N grows, by b = s/2."""
    return f"{sphere(SPHERE)}, b = {s / 2:g}: E sum w^2, N -> infinity"


def at_size(d: int, s: float) -> str:
    return f"{sphere(d)}, s = {s:g}: E sum w^2"


def averaging(d: int) -> str:
    return f"{sphere(d)}, averaging, s = 1/{round(1 / AVERAGING)}: E sum w^2"


def copying(d: int) -> str:
    return f"{sphere(d)}, copying, s = {COPYING:g}: 1 - E sum w^2"


def exponent(d: int) -> str:
    return f"{sphere(d)}: exponent of the critical scale in N"


def critical(d: int) -> str:
    return f"{sphere(d)}: effective neighbours 1/s at the critical scale"


FEATURES = f"{sphere(SPHERE)}, s = 1: mean square of A on independent features"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(
        1000, "Keys of a sample at given s; also half of them.", least=200, bytes=TOKEN_BYTES
    )
    n_queries: int = option(
        100,
        "Queries of a sample; a quarter of them in the search.",
        least=16,
        bytes=SAMPLE_BYTES,
        times=("n_seeds",),
    )
    n_smallest: int = option(
        250, "Least number of keys of the search.", least=50, bytes=TOKEN_BYTES
    )
    n_levels: int = option(4, "Numbers of keys of the search, each four times the one before.")
    n_seeds: int = option(400, "Samples.", least=24, bytes=SAMPLE_BYTES, times=("n_queries",))
    seed: int = option(20260508, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        count("n_levels", self.n_levels, LEAST_LEVELS, MOST_LEVELS)
        largest = self.n_smallest * GROWTH ** (self.n_levels - 1)
        grows_to(largest, MOST_TOKENS, "keys", n_levels=self.n_levels, n_smallest=self.n_smallest)
        whole("seed", self.seed, 0)

    def density(self, d: int) -> Density:
        return density(manifold(MANIFOLDS[d]))

    def sizes(self) -> np.ndarray:
        """Numbers of keys of the search, (n_levels,)."""
        return self.n_smallest * GROWTH ** np.arange(self.n_levels)


def volume(d: int) -> float:
    """Of the unit S^d."""
    return 2 * math.pi ** ((d + 1) / 2) / math.gamma((d + 1) / 2)


def scale(d: int, n_keys: int, s: float) -> float:
    """The beta with N p (2 pi/beta)^(d/2) = 1/s for uniform keys on the unit S^d."""
    return 2 * math.pi * (n_keys * s / volume(d)) ** (2 / d)


def neighbours(d: int, n_keys, beta):
    """1/s at the scale beta: the inverse of `scale`; arrays too."""
    return n_keys * (2 * math.pi / beta) ** (d / 2) / volume(d)


SMALL = {"n_tokens": 400, "n_queries": 64, "n_smallest": 100, "n_levels": 3, "n_seeds": 80}
LONG = {"n_smallest": 1000, "n_seeds": 2000}
