"""Claim `semigroup_rate`: the largest error of A^k H falls at least as fast as N^(-2/(d+6)).

Temperatures are tied to steps, eps = T/k, and steps to tokens, N proportional to k^((d+6)/2), that
is eps ~ N^(-2/(d+6)). Everything depends on the height t = x1 alone, the density and the features,
so that the equations are one in t; tokens and attention know nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold
from theory.setting.references import scattered_points

CLAIM = Claim(
    name="semigroup_rate",
    rank=3.5,
    title="The largest error of iterated attention, over tokens and off them",
    statement=(
        r"With $k \varepsilon = T$ fixed and $\varepsilon \sim N^{-2/(d+6)}$, the largest error "
        r"$\sup |A^k H - e^{TL} H|$, over the tokens and over points that are no tokens, falls at "
        r"least as fast as $N^{-2/(d+6)}$, for smooth $H$ and for a step function: softmax against "
        r"$L = \Delta + 2 \langle \nabla \log p, \nabla \cdot \rangle$, doubly normalised "
        r"attention against the heat equation. With the two equations exchanged it stalls. Sinkhorn "
        r"stopped at $10^{-3}$ has the rate of Sinkhorn stopped at $10^{-12}$: what they differ by is "
        r"less than a tenth of the error."
    ),
    source=(
        "Cheng and Wu 2026 (arXiv 2605.25383), main theorem; Sinkhorn: Cheng and Landa 2024, "
        "'Bi-stochastically normalized graph Laplacian'"
    ),
    hypotheses=(
        r"i.i.d. tokens of density $p \sim e^{b x_1}$ on $S^1$, $S^2$, $S^3$, $f = |x-y|^2/4$, "
        r"$H$ bounded, $T > 0$ fixed"
    ),
    predicted=r"order at least $2/(d+6)$ in $1/N$, and 0 against the other equation",
    order=r"at least $2/(d+6)$ in $1/N$, a bound: the noise of many steps averages",
    paper=Paper(
        NEW,
        "The abstract says that self-attention converges to a drift-diffusion process; the rate in "
        "the largest norm, off the tokens and for a step function, is of arXiv 2605.25383.",
    ),
)

MANIFOLDS = {1: "circle", 2: "sphere", 3: "sphere3"}
DIMENSIONS = tuple(MANIFOLDS)

# --- the design ---

STEPS = {1: (4, 6, 9), 2: (4, 6, 8), 3: (4, 5, 7)}  # k of each size N
TOKENS = {1: 7.0, 2: 3.3, 3: 1.0}  # of the smallest size, over n_tokens
PROBES = {1: 64, 2: 160, 3: 200}  # points that are no tokens
# tokens of a sample that are kept: of each of LAYERS of equal numbers along the height, the two at
# which A^k H lies farthest above and below a polynomial in the height; they hold the largest error
LAYERS, POLYNOMIAL = 100, 6
CUT = 0.2  # the height at which the step function jumps
LEVEL = 2.0  # of all features: attention keeps it, and an error of 10 % of H is far above the noise
# in d = 1: tokens of the smallest sample over n_tokens, steps, and where sweeps stop
SINKHORN_TOKENS, SINKHORN_STEPS = 0.5, (4, 6, 8)
STOPPED, CONVERGED = 1e-3, 1e-12
REFERENCE_STEPS = (8, 16, 32, 64)  # at N = infinity, followed to k -> infinity
TILTS, TIMES = (0.3, 2.0), (0.05, 0.5)
MOST_TOKENS = 2_000_000

# --- the names ---

SOFTMAX, DOUBLE, SINKHORN = "softmax", "doubly normalised", "Sinkhorn"
SMOOTH, STEP = "smooth H", "step function"
OFF, AT = "points that are no tokens", "tokens"
ATTENTIONS, FEATURES, PLACES = (SOFTMAX, DOUBLE), (SMOOTH, STEP), (OFF, AT)


def rate(d: int, attention: str, features: str, place: str) -> str:
    return f"d = {d}: {attention}, {features}, largest error over {place}: order in 1/N"


def sinkhorn_rate(tolerance: float, features: str) -> str:
    return f"d = 1: Sinkhorn stopped at {tolerance:g}, {features}, largest error: order in 1/N"


APART = f"d = 1: digits of the error that Sinkhorn stopped at {STOPPED:g} shares with {CONVERGED:g}"


@dataclass(frozen=True)
class Parameters:
    tilt: float = option(1.0, "Exponent b of the token density, proportional to exp(b x1).")
    time: float = option(0.2, "Diffusion time T at which A^k H is looked at.")
    n_tokens: int = option(
        600,
        "Tokens of the smallest samples in d = 3; of the others in proportion.",
        least=2 * LAYERS,
        bytes=64 * TOKEN_BYTES,
    )
    n_seeds: int = option(16, "Samples of each size.", least=4, bytes=128 * SAMPLE_BYTES)
    seed: int = option(20260525, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("tilt", self.tilt, *TILTS)
        within("time", self.time, *TIMES)
        whole("seed", self.seed, 0)
        if (most := max(n for d in DIMENSIONS for _, n in self.sizes(d))) > MOST_TOKENS:
            raise InputError(
                f"n_tokens: got {self.n_tokens}, whose largest sample has {most} tokens, expected "
                f"at most {MOST_TOKENS}: {self.n_tokens * MOST_TOKENS // most} would do"
            )

    def density(self, d: int) -> Density:
        return density(manifold(MANIFOLDS[d]), f"exp({self.tilt:.17g}*x1)")

    def temperature(self, steps: int) -> float:
        """The temperature at which so many steps are declared to reach time T."""
        return self.time / steps

    def sizes(self, d: int) -> list[tuple[int, int]]:
        """(steps k, tokens N) of the levels: N proportional to k^((d+6)/2)."""
        return _sizes(TOKENS[d] * self.n_tokens, STEPS[d], d)

    def sinkhorn_sizes(self) -> list[tuple[int, int]]:
        """(steps k, tokens N) of the levels of Sinkhorn, in d = 1."""
        return _sizes(SINKHORN_TOKENS * self.n_tokens, SINKHORN_STEPS, 1)


SMALL = {"n_tokens": 400, "n_seeds": 6}
LONG = {"n_tokens": 1200, "n_seeds": 48}


def _sizes(first: float, steps, d: int) -> list[tuple[int, int]]:
    return [(k, round(first * (k / steps[0]) ** ((d + 6) / 2))) for k in steps]


def probe_points(d: int) -> np.ndarray:
    """Fixed chart points (n, d) all over the sphere."""
    return scattered_points([(a.low, a.high) for a in manifold(MANIFOLDS[d]).axes], PROBES[d])


def height(d: int, u) -> np.ndarray:
    """t = x1 at chart points u (n, d), shape (n,)."""
    return manifold(MANIFOLDS[d]).embed(u)[:, 0]


def smooth(t) -> np.ndarray:
    """The smooth features as a function of the height."""
    return LEVEL + np.exp(t)


def step(t) -> np.ndarray:
    """The step function: it jumps by 1 at the height CUT."""
    return LEVEL + np.where(np.asarray(t) > CUT, 2.0, 1.0)
