"""Claim `conformal_metric`: for d != 2 the limit is a heat equation under a new metric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.claims import CORRECTED, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.cases import ProbedManifold
from theory.setting.checks import InputError, positive, whole
from theory.setting.hypotheses import check_levels, check_manifolds, require_resolved
from theory.setting.nodes import as_typed, sparse_nodes

CLAIM = Claim(
    name="conformal_metric",
    rank=6,
    title="A heat equation under a new metric, in every dimension but two",
    statement=(
        r"For $d \ne 2$ and $\bar g = p^{4/(d-2)} g$, $L = p^{4/(d-2)} \Delta_{\bar g}$: a heat "
        r"equation of $(M, \bar g)$ with heat capacity $p^{-4/(d-2)}$ and conductivity 1. In "
        r"$d = 2$ no metric and no heat capacity will do."
    ),
    source=(
        "Ruan and Zhang (arXiv 2412.18288), corrected; "
        "docs/theory.md, 'Conformal metric' and 'Two dimensions'"
    ),
    hypotheses=r"closed manifold, smooth positive density; $d \ne 2$ for the new metric",
    predicted=(
        r"$\bar g = p^{-4} g$ in $d = 1$, $p^{4} g$ in $d = 3$; in $d = 2$ the share "
        r"$\langle |b|^2\rangle/(\langle|\Delta X|^2\rangle + \langle |b|^2 \rangle)$ of the "
        r"motion is out of reach of every metric"
    ),
    order=r"1 in $\tau$",
    paper=Paper(
        CORRECTED,
        "The abstract says that the equation can be transformed into a heat equation under a "
        "new metric. It takes a heat capacity too, $p^{-4/(d-2)}$, and in $d = 2$ no metric "
        "will do.",
    ),
)

# off every symmetry, varying along every axis, with a contrast of 3 to 9
DENSITIES = {
    "circle": "exp(x/2 + y/4)",
    "flat_torus3": "exp(x1/2 + x3/3 + x6/4)",
    "sphere3": "exp(x1/2 + x4/4)",
    "flat_torus2": "exp(x1/2 + x4/3)",
    "sphere": "exp(x/2 + z/3)",
}
# fixed chart points at which functions are read, quadrature nodes an axis, by dimension
PROBES = {1: 32, 2: 16, 3: 5}
# H is followed for this time, in so many steps a level: the temperature is the time of a step
TIME = 0.24
STEPS = {1: (8, 16, 32, 64), 3: (2, 4, 8, 16)}
# the last level of an evolution takes ten seconds with so many nodes
MOST_EVOLVED = 25_000


def generator(name: str) -> str:
    return f"{name}: (A - I)H/eps"


def sampled(name: str) -> str:
    return f"{name}, i.i.d. keys: (A - I)H/eps"


def metric(name: str) -> str:
    return f"{name}: exponent of the new metric, eps -> 0"


def capacity(name: str) -> str:
    return f"{name}: exponent of the heat capacity, eps -> 0"


def clock(name: str) -> str:
    return f"{name}: clock/eps under the new metric, eps -> 0"


def metric_sampled(name: str) -> str:
    return f"{name}, i.i.d. keys: exponent of the new metric, eps -> 0"


def capacity_sampled(name: str) -> str:
    return f"{name}, i.i.d. keys: exponent of the heat capacity, eps -> 0"


def clock_sampled(name: str) -> str:
    return f"{name}, i.i.d. keys: clock/eps under the new metric, eps -> 0"


def evolved(name: str) -> str:
    return f"{name}: A^k H -> heat equation of the new metric, order in eps"


def share(name: str) -> str:
    return f"{name}: share of the motion out of reach of every metric, eps -> 0"


def share_sampled(name: str) -> str:
    return f"{name}, i.i.d. keys: share out of reach of every metric, eps -> 0"


def factor(name: str) -> str:
    return f"{name}: best conformal factor/eps, eps -> 0"


@dataclass(frozen=True)
class Case(ProbedManifold):
    """A manifold with its density, and where functions on it are read."""

    claim = CLAIM.name
    densities = DENSITIES
    counts = PROBES

    @property
    def steps(self) -> np.ndarray:
        """Steps of the evolution, a level each."""
        return np.array(STEPS[self.manifold.dim])

    def evolution_nodes(self) -> int:
        """Quadrature nodes that the finest level of the evolution takes."""
        return int(np.prod(sparse_nodes(self.manifold, TIME / self.steps[-1], limit=10**9)))


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(
        ("circle", "flat_torus(dim=3)", "sphere3"), "Closed manifold with d = 1 or 3."
    )
    surfaces: tuple[str, ...] = option(("flat_torus", "sphere", "torus"), "Closed surface, d = 2.")
    density: str = option(
        "reference", "Token density on all of them, a formula; 'reference' for one each."
    )
    temperature: float = option(0.16, "Largest temperature eps of the levels.")
    n_levels: int = option(4, "Temperatures, each half the one before; samples are at the last.")
    n_tokens: int = option(150_000, "Tokens of a sample.", least=1000, bytes=TOKEN_BYTES)
    n_seeds: int = option(20, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        check_manifolds(self.surfaces, "surface")
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        for option_, cases, right in (
            ("manifolds", self.cases(), (1, 3)),
            ("surfaces", self.surface_cases(), (2,)),
        ):
            for case in cases:
                if case.manifold.dim not in right:
                    raise InputError(
                        f"{option_}: got {case.name} with d = {case.manifold.dim}, expected "
                        f"d = {' or '.join(map(str, right))}"
                    )
        # refuses what would take hours before anything is computed
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels) as ask:
            for case in (*self.cases(), *self.surface_cases()):
                ask(self.temperatures(), partial(sparse_nodes, case.density.manifold))
        for case in (*self.cases(), *self.surface_cases()):
            require_resolved(case.density, self.temperatures()[-1])

    def cases(self) -> list[Case]:
        """The manifolds with d != 2."""
        return [Case(name, self.density) for name in self.manifolds]

    def surface_cases(self) -> list[Case]:
        """The manifolds with d = 2."""
        return [Case(name, self.density) for name in self.surfaces]

    def evolved_cases(self) -> list[Case]:
        """The manifolds on which an evolution is affordable."""
        return [case for case in self.cases() if case.evolution_nodes() <= MOST_EVOLVED]

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels."""
        return self.temperature / 2.0 ** np.arange(self.n_levels)


SMALL = {
    "manifolds": ("circle", "flat_torus(dim=3)"),
    "surfaces": ("flat_torus",),
    "n_tokens": 30_000,
    "n_seeds": 12,
}
LONG = {"n_levels": 5, "n_tokens": 400_000}
