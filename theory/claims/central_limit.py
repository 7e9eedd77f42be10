"""Claim `central_limit`: attention of a fixed query to N i.i.d. keys is normal about its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import whole, within
from theory.setting.densities import Density, density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density, scattered_points

CLAIM = Claim(
    name="central_limit",
    rank=9.2,
    title="The error of a sample is normal, until there are few neighbours",
    statement=(
        r"For $N$ i.i.d. keys and a fixed query $x$, the error of $(A - I)H(x)/\varepsilon$ over "
        r"its standard deviation $(\varepsilon^{-1}\,|\nabla H|^2\,(8\pi\varepsilon)^{-d/2}/(N p))"
        r"^{1/2}$ tends to a standard normal variable. At every $N$ its law is known exactly; with "
        r"$S = N p\,(4\pi\varepsilon)^{d/2}$ effective neighbours its skewness falls as "
        r"$S^{-1/2}$ and its excess kurtosis as $1/S$, and with few of them it is not normal."
    ),
    source=(
        "Akwei, Rogers and Teplyaev 2025 (central limit theorem of the generator at a point); "
        "docs/theory.md, 'Central limit'"
    ),
    hypotheses=r"i.i.d. keys, $f = |x-y|^2/4$, closed manifold, the query no key",
    predicted=(
        r"coverage 50, 90, 95 and 99 %, nearly, of normal intervals about $A H(x)$ at $N = \infty$ "
        r"with the variance of first order in $1/N$: the exact law says how nearly; the exact mean, "
        r"variance, skewness, kurtosis and coverage at few neighbours"
    ),
    order=r"skewness $-1/2$, excess kurtosis $-1$ in the number of effective neighbours",
    paper=Paper(
        NEW,
        "The paper's limit is that of infinitely many tokens; this is the law of what a finite "
        "number adds.",
    ),
)

MANIFOLDS = {1: "circle", 2: "sphere"}
DIMENSIONS = tuple(MANIFOLDS)

# --- the design ---

# of the law of one query: chart points off every symmetry, and the coordinate that is H
QUERIES = {1: (0.9,), 2: (1.1, 0.8)}
FEATURE = 1
SHARPER = {1: 1 / 4, 2: 1.0}  # temperature over the parameter: about as many neighbours in both
LEVELS = (0.95, 0.50, 0.90, 0.99)  # of the normal intervals
GRID = np.linspace(-2.6, 2.6, 27)  # standard deviations at which the figure shows the law
# effective neighbours S of the second study: of uniform tokens, by the temperature
NEIGHBOURS = (2, 4, 8, 16, 32)
SLOPE, TOP = "H slopes", "H has its maximum at x"
FEATURES = (SLOPE, TOP)
FEW_LEVEL = 0.95
# where the second study is judged
JUDGED_KURTOSIS = {1: (4, 8), 2: (2, 4)}
JUDGED_SKEWNESS = {1: (16,), 2: (4, 16)}
JUDGED_COVERAGE = (2, 8)
JUDGED_EVEN = 8  # here the skewness of H that slopes, which symmetry forbids

# --- the names ---


def coverage(d: int, level: float) -> str:
    return f"d = {d}: coverage of the {100 * level:g} % interval"


def below(d: int) -> str:
    return f"d = {d}: share of samples below A H(x) of infinitely many tokens"


def mean(d: int) -> str:
    return f"d = {d}: mean of (A - I)H(x)/eps"


def variance(d: int) -> str:
    return f"d = {d}: N Var[A H(x)]"


def kurtosis(d: int) -> str:
    return f"d = {d}: kurtosis of A H(x)"


def few_skewness(d: int, neighbours: int) -> str:
    return f"d = {d}: skewness at S = {neighbours}, {TOP}"


def even_skewness(d: int) -> str:
    return f"d = {d}: skewness at S = {JUDGED_EVEN}, {SLOPE}"


def few_kurtosis(d: int, neighbours: int) -> str:
    return f"d = {d}: kurtosis at S = {neighbours}, {SLOPE}"


def few_coverage(d: int, neighbours: int) -> str:
    return f"d = {d}: coverage of the {100 * FEW_LEVEL:g} % interval at S = {neighbours}, {SLOPE}"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(
        2000, "Tokens of a sample of the law at one query.", least=400, bytes=TOKEN_BYTES
    )
    temperature: float = option(
        0.05, "Temperature of the law at one query in d = 2; a quarter of it in d = 1."
    )
    n_samples: int = option(
        12_000, "Samples of the law at one query.", least=1000, bytes=SAMPLE_BYTES
    )
    n_few_tokens: int = option(
        500, "Tokens of a sample of the study of few neighbours.", least=200, bytes=TOKEN_BYTES
    )
    n_queries: int = option(
        32,
        "Its queries; all see the same law.",
        least=1,
        bytes=80 * len(NEIGHBOURS),
        times=("n_few_samples",),
    )
    n_few_samples: int = option(
        5000,
        "Its samples.",
        least=400,
        bytes=80 * len(NEIGHBOURS),
        times=("n_queries",),
    )
    seed: int = option(20250211, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        # below, the law of a small sample is far from normal; above, no limit is near
        within("temperature", self.temperature, 0.02, 0.2)
        whole("seed", self.seed, 0)

    def density(self, d: int) -> Density:
        """The density of the law at one query."""
        return reference_density(MANIFOLDS[d])

    def query_temperature(self, d: int) -> float:
        return SHARPER[d] * self.temperature

    def query(self, d: int) -> np.ndarray:
        """Its chart point, (1, d)."""
        return np.array([QUERIES[d]])

    def uniform(self, d: int) -> Density:
        """The density of the study of few neighbours."""
        return density(manifold(MANIFOLDS[d]))

    def queries(self, d: int) -> np.ndarray:
        """Its queries, chart points (n_queries, d)."""
        axes = manifold(MANIFOLDS[d]).axes
        return scattered_points([(a.low, a.high) for a in axes], self.n_queries)

    def few_temperature(self, d: int, neighbours: float) -> float:
        """The temperature with N p (4 pi eps)^(d/2) = S for uniform tokens on the unit sphere."""
        volume = 2 * math.pi ** ((d + 1) / 2) / math.gamma((d + 1) / 2)
        return (volume * neighbours / self.n_few_tokens) ** (2 / d) / (4 * math.pi)


SMALL = {"n_tokens": 800, "n_samples": 5000, "n_few_samples": 1500}
LONG = {"n_samples": 100_000, "n_few_samples": 40_000}


def normal_width(level: float) -> float:
    """Half the width of the interval that holds a standard normal variable with probability
    `level`: z with 2 Phi(z) - 1 = level."""
    return float(scipy.special.ndtri((1 + level) / 2))


def frames(points) -> np.ndarray:
    """A unit tangent vector at each point (n, D) of the unit sphere, (n, D): along it H slopes.

    The tangential part of the coordinate axis that is farthest from the point.
    """
    points = np.asarray(points)
    axis = np.eye(points.shape[1])[np.abs(points).argmin(axis=1)]
    tangent = axis - (axis * points).sum(axis=1, keepdims=True) * points
    return tangent / np.linalg.norm(tangent, axis=1, keepdims=True)
