"""Claim `generator`: (A - I)/tau tends to L H = Laplacian_g H + 2 <grad log p, grad H>_g."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.claims import (
    AS_THE_PAPER_SAYS,
    SAMPLE_BYTES,
    TOKEN_BYTES,
    Claim,
    Paper,
    check_counts,
    option,
)
from theory.setting.checks import positive, whole
from theory.setting.densities import Density
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_closed,
    require_resolved,
    require_varying,
)
from theory.setting.nodes import MOST_KEYS, as_typed, enough_nodes
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density, scattered_probes

CLAIM = Claim(
    name="generator",
    rank=2,
    title="The generator is Laplacian plus twice the drift up log p",
    statement=(
        r"For a transformation of a metric, $(A - I)/\tau$ tends to "
        r"$L H = \Delta_g H + 2 \langle \nabla \log p, \nabla H \rangle_g$, with a bias of order 1 "
        r"in $\tau$; on the circle the bias itself is known."
    ),
    source=(
        "Ruan and Zhang (arXiv 2412.18288); "
        "docs/theory.md, 'Drift-diffusion limit' and 'First-order bias'"
    ),
    hypotheses=r"closed manifold, smooth positive density, $f \sim c\,r^a$ at small distance",
    predicted=r"drift coefficient 2 and clock $\tau = \varepsilon$ of i.i.d. tokens",
    order=r"1 in $\tau$",
    paper=Paper(
        AS_THE_PAPER_SAYS,
        "Drift-diffusion in the limit is the abstract's main statement, in the form of "
        "Theorem 3; clock, order and bias are derived here.",
    ),
)

# --- the design ---

PROBES = {1: 48, 2: 200, 3: 200}  # points at which (A - I)H/eps is looked at, by dimension
# the row of one token in A^k: its time k eps, its steps, its samples, and how much larger they are
ROW_TIME, ROW_STEPS, ROW_SAMPLES, ROW_TOKENS = 0.32, 16, 8, 4
ROW_LINE, ROW_CLOUD = 41, 1500  # points of the profile, and tokens in the picture
ROW_MESH = (72, 72)  # cells of the surface in the picture
# keys in a token's kernel, at least, at the smallest temperature of the samples: with 20 of them
# what the jackknife leaves of the bias is of order 1/20^2
LEAST_NEIGHBOURS = 20

# --- the names ---

AT_EPS, LIMIT = "at eps", "eps -> 0"
WHERE = ("i.i.d. tokens", "N = infinity")


def drift(manifold: str, where: str, when: str) -> str:
    """The drift coefficient of i.i.d. tokens or at N = infinity, at eps or in the limit."""
    return f"{manifold}: drift coefficient, {where}, {when}"


def clock(manifold: str, where: str, when: str) -> str:
    return f"{manifold}: clock/eps, {where}, {when}"


def bias(manifold: str) -> str:
    return f"{manifold}: (A - I)H/eps -> L H, order in eps"


def second_term(manifold: str) -> str:
    return f"{manifold}: the O(eps) term of (A - I)H/eps, order in eps"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    n_tokens: int = option(10_000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    temperature: float = option(0.04, "Largest temperature eps, of the samples and of the levels.")
    n_levels: int = option(4, "Temperatures on quadrature nodes, each half the one before.")
    n_seeds: int = option(60, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        # refuses what would take hours before anything is computed
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels) as ask:
            for name in check_manifolds(self.manifolds):
                p = self.tokens_density(name)
                require_closed(p.manifold, "generator")
                require_varying(p, "generator")
                ask(self.temperatures(), partial(enough_nodes, p.manifold))
                keys = partial(enough_nodes, p.manifold, limit=MOST_KEYS)
                ask(self.field_temperatures(), keys)
        for name in self.manifolds:
            require_resolved(self.tokens_density(name), self.temperatures()[-1])

    def tokens_density(self, manifold: str) -> Density:
        return reference_density(manifold, self.density)

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels."""
        return self.temperature / 2.0 ** np.arange(self.n_levels)

    def field_temperatures(self) -> np.ndarray:
        """Those at which fields are measured: one more, as a few queries cost little."""
        return self.temperature / 2.0 ** np.arange(self.n_levels + 1)

    def pictured(self) -> list[str]:
        """The surfaces in space on which the row of one token is looked at."""
        found = {name: self.tokens_density(name).manifold for name in self.manifolds}
        return [name for name, m in found.items() if (m.dim, m.ambient_dim) == (2, 3)]

    def sample_temperatures(self, manifold: str) -> np.ndarray:
        """The largest temperature, and the smallest of the levels that the samples can bear.

        A token is to have LEAST_NEIGHBOURS keys in its kernel, in the harmonic mean over tokens:
        N (4 pi eps)^(d/2)/volume.
        """
        m = self.tokens_density(manifold).manifold
        _, weights = chart_quadrature(m, 32)
        levels = self.temperatures()
        neighbours = self.n_tokens * (4 * np.pi * levels) ** (m.dim / 2) / weights.sum()
        last = max(np.count_nonzero(neighbours >= LEAST_NEIGHBOURS) - 1, 0)
        return levels[[0, last]]


SMALL = {"manifolds": ("circle", "sphere"), "n_tokens": 2000, "n_seeds": 80}
LONG = {"manifolds": ("circle", "sphere"), "n_levels": 5, "n_tokens": 40_000, "n_seeds": 120}


def probe_points(p: Density) -> tuple[np.ndarray, np.ndarray]:
    """Fixed chart points (n, d) and their weights p dV (n,), of sum 1."""
    return scattered_probes(p, PROBES[p.manifold.dim])


def bias_is_known(p: Density) -> bool:
    """Whether the O(eps) term has a closed form: on the circle of radius 1."""
    return p.manifold.name == "circle" and float(p.manifold.metric_expression[0]) == 1.0
