"""Claim `entropy_production`: attention with an asymmetric score keeps a current."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.heads import head, symmetric_and_rotation, tilted_rotation
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_closed,
    require_resolved,
)
from theory.setting.nodes import as_typed, sparse_nodes
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density
from theory.setting.scores import Score, bilinear, score

CLAIM = Claim(
    name="entropy_production",
    rank=7.5,
    title="How far from equilibrium: the entropy that attention produces",
    statement=(
        r"The entropy production of attention as a Markov chain, $e = \sum_{ij} \pi_i P_{ij} \log "
        r"\frac{\pi_i P_{ij}}{\pi_j P_{ji}} = \frac1\varepsilon \sum_{ij} \pi_i P_{ij} (f_{ji} - "
        r"f_{ij})$, is 0 exactly if $f$ is symmetric up to a part of the query and a part of the "
        r"key. Otherwise a current flows: $e/\tau \to \int |J|^2/\rho\, dV$ with $J = 2 \rho\,"
        r"(\nabla \log p + b) - \nabla \rho$, $b$ the force of the score and $\rho$ the stationary "
        r"density. Steps without a way back make it infinite."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Entropy production'",
    hypotheses=(
        "closed curve or surface, smooth positive density, smooth score; attention inside a "
        "window, or W = c I + eps B"
    ),
    predicted=r"$e/\tau \to \int |J|^2/\rho\, dV$; $e = 0$ for symmetric + query-only + key-only",
    order=r"1 in $\tau$; 2 where an asymmetric $f$ has a gradient force",
    paper=Paper(
        NEW,
        "Which pseudo-metrics leave an equilibrium, and how far the others are from one: not "
        "in the abstract.",
    ),
)

STRENGTH = 1.0  # c in W = c I + eps B
N_POINTS = 120  # places at which currents are kept
MOST_CHAIN = 9000  # nodes that attend to each other some hundred times
# windows on the circle: half of one in grid steps, its edge half-way between two nodes; its nodes
# tripled, it is so again
HALF_WINDOW, RING = 7.5, 60
RING_LEVELS, WINDOW_TEMPERATURE = 4, 1.0
# rings whose score has a gradient force but is not symmetric
GRADIENT_HALF, GRADIENT_RING, N_DENSITIES = 7.5, 120, 4
CUBIC = "(x1*y2 - x2*y1)**3*(2 + x1 + y1 + x2*y2) + x1*y2 + x2*y1 + cos(2*y1)"
# chains whose matrix is formed
N_CHAIN, CHAIN_TEMPERATURE = 240, 0.5
NEIGHBOURS, N_NEAREST = 15, 10  # keys of a token, itself counted; samples
# a score with each of its three parts, whose differences f_ji - f_ij are of order one
SYMMETRIC_PART = "(x1 - y1)**2 + sin(x2*y2) + x1*y3 + x3*y1"
QUERY_PART, KEY_PART = "cos(3*x1) + x2*exp(x3)", "2*y1*y2 + sin(4*y3)"
# laws near their limits, and far from rounding
TEMPERATURES, TORQUES = (0.02, 1.0), (0.05, 3.0)

# a curve on which a measure and features relax: the first density of the measure, the features,
# the temperature, the steps that are looked at
RELAXING, RELAXING_START, RELAXING_FEATURES = "ellipse(a=1.5)", "exp(x1 - x2)", "x1 + x2"
RELAXING_TEMPERATURE, RELAXING_EVERY, RELAXING_MOMENTS = 0.02, 12, 21

ROTATION = "sphere, uniform, K alone, eps -> 0: e/eps"
WINDOW = "circle, W_Q != W_K, window R -> 0: e/R^2"
GRADIENT = "circle, window, f asymmetric but its force a gradient: order of e/R^2 in R"
SYMMETRIC = "e of a symmetric W"
PARTS = "e of f = symmetric + query-only + key-only"
HEAD_IDENTITY = "W_Q != W_K: e less (1/eps) sum pi P (f_ji - f_ij)"
GENERAL_IDENTITY = "general f: e less (1/eps) sum pi P (f_ji - f_ij)"
TOP_K = "top-k: share of samples whose e is infinite"
AHEAD = "keys ahead only: share of the moves that have no way back"
CAUSAL = "causal mask: stationary mass of the first token"
CAUSAL_INFINITE = "causal mask, evenly spread masses: e is infinite"


def relaxing_steps() -> np.ndarray:
    """Steps after which the relaxing measure and features are looked at."""
    return RELAXING_EVERY * np.arange(RELAXING_MOMENTS)


def rate_limit(manifold: str) -> str:
    return f"{manifold}, eps -> 0: e/eps"


def driven_current(manifold: str) -> str:
    return f"{manifold}, current: coefficient of 2 rho (grad log p + b)"


def spread_current(manifold: str) -> str:
    return f"{manifold}, current: coefficient of -grad rho"


def rate_order(manifold: str) -> str:
    return f"{manifold}: order of the bias of e/eps in tau"


def rate_sampled(manifold: str) -> str:
    return f"{manifold}, stratified tokens at eps: e/eps"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(
        ("sphere", "ellipse(a=1.5)"), "Closed curves or surfaces; samples are drawn on the first."
    )
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    temperature: float = option(0.2, "Temperature eps of the samples, largest of the levels.")
    torque: float = option(0.7, "Frobenius norm of S and of K in W = c I + eps (S + K).")
    n_levels: int = option(5, "Temperatures, each half the one before.")
    n_tokens: int = option(2000, "Tokens of a sample, stratified.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(24, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers, W_Q, W_K and B included.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        within("temperature", self.temperature, *TEMPERATURES)
        within("torque", self.torque, *TORQUES)
        # the order of the bias is read off four differences
        whole("n_levels", check_levels("n_levels", self.n_levels), 5)
        whole("seed", self.seed, 0)
        # refuses what would take hours
        with as_typed(
            "temperature", self.temperature, "n_levels", self.n_levels, TEMPERATURES[1]
        ) as ask:
            for case in [*self.cases(), self.uniform_rotation()]:
                ask(self.temperatures(), case.nodes_at)
        for case in [*self.cases(), self.uniform_rotation()]:
            require_resolved(case.density, self.temperatures()[-1] / (2 * STRENGTH))

    def temperatures(self) -> np.ndarray:
        return self.temperature / 2.0 ** np.arange(self.n_levels)

    def cases(self) -> list[Case]:
        """Tokens of the density on each manifold, B = S + K."""
        return [self._case(k, name, self.density) for k, name in enumerate(self.manifolds)]

    def uniform_rotation(self) -> Case:
        """Uniform tokens on the unit sphere, K alone."""
        case = self._case(len(self.manifolds), "sphere", "uniform")
        return Case(self, "sphere", case.density, case.parts[1])

    def relaxing_cases(self) -> dict[str, Case]:
        """A reversible chain, B = S, and one with a current, B = S + K, on a curve."""
        case = self._case(len(self.manifolds) + 1, RELAXING, self.density)
        return {"S": case.alone(0), "B": case}

    def _case(self, index, name, density) -> Case:
        p = reference_density(name, density)
        m = require_closed(p.manifold, CLAIM.name)
        if m.dim > 2:
            raise InputError(f"manifolds: got {name}, expected a closed curve or surface")
        rng = np.random.default_rng([self.seed, 5, index])
        return Case(self, name, p, tilted_rotation(rng, self.torque, m.ambient_dim))

    def ring_head(self) -> np.ndarray:
        """W = W_Q^T W_K, (2, 2), of the windows on the circle."""
        return head(np.random.default_rng([self.seed, 6]), 2)

    def chain_head(self) -> np.ndarray:
        """W = W_Q^T W_K, (3, 3), of the chains whose matrix is formed."""
        return head(np.random.default_rng([self.seed, 7]), 3)

    def ring_densities(self) -> list[Density]:
        """Densities on the circle over which the order of a gradient force is taken."""
        rng = np.random.default_rng([self.seed, 8])
        draws = rng.standard_normal((N_DENSITIES, 3)) / 2
        formulas = [f"exp({a:.3f}*x + {b:.3f}*y + {c:.3f}*x*y)" for a, b, c in draws]
        return [reference_density("circle", formula) for formula in formulas]


@dataclass(frozen=True)
class Case:
    """W = c I + eps B on a manifold, with the key bias -c |y|^2/(2 eps): a Gaussian window."""

    parameters: Parameters
    name: str
    density: Density
    matrix: np.ndarray

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """S and K, symmetric and antisymmetric."""
        return symmetric_and_rotation(self.matrix)

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """Quadrature nodes per axis, the same at all temperatures: those of the finest kernel."""
        return self.nodes_at(self.parameters.temperatures()[-1])

    def nodes_at(self, temperature: float) -> tuple[int, ...]:
        """Those that a temperature takes."""
        return sparse_nodes(self.density.manifold, temperature / (2 * STRENGTH), MOST_CHAIN)

    @cached_property
    def places(self) -> np.ndarray:
        """Indices of the nodes at which currents are kept: each as far as can be from the others."""
        x = self.density.manifold.embed(chart_quadrature(self.density.manifold, self.nodes)[0])
        chosen = [0]
        gap = ((x - x[0]) ** 2).sum(axis=1)
        while len(chosen) < min(N_POINTS, len(x)):
            chosen.append(int(np.argmax(gap)))
            gap = np.minimum(gap, ((x - x[chosen[-1]]) ** 2).sum(axis=1))
        return np.array(chosen)

    @property
    def points(self) -> np.ndarray:
        """Chart points (n, d) of those nodes."""
        return chart_quadrature(self.density.manifold, self.nodes)[0][self.places]

    def weights(self, temperature: float) -> np.ndarray:
        """W = c I + eps B."""
        return STRENGTH * np.eye(len(self.matrix)) + temperature * self.matrix

    def key_bias(self, points, temperature: float) -> np.ndarray:
        """-c |y|^2/(2 eps), (n,)."""
        return -STRENGTH * (points**2).sum(axis=1) / (2 * temperature)

    def alone(self, part: int) -> Case:
        """The same with S (0) or K (1) alone."""
        return Case(self.parameters, self.name, self.density, self.parts[part])


def chain_scores(parameters: Parameters) -> dict[str, Score]:
    """Scores of the chains whose matrix is formed, by what they show."""
    w = parameters.chain_head()
    return {
        "symmetric": bilinear((w + w.T) / 2),
        "parts": score(f"{SYMMETRIC_PART} + {QUERY_PART} + {KEY_PART}", 3),
        "head": bilinear(w),
        "product": score(f"({QUERY_PART})*({KEY_PART})", 3),
    }


SMALL = {"n_tokens": 800, "n_seeds": 12}
LONG = {"n_levels": 6, "n_seeds": 100}
