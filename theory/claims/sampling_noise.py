"""Claim `sampling_noise`: what N i.i.d. tokens add to attention."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import count, grows_to, whole, within
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density

CLAIM = Claim(
    name="sampling_noise",
    rank=9,
    title="What a finite sample adds: noise, a slower clock, a best temperature",
    statement=(
        r"For i.i.d. tokens the variance of $A H(x)$ is "
        r"$\varepsilon\,|\nabla H|^2\,(8\pi\varepsilon)^{-d/2}/(N p)$; a token that attends to "
        "itself slows the clock by the inverse number of effective neighbours; and the temperature "
        r"that estimates the generator best, like its error, falls as $N^{-2/(d+6)}$."
    ),
    source=(
        "docs/theory.md, 'Sampling noise', 'Finite samples', 'The clock of a sample at any size' "
        "and 'Best temperature'"
    ),
    hypotheses=r"i.i.d. tokens, $f = |x-y|^2/4$, closed manifold",
    predicted=(
        r"variance constant $(8\pi)^{-d/2}$, exponents $-1$ in $N$ and $1 - d/2$ in $\varepsilon$; "
        r"clock $1/(1+s)$; best $\varepsilon \sim N^{-2/(d+6)}$"
    ),
    order=r"$-2/(d+6)$ in $N$",
    paper=Paper(
        NEW,
        "The paper's limit is that of infinitely many tokens; this is what a finite number adds.",
    ),
)

MANIFOLDS = {1: "circle", 2: "sphere", 3: "sphere3"}
DIMENSIONS = tuple(MANIFOLDS)

# --- the design ---

# temperatures of the noise over the parameter: sharp kernels need many tokens where d is large
SHARPER = {1: 1 / 8, 2: 1 / 2, 3: 1.0}
# samples over n_seeds: in d = 1 fewer of the queries have keys of their own
NOISE_SAMPLES = {1: 64, 2: 32, 3: 32}
CLOCK_SAMPLES = {1: 16, 2: 8, 3: 8}
BEST_SAMPLES = {1: 2, 2: 1, 3: 1}
LEAST_TEMPERATURE = 0.06  # below, the last level in d = 3 needs too many nodes
NOISE_LEVELS = 4  # temperatures on quadrature nodes, each half the one before
FEWER = 4  # the second size of the noise study is the parameter over this
CLOCK_SIZES = (1 / 4, 1 / 8, 1 / 16)  # s, the inverse number of effective neighbours
# the same wide range whatever N and d, within which each error has its minimum
BEST_GRID = np.geomspace(0.005, 0.4, 15)
AVERAGES = ("plain", "masked", "stationary")  # of the clock, over the tokens of a sample
BEST_GROWTH = 4  # each size over the one before
BEST_LIMIT = 0.09 / 2.0 ** np.arange(4)  # temperatures on nodes whose N is looked for
MOST_LEVELS = 8  # in N: the last of them has 4^7 times as many tokens as the first
MOST_TOKENS = 1_000_000  # of one sample

# --- the names ---


def noise(d: int) -> str:
    return f"d = {d}: N Var[A H(x)]"


def noise_exponent(d: int) -> str:
    return f"d = {d}: exponent of Var[A H(x)] in N"


def noise_constant(d: int) -> str:
    return f"d = {d}: N eps^(d/2-1) Var[A H(x)], eps -> 0"


def noise_power(d: int) -> str:
    return f"d = {d}: exponent of Var[A H(x)] in eps, eps -> 0"


def clock(d: int, s: float, average: str) -> str:
    return f"d = {d}: clock/eps at s = 1/{round(1 / s)}, {average}"


def node_clock(d: int) -> str:
    return f"d = {d}: clock/eps on quadrature nodes"


DIAGONAL = "A = a_ii I + (1 - a_ii) A_off, mean squared jump"


def best(d: int) -> str:
    return f"d = {d}: best temperature at the largest N"


def least(d: int) -> str:
    return f"d = {d}: least relative error at the largest N"


def best_exponent(d: int) -> str:
    return f"d = {d}: exponent of the best temperature in N"


def least_exponent(d: int) -> str:
    return f"d = {d}: exponent of the least error in N"


def best_order(d: int) -> str:
    return f"d = {d}: N for which eps is best, order in 1/eps"


def least_order(d: int) -> str:
    return f"d = {d}: least error, order in the best eps"


CLOCKS = (
    *((s, "plain") for s in CLOCK_SIZES),
    (CLOCK_SIZES[0], "masked"),
    (CLOCK_SIZES[0], "stationary"),
)  # judged; the other averages at smaller s are in the figure only


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(
        4000,
        "Tokens of a sample of the noise study; also a quarter of it.",
        least=400,
        bytes=TOKEN_BYTES,
    )
    temperature: float = option(
        0.1, "Temperature of the noise study in d = 3; half of it in d = 2, an eighth in d = 1."
    )
    n_queries: int = option(
        16,
        "Queries at which the noise and the error are measured.",
        least=1,
        bytes=8 * SAMPLE_BYTES,
        times=("n_seeds",),
    )
    n_clock_tokens: int = option(
        500, "Tokens of a sample of the study of the clock.", least=50, bytes=TOKEN_BYTES
    )
    n_best: int = option(
        1000, "Smallest sample of the study of the best temperature.", least=100, bytes=TOKEN_BYTES
    )
    n_levels: int = option(4, "Its levels in N, each four times the one before.")
    n_seeds: int = option(
        64,
        "Its samples at each N; of the noise 32 times, of the clock 8 times as many; d = 1 twice that.",
        least=20,
        bytes=8 * SAMPLE_BYTES,
        times=("n_queries",),
    )
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, LEAST_TEMPERATURE, 0.5)
        count("n_levels", self.n_levels, 3, MOST_LEVELS)
        largest = self.n_best * BEST_GROWTH ** (self.n_levels - 1)
        grows_to(largest, MOST_TOKENS, "tokens", n_levels=self.n_levels, n_best=self.n_best)
        whole("seed", self.seed, 0)

    def noise_density(self, d: int) -> Density:
        """The density of the noise study."""
        return reference_density(MANIFOLDS[d])

    def noise_temperature(self, d: int) -> float:
        return SHARPER[d] * self.temperature

    def noise_temperatures(self, d: int) -> np.ndarray:
        """Those of the levels on quadrature nodes, (NOISE_LEVELS,)."""
        return self.noise_temperature(d) / 2.0 ** np.arange(NOISE_LEVELS)

    def noise_sizes(self) -> tuple[int, int]:
        return self.n_tokens, self.n_tokens // FEWER

    def uniform(self, d: int) -> Density:
        """The density of the studies of the clock and of the best temperature."""
        return density(manifold(MANIFOLDS[d]))

    def queries(self, d: int) -> np.ndarray:
        """Chart points (n_queries, d) that fill the chart evenly: a Kronecker sequence."""
        axes = manifold(MANIFOLDS[d]).axes
        steps = np.array([0.6180339887498949, 0.7548776662466927, 0.8191725133961645])[:d]
        unit = (0.5 + np.arange(self.n_queries)[:, None] * steps) % 1.0
        low, length = np.array([a.low for a in axes]), np.array([a.length for a in axes])
        return low + length * unit

    def clock_temperature(self, d: int, s: float) -> float:
        """The temperature with N p (4 pi eps)^(d/2) = 1/s for uniform tokens on the unit sphere."""
        volume = 2 * math.pi ** ((d + 1) / 2) / math.gamma((d + 1) / 2)
        return (volume / (self.n_clock_tokens * s)) ** (2 / d) / (4 * math.pi)

    def best_sizes(self) -> list[int]:
        return [self.n_best * BEST_GROWTH**k for k in range(self.n_levels)]


SMALL = {
    "n_tokens": 1000,
    "n_queries": 8,
    "n_clock_tokens": 200,
    "n_best": 500,
    "n_levels": 3,
    "n_seeds": 20,
}
