"""Claim `broken_assumptions`: drop a hypothesis of the limit theorem, and attention fails in the way
that is predicted.

Walls, gaps, a density with respect to the wrong volume, a score that is no metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, positive, whole
from theory.setting.densities import Density, density, derived_density
from theory.setting.hypotheses import check_levels
from theory.setting.manifolds import Manifold, ellipse
from theory.setting.references import reference_density

CLAIM = Claim(
    name="broken_assumptions",
    rank=12,
    title="Without its hypotheses the limit theorem fails, as it must",
    statement=(
        r"At a wall $(A - I)H/\tau$ diverges like $\frac{2}{\sqrt{\pi\tau}}\,\partial_n H$ in a "
        r"layer of width $\sqrt{\varepsilon}$, with the Neumann equation inside; a gap leaves two "
        "consensus values; the wrong volume leaves a wrong drift; the dot product off the sphere "
        "transports."
    ),
    source="docs/theory.md, 'Walls', 'Gaps', 'Wrong volume' and 'No metric'",
    hypotheses="one hypothesis of the drift-diffusion limit dropped at a time",
    predicted=(
        r"$2/\sqrt\pi$ at the wall; $1 - \mu_2 = F/(\pi_1 \pi_2)$ across a gap; "
        r"$\tan t \to (b/a)^2 \tan t$ on an ellipse"
    ),
    order=r"0, 1/4 and 1/2 in $L^\infty$, $L^2$ and $L^1$ at a wall, in place of 1",
    paper=Paper(
        NEW,
        "The abstract speaks of certain reasonable assumptions; these are the ones that "
        "cannot be dropped, and what happens then.",
    ),
)

# --- walls: the interval [0, 1]; depths from a wall are in kernel widths sqrt(2 eps)
DEPTHS = np.linspace(0.0, 5.0, 21)
FLAT_FEATURES = ("cos(pi*u)", "cos(2*pi*u)")  # no slope at either wall
FLAT_FEATURE = FLAT_FEATURES[1]
PANELS, PANEL_NODES = 12, 8  # of a half of the interval, each panel half as wide as the next
EVOLVED = ("u", "sin(2*u)")  # features with a slope at the walls
DIFFUSED, COARSEST_STEPS = 0.05, 6  # time of the evolution; steps to it at the coarsest level
EVOLVED_AT = np.linspace(0.0, 1.0, 33)
MODES = (1, 4)  # whose eigenvalues tell the length of the interval

# --- gaps
LENGTHS = (1.0, 0.6)  # of two uniform clusters
GAPS = tuple(0.5 * k for k in range(1, 11))  # between them, in kernel widths
PIECES_TOKENS, PIECES_WINDOW = 600, 0.0241  # i.i.d. tokens of a circle; an arc: 60 pieces
LATTICE_TOKENS = 60
LATTICE_RATIOS = tuple(float(r) for r in np.geomspace(1.0, 40.0, 12))  # spacing^2/eps

# --- no metric, the wrong volume: an ellipse
SEMI_AXES = (2.0, 1.0)
CHART_DENSITY = "exp(cos(t)/2 + sin(t)/4)"  # with respect to dt
ANGLES = np.linspace(0.0, 2 * np.pi, 48, endpoint=False) + 0.05
VOLUME_TEMPERATURE, SHARPEST = 0.02, 0.4  # largest temperatures of the levels
LAYERS = 60

WALL = "wall: sqrt(tau) (A - I)H/tau over dH/dn at the wall, tau -> 0"
LAYER = "wall: order in sqrt(eps) of the profile -> G(u), G = phi/Phi"
SAMPLE = "wall: mean of the profile over 5 widths, i.i.d. tokens at eps"
FLAT_LAYER = "dH/dn = 0: order in sqrt(eps) of (A - I)H/tau -> H''(0) (1 + u G(u))"
FLAT_HEIGHT = "dH/dn = 0: rise of (A - I)H/tau in the layer over H'' at the wall, eps -> 0"
FLAT_NORM = "dH/dn = 0: order in sqrt(eps) of the L2 error of (A - I)H/tau"
FLAT_MEAN = "dH/dn = 0: mean of (A - I)H/tau over tokens, slope in sqrt(eps)"
EVOLUTION = "interval: order in sqrt(tau) of A^k H -> heat with dH/dn = 0"
ESCAPE = "gap: rate of leaving a cluster F/(pi_1 pi_2), from 1 - mu_2"
PIECES = "window too small: consensus values of a sample"
LATTICE = f"lattice of spacing sqrt({LATTICE_RATIOS[-1]:.4g} eps): clock over tau"
VOLUME_ORDER = "volume: order in tau of (A - I)H/tau -> L H, density of dV"
VOLUME = "volume: coefficients of (A - I)H/tau"
VOLUME_CLOCK = "volume: coefficient of Laplacian H"
VOLUME_DRIFT = "volume: coefficient of <grad log q, grad H>, q the density of the chart"
VOLUME_ROOT = "volume: coefficient of <grad log sqrt(g), grad H>"
TRANSPORT = "dot product, ellipse: where A sends tokens"
TRANSPORT_RATIO = "dot product, ellipse: tan t*/tan t of A, T -> 0"
GROWTH = "dot product, ellipse: order in T of |(A - I)H/tau|"
LEADERS = f"dot product, ellipse: A^{LAYERS} x/a where cos t > 1/2, T -> 0"


def shortening(k: int) -> str:
    return f"interval: length missing at each end over sqrt(eps), mode {k}, eps -> 0"


def next_order(k: int) -> str:
    return f"interval: slope of that in sqrt(eps), mode {k}"


def interval_density() -> Density:
    """The tokens of the studies at a wall."""
    return reference_density("interval")


def the_ellipse() -> Manifold:
    return ellipse(*SEMI_AXES)


def chart_density() -> Density:
    """CHART_DENSITY taken as if it were the density with respect to dV."""
    return density(the_ellipse(), CHART_DENSITY)


def volume_density() -> Density:
    """The density with respect to dV of tokens that have CHART_DENSITY with respect to dt."""
    m = the_ellipse()
    return derived_density(m, chart_density().expression / m.volume_expression)


def wall_points() -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 1) of [0, 1] and weights (n,) for integrals over it: Gauss-Legendre on panels that
    shrink towards both walls, so that layers of width 2^-PANELS/2 are resolved."""
    x, w = np.polynomial.legendre.leggauss(PANEL_NODES)
    edges = np.concatenate([[0.0], 0.5 / 2.0 ** np.arange(PANELS - 1, -1, -1)])
    width = np.diff(edges)[:, None]
    depth = (edges[:-1, None] + width * (x + 1) / 2).ravel()
    weight = (width * w / 2).ravel()
    points = np.concatenate([depth, 1 - depth[::-1]])
    return points[:, None], np.concatenate([weight, weight[::-1]])


# the finest level has more than a thousand nodes on [0, 1], squared
LEAST_TEMPERATURE = 5e-7
MOST_TEMPERATURE = 0.01


@dataclass(frozen=True)
class Parameters:
    temperature: float = option(0.0025, "Temperature of samples and gaps, largest at a wall.")
    n_levels: int = option(6, "Levels: at a wall a quarter of the temperature each, else half.")
    n_tokens: int = option(20_000, "Tokens of a sample at a wall.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(120, "Samples, at a wall and in a window.", least=5, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        if positive("temperature", self.temperature) > MOST_TEMPERATURE:
            raise InputError(
                f"temperature: got {self.temperature:g}, expected at most {MOST_TEMPERATURE}: "
                f"the two walls of [0, 1] must not feel each other"
            )
        check_levels("n_levels", self.n_levels)
        least = LEAST_TEMPERATURE * 4.0 ** (self.n_levels - 1)
        if self.temperature < least:
            right = f"at least {least:.3g}" if least <= MOST_TEMPERATURE else "a smaller n_levels"
            raise InputError(
                f"temperature: got {self.temperature:g} with n_levels {self.n_levels}, expected "
                f"{right}: each is a quarter of the one before, and the last at least "
                f"{LEAST_TEMPERATURE:g}"
            )
        whole("seed", self.seed, 0)

    def widths(self) -> np.ndarray:
        """sqrt(eps) of the levels at a wall: each halves it."""
        return np.sqrt(self.temperature) / 2.0 ** np.arange(self.n_levels)

    def layer_widths(self) -> np.ndarray:
        """sqrt(eps) of the levels of the layer itself, which few points see: an eighth."""
        return self.widths() / 8

    def evolution_steps(self) -> np.ndarray:
        """Steps in which DIFFUSED is reached, by level."""
        return COARSEST_STEPS * 4 ** np.arange(self.n_levels)

    def halved(self, largest: float) -> np.ndarray:
        """Temperatures of the levels of the other studies."""
        return largest / 2.0 ** np.arange(self.n_levels)


SMALL = {"n_levels": 4, "n_seeds": 40}
