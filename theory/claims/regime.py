"""Claim `regime`: at which numbers of tokens and temperatures attention is drift and diffusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import SAMPLE_BYTES, TOKEN_BYTES, Claim, check_counts, option
from theory.setting.checks import count, grows_to, whole
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold

CLAIM = Claim(
    name="regime",
    rank=9.5,
    title="Where the theory holds: how many tokens, at which temperature",
    statement=(
        r"The relative error of $(A - I)H/\tau$ against $L H$ is small between two borders: above "
        r"$\varepsilon \sim$ error the bias is more, below $N \sim "
        r"\mathrm{error}^{-2}\,\varepsilon^{-1-d/2}$ the noise. They meet at the number of tokens "
        r"that an error needs, $N \sim \mathrm{error}^{-(d+6)/2}$. With less than one effective "
        r"neighbour attention copies: $A H \approx H$, and the error is 100 %. Of $k$ steps, "
        r"$k\tau = T$, the bias is $\lambda T \varepsilon$, and the noise is that of one set of "
        r"tokens that every step meets: it does not average out."
    ),
    source="docs/theory.md, 'Where the theory holds'",
    hypotheses=r"i.i.d. uniform tokens on $S^d$, $f = |x-y|^2/4$, second harmonics",
    predicted=(
        r"the error at every $N$ and $\varepsilon$; bias $d\,\varepsilon$; noise$^2$ "
        r"$1/(N p \lambda (8\pi)^{d/2} \varepsilon^{1+d/2})$; tokens needed; the error of $A^k H$"
    ),
    order=r"tokens needed: $(d+6)/2$ in 1/error",
)

MANIFOLDS = {1: "circle", 2: "sphere", 3: "sphere3"}
DIMENSIONS = tuple(MANIFOLDS)
HEADLINE = 2  # the dimension of the headline, the exponent of the tokens needed

# --- the design ---

GROWTH = 5  # each number of tokens of the map over the one before
LEAST_LEVELS, MOST_LEVELS, MOST_TOKENS = 4, 8, 2_000_000
# of the map, the same in every dimension
TEMPERATURES = np.geomspace(1e-3, 0.5, 8)
# samples of each size of the map, over n_seeds, and queries of each, over n_queries; one of few
# tokens is a mean over several, as many as hold so many tokens
MAP_SAMPLES, MAP_QUERIES, MAP_TOKENS = 3 / 4, 2, 100
# errors whose tokens are counted: 5 % would take a minute more in d = 1, hours in d = 3
ERRORS = (0.20, 0.10)
# one finer error in d = 1, and over n_seeds and n_queries its samples and their queries
FINER, FINER_SAMPLES, FINER_QUERIES = {1: 0.05}, 4, 4
# over n_seeds: the smaller d, the fewer of the queries have keys of their own
NEEDED_SAMPLES = {1: 8, 2: 4, 3: 2}
# sizes of the map: the first that counts, and as many of them as are nearest to an error
AIMED_FROM, AIMED_BY = 1, 3
BESIDE = 1.35  # the two sizes on either side of where the search aims, over it
NEAR = 1.3 ** np.arange(-2, 3)  # temperatures about the best one of the map, over it
# judged cells of the map: places of the size and of the temperature
CELLS = {"bias": (-1, -2), "noise": (-2, 1), "copying": (0, 0)}
STEP_BIAS = (1, 2)  # dimensions; in d = 3 nodes for temperatures cold enough are too many
# temperatures on quadrature nodes; below the last, those of d = 3 are too many
LIMIT = {
    1: 0.16 / 2.0 ** np.arange(6),
    2: 0.16 / 2.0 ** np.arange(6),
    3: 0.12 / 2.0 ** np.arange(5),
}
NODE_QUERIES = 4
# k steps over the time T = k eps; the map of them, its samples of the largest size over n_seeds
TIME, STEPS, STEP_SIZES, STEP_MAP_SAMPLES = 0.16, (1, 2, 4, 8, 16, 32), (16, 80, 400, 2000), 1 / 32
STEP_TOKENS = 2000  # a sample of fewer tokens is a mean over as many as hold so many
# judged: steps and tokens by dimension, with ten effective neighbours or more; samples over n_seeds
FEW, MANY = "few steps", "many steps"
STEP_CELLS = {
    FEW: {1: (2, 2000), 2: (2, 2000), 3: (2, 2000)},
    MANY: {1: (8, 400), 2: (8, 2000), 3: (4, 2000)},
}
STEP_SAMPLES = {1: 9 / 4, 2: 5 / 4, 3: 3 / 4}  # the smaller d, the more the error scatters
ROUND = (0.20, 0.10, 0.05, 0.01)  # errors whose tokens are predicted, for the table of the README

# --- the names ---


def needed(d: int, error: float) -> str:
    return f"d = {d}: tokens needed for {100 * error:g} %"


def exponent(d: int) -> str:
    first, *_, last = ERRORS
    return f"d = {d}: exponent of the tokens needed, {100 * first:g} % to {100 * last:g} %"


def cell(d: int, place: str) -> str:
    return f"d = {d}: relative error, {place}"


def step_cell(d: int, place: str) -> str:
    return f"d = {d}: relative error of A^k H, first order at 3N/2, {place}"


def step_bias(d: int) -> str:
    return f"d = {d}: bias of A^k H, relative error/eps at k eps = T, eps -> 0"


def generator_rate(d: int) -> str:
    return f"d = {d}: (A - I)H/eps over H, eps -> 0"


def bias_slope(d: int) -> str:
    return f"d = {d}: bias border, relative error/eps, eps -> 0"


def noise_constant(d: int) -> str:
    return f"d = {d}: noise border, N eps^(1+d/2) error^2, eps -> 0"


@dataclass(frozen=True)
class Parameters:
    n_smallest: int = option(
        16,
        "Tokens of the smallest samples of the map; the others five times as many each.",
        least=8,
        bytes=TOKEN_BYTES,
    )
    n_levels: int = option(6, "Sizes of the map.")
    n_queries: int = option(
        16,
        "Tokens of a sample at which the error is measured; twice as many of the map.",
        least=4,
        bytes=SAMPLE_BYTES,
    )
    n_seeds: int = option(
        64,
        "Half the samples of each size from which the tokens needed in d = 3 are read; of d = 2 "
        "twice, of d = 1 four times as many; of the map three eighths.",
        least=20,
        bytes=8 * SAMPLE_BYTES,
    )
    seed: int = option(20260521, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        count("n_levels", self.n_levels, LEAST_LEVELS, MOST_LEVELS)
        largest = self.n_smallest * GROWTH ** (self.n_levels - 1)
        grows_to(largest, MOST_TOKENS, "tokens", n_levels=self.n_levels, n_smallest=self.n_smallest)
        whole("seed", self.seed, 0)

    def density(self, d: int) -> Density:
        return density(manifold(MANIFOLDS[d]))

    def sizes(self) -> list[int]:
        """Numbers of tokens of the map."""
        return [self.n_smallest * GROWTH**k for k in range(self.n_levels)]

    def cell(self, place: str) -> tuple[int, float]:
        """Tokens and temperature of a judged cell."""
        size, temperature = CELLS[place]
        return self.sizes()[size], float(TEMPERATURES[temperature])


SMALL = {"n_levels": 5, "n_seeds": 20}
