"""Claim `lift`: on M x S^1 the limit is a heat equation of a metric in every dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.cases import ProbedManifold
from theory.setting.checks import InputError, positive, shown, whole, within
from theory.setting.densities import Density, derived_density
from theory.setting.hypotheses import check_levels, check_manifolds, require_resolved
from theory.setting.nodes import as_typed, sparse_nodes
from theory.setting.quadrature import chart_quadrature

CLAIM = Claim(
    name="lift",
    rank=6.5,
    title="The lift: a heat equation of a metric in every dimension",
    statement=(
        r"On $M \times S^1$ with $\hat g = g + p^4 ds^2$, functions independent of $s$ satisfy "
        r"$\Delta_{\hat g} H = L H$ in every dimension, $d = 2$ included. Attention between "
        r"lifted tokens realises it: $f = |x - y|^2 + \rho(x) \rho(y)\, 2 (1 - \cos(s - t))$, "
        r"$\rho = \kappa p^2$, tokens $x \sim p^2 dV$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), repaired in d = 2; docs/theory.md, 'Lift'",
    hypotheses=r"closed manifold, smooth positive density, $\varepsilon \ll \kappa^2 p_{\min}^4$",
    predicted=(
        r"drift coefficient 2 and clock $\varepsilon/4$; drift 4, 0, 0 for three wrong lifts"
    ),
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "It repairs the heat equation under a new metric in $d = 2$, with one dimension more, "
        "and needs no heat capacity.",
    ),
)

# contrasts of p of about 2 to 3: the radii of the circles vary by its square
DENSITIES = {
    "circle": "exp(x/2 + y/4)",
    "flat_torus2": "exp(x1/4 + x4/5)",
    "sphere": "exp(x/3 + z/5)",
}
# fixed chart points at which functions are read, quadrature nodes an axis, by dimension
PROBES = {1: 32, 2: 8, 3: 4}
# nodes a standard deviation of the kernel along the circle, as `sparse_nodes` takes them
NODES_A_SIGMA = 1.05
MOST_LIFTED = 30_000_000  # nodes on M x S^1 that the probes attend to: ten seconds a level
# H is followed for this time, in so many steps a level, the time of each an eps/4
TIME = 0.24
STEPS = {1: (4, 8, 16, 32), 2: (2, 4, 8, 16)}
MOST_PAIRS = 300_000_000  # of a step of the last level, a quarter of a second
# i.i.d. lifted tokens that the picture of a curve's lift follows, and how many of them it shows
PICTURE_TOKENS, PICTURE_SHOWN = 12_000, 1200
IDENTITY_TOKENS = 400  # on which f and the dot product are held against each other

# wrong lifts: (factor of the score, power of p in the density of the tokens)
QUERY, KEY, TOKENS = "rho(x)^2 of the query", "rho(y)^2 of the key", "tokens x ~ p"
EMBEDDING = "plain embedding (x, rho cos s, rho sin s)"
WRONG = {
    QUERY: ("query", 2),
    KEY: ("key", 2),
    TOKENS: ("product", 1),
    EMBEDDING: ("embedding", 2),
}
# those whose limit is Laplacian_g H + c <grad log p, grad H> again, so that c says all
WITH_DRIFT = (QUERY, KEY, TOKENS)


def drift(name: str) -> str:
    return f"{name}: drift coefficient of lifted attention, eps -> 0"


def clock(name: str) -> str:
    return f"{name}: clock/eps of lifted attention, eps -> 0"


def bias(name: str) -> str:
    return f"{name}: (A - I)H/eps -> L H/4, order in eps"


def wrong_drift(name: str, lift: str) -> str:
    return f"{name}, {lift}: drift coefficient, eps -> 0"


def drift_sampled(name: str) -> str:
    return f"{name}, i.i.d. lifted tokens: drift coefficient at eps"


def clock_sampled(name: str) -> str:
    return f"{name}, i.i.d. lifted tokens: clock/eps at eps"


def evolved(name: str) -> str:
    return f"{name}: A^k H -> heat equation of g + p^4 ds^2, order in eps"


def identity(name: str) -> str:
    return f"{name}: f and the dot product diag(1, .., 1, -1), largest difference of A H"


@dataclass(frozen=True)
class Case(ProbedManifold):
    """A manifold with its density, the radii of the circles, and where functions are read."""

    claim = CLAIM.name
    densities = DENSITIES
    counts = PROBES

    smallest_radius: float

    def tokens_density(self, power: int = 2) -> Density:
        """The density of tokens x, proportional to p^2: lifted, they are uniform in dV_ghat."""
        return derived_density(self.manifold, self.density.expression**power)

    def radius(self, u) -> np.ndarray:
        """rho = kappa p^2 at chart points u (n, d), (n,)."""
        return self.smallest_radius * (self.density(u) / self._least_density) ** 2

    @cached_property
    def largest_radius(self) -> float:
        return float(self.radius(self._look).max())

    def nodes(self, temperature: float) -> tuple[tuple[int, ...], int]:
        """Nodes on the axes of M and on the circle that resolve lifted attention.

        |x - y|^2 at eps is the Gaussian kernel |x - y|^2/4 at eps/4, of standard deviation
        sqrt(eps/2).
        """
        base = sparse_nodes(self.manifold, temperature / 4, limit=10**9)
        around = 2 * np.pi * self.largest_radius * NODES_A_SIGMA / np.sqrt(temperature / 2)
        return base, int(np.ceil(around))

    @property
    def steps(self) -> np.ndarray:
        """Steps of the evolution, a level each."""
        return np.array(STEPS[self.manifold.dim])

    def evolution_temperatures(self) -> np.ndarray:
        """The temperatures at which a step takes TIME/steps, as the clock is eps/4."""
        return 4 * TIME / self.steps

    def picture_level(self) -> tuple[int, float]:
        """Steps and temperature at which sampled tokens are followed: the second level."""
        return int(self.steps[1]), float(self.evolution_temperatures()[1])

    def evolution_pairs(self) -> float:
        """Pairs of nodes in a step of the last level of the evolution."""
        base, turns = self.nodes(self.evolution_temperatures()[-1])
        return float(np.prod(base)) ** 2 * turns

    @property
    def identity_temperature(self) -> float:
        """So warm that tokens on the largest circle see each other."""
        return self.largest_radius**2 / 10

    @property
    def constant_length(self) -> bool:
        """Whether |X| is the same all over M: there the lift is a dot product."""
        return bool(np.ptp((self.manifold.embed(self._look) ** 2).sum(axis=1)) < 1e-12)

    @cached_property
    def _look(self) -> np.ndarray:
        return chart_quadrature(self.manifold, {1: 512, 2: 48, 3: 16}[self.manifold.dim])[0]

    @cached_property
    def _least_density(self) -> float:
        return float(self.density(self._look).min())


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("flat_torus", "sphere", "circle"), "Closed manifold.")
    density: str = option(
        "reference", "Density p on all of them, a formula; 'reference' for one each."
    )
    temperature: float = option(0.2, "Largest temperature eps, also that of the samples.")
    smallest_radius: float = option(0.8, "Smallest radius rho = kappa p^2, which sets kappa.")
    n_levels: int = option(4, "Temperatures, each half the one before.")
    n_tokens: int = option(200_000, "Lifted tokens of a sample.", least=1000, bytes=2 * TOKEN_BYTES)
    n_seeds: int = option(20, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        positive("temperature", self.temperature)
        # eps << kappa^2 p_min^4: the circles must be wider than the kernel
        if within("smallest_radius", self.smallest_radius, 1e-6, 10.0) ** 2 < self.temperature:
            raise InputError(
                f"temperature: got {self.temperature:g} with smallest_radius "
                f"{self.smallest_radius:g}, expected at most its square, "
                f"{self.smallest_radius**2:.3g}: the kernel is narrower than the circles"
            )
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels) as ask:
            for case in self.cases():
                ask(self.temperatures(), case.nodes)
        for case in self.cases():
            require_resolved(case.density, self.temperatures()[-1] / 4)
            base, turns = case.nodes(self.temperatures()[-1])
            if (nodes := math.prod(base) * turns) > MOST_LIFTED:
                raise InputError(
                    f"temperature: got {self.temperature:g} and {self.n_levels} levels on "
                    f"{case.name}, which need {shown(nodes)} nodes on M x S^1, "
                    f"expected at most {MOST_LIFTED:.2g}: raise it, or lower smallest_radius or "
                    f"n_levels"
                )

    def cases(self) -> list[Case]:
        return [Case(name, self.density, self.smallest_radius) for name in self.manifolds]

    def evolved_cases(self) -> list[Case]:
        """The manifolds on which an evolution is affordable; M x S^1 has a chart for d < 3."""
        return [c for c in self.cases() if c.manifold.dim < 3 and c.evolution_pairs() <= MOST_PAIRS]

    def pictured_cases(self) -> list[Case]:
        """Closed curves: their lift is a surface of revolution."""
        return [case for case in self.evolved_cases() if case.manifold.dim == 1]

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels."""
        return self.temperature / 2.0 ** np.arange(self.n_levels)


SMALL = {
    "manifolds": ("circle", "sphere"),
    "smallest_radius": 0.5,
    "n_tokens": 50_000,
    "n_seeds": 10,
}
LONG = {"n_levels": 5, "n_tokens": 2_000_000}
