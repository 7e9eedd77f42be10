"""Claim `normalisations`: what other normalisations of the same scores compute."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density, density
from theory.setting.directions import angular_density
from theory.setting.hypotheses import check_levels, require_resolved, require_varying
from theory.setting.manifolds import manifold
from theory.setting.nodes import MOST_NODES, as_typed, nodes_for
from theory.setting.references import reference_density

CLAIM = Claim(
    name="normalisations",
    rank=11,
    title="What other normalisations of the same scores compute",
    statement=(
        "Doubly normalised attention computes the pure heat equation whatever the density, "
        r"Sinkhorn attention half of softmax's drift, $\alpha$-normalised attention "
        r"$2(1 - \alpha)$; cosine, top-k, windowed and residual attention keep softmax's generator "
        "with clocks of their own. Of $N$ tokens, double normalisation leaves every key at least "
        r"$1/N$ of attention, and a metric $2/\sqrt{N} - 1/N$."
    ),
    source=(
        "Ding et al. 2020; Sander et al. 2022; Coifman and Lafon 2006; "
        "docs/theory.md, 'Other normalisations', 'Received attention' and 'Free energy'"
    ),
    hypotheses=(
        r"closed manifold, smooth positive density, $f \sim c\,r^2$; Sinkhorn run to double "
        "stochasticity"
    ),
    predicted=(
        r"drift coefficients 0, 1, $2(1-\alpha)$, 2; clocks $\tau$, $\varepsilon/2$, "
        r"$r_k^2/(2(d+2))$, $R^2/(2(d+2))$, $s\tau$; floors $1/N$, "
        r"$2/\sqrt{N} - 1/N$"
    ),
    order=r"1 in $\tau$, for the coefficients; the rest is exact",
    paper=Paper(
        NEW,
        "The paper has the softmax; other normalisations of the same scores have other limits.",
    ),
)

SOFTMAX, DOUBLE, SINKHORN = "softmax", "doubly normalised", "Sinkhorn"
RESIDUAL, WINDOW, NEAREST, COSINE = "residual", "window", "top-k", "cosine"
# f = |x-y|^2/4 inside a window, at a temperature at which it is nearly flat
WINDOW_TEMPERATURE = 1.0
STOPPED_SWEEPS = 5
TOKENS_COVARIANCE = np.array([[1.0, 0.3, 0.1], [0.3, 1.4, -0.2], [0.1, -0.2, 0.7]])  # in R^3
CURVE, SURFACE = "circle", "sphere"
# a sphere takes larger temperatures: its nodes are dear, and its kernel is narrower in each angle
SURFACE_FACTOR = 4
# the temperature of the samples among the levels of the nodes
LEVEL_OF_SAMPLES = 2

# neighbours of a token of the circle, N sqrt(eps) up to a constant near 1
LEAST_NEIGHBOURS = 25

# the k nearest, the token itself counted, on these manifolds with this density
NEIGHBOURS = (2, 4, 10)
NEAREST_MANIFOLDS = {
    1: ("circle", "reference"),
    2: ("sphere", "reference"),
    3: ("flat_torus(dim=3)", "uniform"),
}
NEAREST_TOKENS = 5  # times as many as of the other samples: the k nearest fluctuate more
UNCOUNTED = (2, 2)  # d and k where the token is not counted

# equispaced tokens of the circle, and steps from one of them to its farthest key on either side; in
# the limit of many keys within a small angle, j steps at RING_SQUARES j^2 tokens
RING, RING_STEPS = 400, 10
RING_LEVELS, RING_SQUARES = (4, 8, 16, 32), 20

# between two normalisations, on the circle: sweeps of Sinkhorn and alphas at a temperature, softmax
# inside a window at T/R^2; which of them are rows; stratified tokens, and samples
BETWEEN_TEMPERATURE, BETWEEN_RADIUS = 0.02, 0.3
SWEEPS, SWEEPS_JUDGED = (0, 1, 3, 10, 30, 100), (3, 10, 30)
BETWEEN_ALPHAS = tuple(k / 4 for k in range(-1, 6))
WINDOW_RATIOS, RATIOS_JUDGED = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0), (0.05, 0.2)
BETWEEN_TOKENS, BETWEEN_SEEDS = 800, 8

FILTER = np.array([1.0, 0.0, 3.0, 2.0, 4.0, 6.0, 1.0, 5.0, 2.0]) / 24  # off every symmetry
RATE_TEMPERATURES = 0.1 / 2.0 ** np.arange(7)


def alpha_name(alpha: float) -> str:
    return f"alpha = {alpha:g}"


def drift_sampled(name: str) -> str:
    where = "directions of Gaussian tokens" if name == COSINE else f"{CURVE}, i.i.d. tokens"
    return f"{where}, {name}: drift c, eps -> 0"


def drift_on_nodes(name: str) -> str:
    return f"{SURFACE}, nodes, {name}: drift c, eps -> 0"


def clock(name: str) -> str:
    """The clock over what declares it: eps, or R^2."""
    unit = "R^2" if name == WINDOW else "eps"
    place = SURFACE if name == COSINE else CURVE
    return f"{place}, nodes, {name}: clock/{unit}, eps -> 0"


def nearest_clock(dim: int, k: int, counted: bool = True) -> str:
    own = "" if counted else ", itself not counted"
    return f"top-k, d = {dim}, k = {k}{own}: mean clock times N^(2/d)"


def swept(sweeps: int) -> str:
    return f"{CURVE}, stratified tokens, Sinkhorn of {sweeps} sweeps: drift c at eps"


def windowed(ratio: float) -> str:
    return f"{CURVE}, stratified tokens, window, T = {ratio:g} R^2: clock/R^2"


RING_WINDOW = f"window, equispaced tokens: clock for R = {RING_STEPS} spacings"
RING_NEAREST = f"top-k, equispaced tokens: clock for k = {2 * RING_STEPS + 1}"
RING_LIMIT = "top-k, equispaced tokens: clock/r_k^2, k -> infinity"
STOPPED = f"{CURVE}, nodes, Sinkhorn of {STOPPED_SWEEPS} sweeps: drift c, eps -> 0"
CONVOLUTION_CLOCK = "convolution: clock/spacing^2, spacing -> 0"
CONVOLUTION_TRANSPORT = "convolution: transport/spacing, spacing -> 0"
WORST_FLOOR = "N times least received, doubly normalised, worst case"
METRIC_WORST_FLOOR = "N times least received, softmax of metrics, worst case"
METRIC_FLOOR = "N times least received, softmax of metrics"
# tokens of the worst cases (of metrics a square number), and of the metrics looked at
WORST_TOKENS, METRIC_WORST_TOKENS, METRIC_TOKENS = 50, 25, 400
VANISHING = "-T log received, dot product: order in T"
KEY_BIASES = "doubly normalised: change by a key bias"
SINKHORN_ROWS = "Sinkhorn: largest error of a row sum"
SINKHORN_COLUMNS = "Sinkhorn: largest error of a column sum"
SHARE = "residual: |(A_s - I)H - s (A - I)H|"
SPEED = "window: largest feature beyond 5 R after 5 steps"
EQUISPACED = "equispaced tokens: |A H - convolution of H|"
FREE_ENERGY = "free energy: |F(a') - F(a) - eps KL(a'|a)|"
RELATIVE_ENTROPY = "largest growth of relative entropy to pi in a step"
IDENTITIES = (
    KEY_BIASES,
    SINKHORN_ROWS,
    SINKHORN_COLUMNS,
    SHARE,
    SPEED,
    EQUISPACED,
    FREE_ENERGY,
    RELATIVE_ENTROPY,
)


def received_tokens(seed: int, n_tokens: int = 400) -> np.ndarray:
    """Gaussian tokens (n, 3) whose received attention is looked at."""
    rng = np.random.default_rng([seed, 3, 0])
    return rng.multivariate_normal(np.zeros(3), TOKENS_COVARIANCE, n_tokens)


@dataclass(frozen=True)
class Parameters:
    density: str = option(
        "reference", "Token density on circle and sphere, a formula; 'reference' for the suite's."
    )
    alphas: tuple[float, ...] = option((0.25, 0.75), "Exponent of alpha-normalised attention.")
    share: float = option(0.3, "Share s of attention in the residual step.")
    n_tokens: int = option(
        2000,
        "Tokens of a sample; five times as many for the clock of top-k.",
        least=400,
        bytes=8,
        times=("n_tokens",),
    )
    temperature: float = option(
        0.02, "Largest temperature eps on the circle; four times as much on the sphere."
    )
    n_levels: int = option(5, "Temperatures on quadrature nodes, each half the one before.")
    n_seeds: int = option(80, "Samples.", least=8, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        for alpha in self.alphas:
            within("alphas", alpha, -2.0, 2.0)
        if len(set(map(alpha_name, self.alphas))) < len(self.alphas):
            raise InputError(f"alphas: got {self.alphas}, expected each once")
        within("share", self.share, 0.01, 1.0)
        within("temperature", self.temperature, 1e-3, 0.04)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels, 0.04) as ask:
            for name in (CURVE, SURFACE):
                p = require_varying(self.tokens_density(name), CLAIM.name)
                temperatures = self.temperatures(p.manifold.dim)
                ask(temperatures, partial(nodes_for, p.manifold, limit=MOST_NODES))
        for name in (CURVE, SURFACE):
            p = self.tokens_density(name)
            require_resolved(p, float(self.temperatures(p.manifold.dim)[-1]))
        at = float(self.temperatures(1)[LEVEL_OF_SAMPLES])
        if self.n_tokens * np.sqrt(at) < LEAST_NEIGHBOURS:
            raise InputError(
                f"n_tokens: got {self.n_tokens} at temperature {self.temperature:g}, expected at "
                f"least {LEAST_NEIGHBOURS / np.sqrt(at):.0f}: half of them keep neighbours"
            )

    def names(self) -> tuple[str, ...]:
        """The normalisations of f = |x-y|^2/4 that share a clock, the most telling first."""
        return (DOUBLE, SINKHORN, *map(alpha_name, self.alphas), SOFTMAX)

    def temperatures(self, dim: int) -> np.ndarray:
        """Temperatures of the levels on the circle (dim = 1) or the sphere (dim = 2)."""
        factor = SURFACE_FACTOR if dim == 2 else 1
        return factor * self.temperature / 2.0 ** np.arange(self.n_levels)

    def radii(self) -> np.ndarray:
        """Radii of the windows on the circle: R^2 = 6 eps."""
        return np.sqrt(6 * self.temperatures(1))

    def shares(self) -> np.ndarray:
        """Share of the tokens among the k nearest: of the circle's length inside those windows."""
        return self.radii() / np.pi

    def tokens_density(self, name: str) -> Density:
        """Density of the tokens on the circle or the sphere."""
        return _reference(name, self.density)

    def directions_density(self) -> Density:
        """Density of the directions of Gaussian tokens N(0, S) in R^3."""
        return _directions()


@cache
def _reference(name, spec):
    return reference_density(name, spec)


@cache
def _directions():
    return density(manifold(SURFACE), angular_density(TOKENS_COVARIANCE))


SMALL = {"n_tokens": 1000, "n_levels": 4, "n_seeds": 16}
