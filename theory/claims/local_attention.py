"""Claim `local_attention`: inside a window attention drifts up the density and down the score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.geometry import drift_terms
from theory.setting.heads import DOT_PRODUCT, asymmetric_score
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_closed,
    require_resolved,
    require_varying,
)
from theory.setting.references import probe_features, reference_density, scattered_points
from theory.setting.scores import Score
from theory.setting.windows import inner_box, require_one_piece

CLAIM = Claim(
    name="local_attention",
    rank=7,
    title="Local attention: drift up the density and down the score",
    statement=(
        r"For a smooth $f$ that need not be symmetric nor vanish at $y = x$, attention within a "
        r"window of radius $R$ at temperature $T$ is to first order the diffusion "
        r"$L H = \Delta_g H + 2 \langle \nabla \log p - \nabla_y f(x, y)|_{y=x}/T, \nabla H "
        r"\rangle$ with the clock $\tau = R^2/(2(d+2))$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Local attention'",
    hypotheses=r"closed curve or surface, smooth positive density, $f \in C^3$, $R \to 0$",
    predicted=r"drift coefficients 2 and 2, clock $R^2/(2(d+2))$",
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "The abstract announces a first-order analysis for a general pseudo-metric; its "
        "result was not at hand, this one is derived here.",
    ),
)

GENERAL = "x1*y2/2 - x2*y1 + (y1 - x2)**2/4 + sin(y2 + 2*x1)/3"
N_PROBES = 80  # queries of the limit, at fixed places
RING, STEPS = 60, 7  # equispaced tokens on a circle; a window whose radius is this many steps
# windows from the size of a token's neighbourhood to that of the manifold
RADII, TEMPERATURES = (0.05, 2.0), (0.05, 20.0)

KEYS = "equispaced tokens, R a chord of the grid: keys in a window"
EIGENVALUE = "equispaced tokens, R a chord of the grid: eigenvalue of cos t"


def force_limit(manifold: str) -> str:
    return f"{manifold}, R -> 0: drift down the score"


def drift_limit(manifold: str) -> str:
    return f"{manifold}, R -> 0: drift up the density"


def clock_limit(manifold: str) -> str:
    return f"{manifold}, R -> 0: clock/R^2"


def force_sampled(manifold: str) -> str:
    return f"{manifold}, stratified tokens at R: drift down the score"


def drift_sampled(manifold: str) -> str:
    return f"{manifold}, stratified tokens at R: drift up the density"


def bias_order(manifold: str) -> str:
    return f"{manifold}: order of the bias in tau"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(
        ("sphere", "ellipse(a=1.5)"), "Closed curve or surface, with a score each."
    )
    scores: tuple[str, ...] = option(
        (DOT_PRODUCT, GENERAL),
        "'dot product' for random W_Q != W_K, or a formula in x1.. (query) and y1.. (key).",
    )
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    radius: float = option(0.5, "Window of the samples, largest of the levels.")
    temperature: float = option(1.0, "Temperature T inside the window.")
    n_levels: int = option(6, "Windows; the clock halves from level to level.")
    n_tokens: int = option(4000, "Tokens of a sample, stratified.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(24, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers, W_Q and W_K included.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        if len(self.manifolds) != len(self.scores):
            raise InputError(
                f"scores: got {len(self.scores)} for {len(self.manifolds)} manifolds, "
                f"expected one each"
            )
        within("radius", self.radius, *RADII)
        within("temperature", self.temperature, *TEMPERATURES)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        for case in self.cases():
            case.check()
            last = self.radii()[-1] ** 2 / (2 * (case.density.manifold.dim + 2))
            require_resolved(case.density, float(last))

    def cases(self) -> list[Case]:
        """One manifold with its score each."""
        return [Case(self, k) for k in range(len(self.manifolds))]

    def radii(self) -> np.ndarray:
        """Windows of the levels: their squares halve."""
        return self.radius / np.sqrt(2.0) ** np.arange(self.n_levels)


@dataclass(frozen=True)
class Case:
    """One manifold with its score: the density, and the queries that are looked at."""

    parameters: Parameters
    index: int

    @property
    def name(self) -> str:
        return self.parameters.manifolds[self.index]

    @cached_property
    def density(self) -> Density:
        p = reference_density(self.name, self.parameters.density)
        require_closed(p.manifold, CLAIM.name)
        return require_varying(p, CLAIM.name)

    @cached_property
    def score(self) -> Score:
        rng = np.random.default_rng([self.parameters.seed, 1, self.index, 0])
        spec = self.parameters.scores[self.index]
        return asymmetric_score("scores", spec, self.density.manifold, rng)

    @cached_property
    def features(self) -> list:
        return probe_features(self.density.manifold)

    @cached_property
    def box(self) -> list[tuple[float, float]]:
        """The part of the chart whose queries are looked at: away from poles."""
        return inner_box(self.density.manifold, self.parameters.radius)

    @cached_property
    def probes(self) -> np.ndarray:
        """Queries of the limit, chart points (n, d)."""
        return scattered_points(self.box, N_PROBES)

    @cached_property
    def terms(self):
        """u (n, d) -> [Laplacian H, <grad log p, grad H>, <-grad_y f, grad H>/T], each (n, c)."""
        slope = self.score.key_slope(self.density.manifold)
        force = tuple(-s / self.parameters.temperature for s in slope)
        return drift_terms(self.density, [force], self.features)

    def check(self) -> None:
        """Raise InputError where windows do not fit, or the two drifts cannot be told apart."""
        m = self.density.manifold
        if m.dim > 2:
            raise InputError(f"manifolds: got {self.name}, expected a closed curve or surface")
        columns = np.stack([t.ravel() for t in self.terms(self.probes)], axis=1)
        if np.linalg.matrix_rank(columns) < columns.shape[1]:
            raise InputError(
                f"scores: got {self.parameters.scores[self.index]!r} on {self.name}, whose drift "
                f"is that of the density or none, expected another one"
            )
        require_one_piece(m, self.probes, self.parameters.radius)


SMALL = {"n_levels": 4, "n_tokens": 2000, "n_seeds": 12}
LONG = {"n_levels": 9, "n_tokens": 20_000, "n_seeds": 64}
