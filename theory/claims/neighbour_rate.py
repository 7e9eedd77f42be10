"""Claim `neighbour_rate`: how fast attention to the nearest neighbours tends to its generator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import count, grows_to, whole, within
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold
from theory.setting.references import scattered_points

CLAIM = Claim(
    name="neighbour_rate",
    rank=11.2,
    title="Attention to the k nearest: the sharp cut is as fast as smooth weights",
    statement=(
        r"With $N$ i.i.d. tokens and $k \sim N^{6/(d+6)}$ the error of $(A - I)H/\tau$ at a point "
        r"falls at least as fast as $N^{-2/(d+6)}$, for weights that are smooth in $r/r_k$ and for "
        r"the sharp cut alike: away from walls the bias of both is of second order in $r_k$. The "
        r"rate $N^{-1/(d+4)}$ published for sharp cuts is a bound that is not reached."
    ),
    source=(
        "arXiv 2410.23212; Calder and Garcia Trillos 2022; docs/theory.md, 'Nearest neighbours: "
        "rates'"
    ),
    hypotheses=(
        "i.i.d. tokens, closed manifold, the radius r_k of the query alone, Gaussian weights or "
        "equal ones"
    ),
    predicted=(
        r"order in $1/N$ at least $2/(d+6)$ for both; bias of order 2 in $r_k$, not 1 as the "
        "published rate of the sharp cut allows"
    ),
    order=r"at least $2/(d+6)$ in $1/N$",
    paper=Paper(
        NEW,
        "Top-k attention has no rate there; the published one for sharp cuts is an upper bound.",
    ),
)

MANIFOLDS = {1: "circle", 2: "sphere"}
DIMENSIONS = tuple(MANIFOLDS)
DENSITIES = {1: "exp(x/3 + y/6)", 2: "exp(x/3 + z/6)"}
# of low degree: the bias is in its first order at radii that samples can afford
FEATURES = {1: ("x", "x*y"), 2: ("x", "x*y")}
SMOOTH, SHARP = "smooth", "sharp"
WEIGHTS = (SHARP, SMOOTH)

# --- the design, with the theory in hand ---

# share of the smallest samples that is k: bias and noise are alike there, and k ~ N^(6/(d+6))
SHARES = {1: 0.24, 2: 0.12}
GROWTH = 4  # each number of tokens over the one before
LEAST_LEVELS, MOST_LEVELS, MOST_TOKENS = 3, 9, 4_000_000
N_QUERIES = 24
RADII = 0.8 / 2.0 ** np.arange(5)  # of windows at N = infinity
NODE_QUERIES = 6
POLES = 1.3  # least distance of a query's window from a pole of the chart, where N is infinite

# --- the names ---


def rate(d: int, weights: str) -> str:
    return f"d = {d}: order of the error in 1/N, {weights}"


def bias(d: int, weights: str) -> str:
    return f"d = {d}: order of the bias in r_k, {weights}, N = infinity"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(
        1000,
        "Tokens of the smallest samples; the others four times as many each.",
        least=200,
        bytes=TOKEN_BYTES,
    )
    n_levels: int = option(5, "Numbers of tokens.")
    neighbours: float = option(
        1.0,
        "Factor of all k: of 24 % of the smallest samples in d = 1, 12 % in d = 2, or 1/4 of it.",
    )
    n_seeds: int = option(
        24,
        "Samples of each size, of the smallest four times as many.",
        least=20,
        bytes=8 * SAMPLE_BYTES,
    )
    seed: int = option(20241030, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        count("n_levels", self.n_levels, LEAST_LEVELS, MOST_LEVELS)
        within("neighbours", self.neighbours, 0.25, 2.0)
        whole("seed", self.seed, 0)
        largest = self.sizes()[-1]
        grows_to(largest, MOST_TOKENS, "tokens", n_levels=self.n_levels, n_tokens=self.n_tokens)

    def density(self, d: int) -> Density:
        return _density(d)

    def sizes(self) -> list[int]:
        return [self.n_tokens * GROWTH**k for k in range(self.n_levels)]

    def samples(self, level: int) -> int:
        """How many samples of a level: of the first, which is cheap and weighs most, more."""
        return self.n_seeds * (4 if level == 0 else 1)

    def k(self, d: int, n_tokens: int) -> int:
        """The number of neighbours of N tokens, k ~ N^(6/(d+6))."""
        least = self.neighbours * SHARES[d] * self.n_tokens
        return round(least * (n_tokens / self.n_tokens) ** (6 / (d + 6)))

    def queries(self, d: int, number: int, margin: float = 0.0) -> np.ndarray:
        """Chart points (number, d) off every symmetry, so far from the poles of the chart."""
        axes = manifold(MANIFOLDS[d]).axes
        box = [
            (a.low + margin, a.high - margin) if a.kind == "pole" else (a.low, a.high) for a in axes
        ]
        return scattered_points(box, number)


@cache
def _density(d: int) -> Density:
    return density(manifold(MANIFOLDS[d]), DENSITIES[d])


SMALL = {"n_tokens": 400, "n_levels": 4, "n_seeds": 20}
LONG = {"n_levels": 6, "n_seeds": 80}
