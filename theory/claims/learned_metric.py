"""Claim `learned_metric`: scores |W(x - y)| diffuse in the metric that W induces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
import scipy
import sympy as sp

from theory.claims import (
    AS_THE_PAPER_SAYS,
    SAMPLE_BYTES,
    TOKEN_BYTES,
    Claim,
    Paper,
    check_counts,
    option,
)
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_closed,
    require_resolved,
)
from theory.setting.manifolds import Manifold
from theory.setting.metrics import pulled_back, relative_density, with_metric
from theory.setting.nodes import as_typed, nodes_for
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density
from theory.setting.scores import Score, score
from theory.setting.watched import cell_centres

CLAIM = Claim(
    name="learned_metric",
    rank=5,
    title="A learned metric: drift-diffusion in the metric that W induces",
    statement=(
        r"With scores $|W(x - y)|^2/4$, $(A - I)/\tau$ tends to $\Delta_{g_\theta} H + "
        r"2\,\langle\nabla\log p_\theta, \nabla H\rangle_{g_\theta}$, $g_\theta$ the pull-back of "
        r"$W^T W$ and $p_\theta = p\,\sqrt{\det g/\det g_\theta}$; the carré du champ gives "
        r"$g_\theta^{-1}$ point by point. A score that is not symmetric adds "
        r"$-3\,\langle G^{-1} : C_a, \nabla H\rangle_G$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), Theorem 4; docs/theory.md, 'Learned metric'",
    hypotheses="closed manifold, smooth positive density, W injective on M and on its tangents",
    predicted=(
        r"drift coefficient 2 with $p_\theta$, diffusion tensor $J g_\theta^{-1} J^T$, cubic "
        r"coefficient $-3$"
    ),
    order=r"1 in $\tau$",
    paper=Paper(
        AS_THE_PAPER_SAYS,
        r"In the form of Theorem 4; that the density is $p_\theta$, not $p$, is spelt out "
        "here, and the term of scores that are not symmetric is added.",
    ),
)

STRETCH = 1.7  # ratio of the largest to the smallest singular value of W
# w of f = w(y) |x - y|^2, whose third order is not symmetric, in the ambient coordinates
WEIGHT = "exp(0.3*{0}1 + 0.2*{0}2)"
KEY_WEIGHTED, SYMMETRIC = "w(y)|x-y|^2", "sqrt(w(x)w(y))|x-y|^2"
MOST_TEMPERATURE = 0.02  # of curves of about unit size: above, the first levels know no order yet
SURFACE_LEVELS = 4  # finer ones would take minutes
CURVE_POINTS, SURFACE_POINTS = 64, (20, 12)
# the diffusion tensor of samples at single points of a surface: points, tokens, samples, level
GLYPHS, GLYPH_TOKENS, GLYPH_SAMPLES, GLYPH_LEVEL = (14, 7), 100_000, 8, 1
GLYPH_ROW = 0  # of the points, those along which semi-axes are compared


def sampled_drift(name: str) -> str:
    return f"{name}: drift coefficient of i.i.d. tokens, eps -> 0"


def sampled_clock(name: str) -> str:
    return f"{name}: clock/eps of i.i.d. tokens, eps -> 0"


def drift(name: str) -> str:
    return f"{name}: drift coefficient, N = infinity, eps -> 0"


def generator(name: str) -> str:
    return f"{name}: (A - I)H/eps -> L H with p_theta: order in eps"


def diffusion(name: str) -> str:
    return f"{name}: carre du champ -> J g_theta^-1 J^T: order in eps"


def cubic_field(name: str, which: str) -> str:
    return f"{name}: (A - I)H/tau of f = {which}"


def cubic(name: str, which: str) -> str:
    return f"{name}: coefficient of G^-1 : C_a, f = {which}"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(
        ("ellipse(a=1.5)", "torus", "(cos(u), sin(u), 0.4*sin(2*u))"), "Closed manifold."
    )
    ranks: tuple[int, ...] = option((2, 3, 2), "Rank of W on each manifold.")
    density: str = option("exp(x1/2 + x2/4)", "Token density, a formula, or 'reference'.")
    n_tokens: int = option(
        2000,
        "Tokens of a sample on a curve; four times as many on a surface.",
        least=200,
        bytes=4 * TOKEN_BYTES,
    )
    temperature: float = option(
        0.01, "Largest temperature eps on a curve; on a surface 3 times, of samples 4.5 times that."
    )
    n_levels: int = option(5, "Temperatures on nodes, each half the one before; surface: four.")
    n_seeds: int = option(
        120, "Samples on a curve; a third as many on a surface.", least=15, bytes=SAMPLE_BYTES
    )
    seed: int = option(20241218, "Seed of all random numbers, W included.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        if len(self.manifolds) != len(self.ranks):
            raise InputError(
                f"ranks: got {len(self.ranks)} for {len(self.manifolds)} manifolds, "
                f"expected one each"
            )
        within("temperature", self.temperature, 1e-7, MOST_TEMPERATURE)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        # refuses what would take hours before anything is computed
        with as_typed(
            "temperature", self.temperature, "n_levels", self.n_levels, MOST_TEMPERATURE
        ) as ask:
            for case in self.cases():
                ask(case.temperatures(), partial(nodes_for, case.learned))
        for case in self.cases():
            require_resolved(case.density, case.temperatures()[-1], case.learned)

    def cases(self) -> list[Case]:
        return [self.case(index) for index in range(len(self.manifolds))]

    def case(self, index: int) -> Case:
        """The manifold of that index; raises InputError where W does not embed it."""
        return _case(self, index)


@dataclass(frozen=True, eq=False)
class Case:
    """One manifold with its W: the density p, the learned metric, and the design.

    learned: (M, g_theta).
    """

    parameters: Parameters
    index: int
    name: str
    density: Density
    matrix: np.ndarray
    learned: Manifold

    @property
    def surface(self) -> bool:
        return self.learned.dim > 1

    @property
    def square(self) -> bool:
        """Whether W has full rank, so that its transpose is another W."""
        return len(self.matrix) == self.learned.ambient_dim

    @cached_property
    def p_theta(self) -> Density:
        """p sqrt(det g/det g_theta): the same tokens by the volume of the learned metric."""
        return relative_density(self.density, self.learned)

    @cached_property
    def log_gradient(self) -> list:
        """d log p, a covector: expressions in the chart symbols."""
        return [sp.diff(self.density.log_expression, u) for u in self.learned.symbols]

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels."""
        levels = self.parameters.n_levels
        if self.surface:
            levels = min(levels, SURFACE_LEVELS)
        coarsest = self.parameters.temperature * (3 if self.surface else 1)
        return coarsest / 2.0 ** np.arange(levels)

    @property
    def sample_temperature(self) -> float:
        """A surface wants larger kernels, so that a sample fills them."""
        return self.parameters.temperature * (4.5 if self.surface else 1)

    @property
    def n_tokens(self) -> int:
        return self.parameters.n_tokens * (4 if self.surface else 1)

    @property
    def n_seeds(self) -> int:
        return self.parameters.n_seeds // (3 if self.surface else 1)

    @property
    def narrowest(self) -> float:
        """The least temperature at which nodes are used."""
        return min(self.temperatures()[-1], self.sample_temperature)

    def spacing(self, metric: Manifold, narrowest: float) -> int:
        """On a curve: of how many nodes that attend to each other one is looked at."""
        (count,) = nodes_for(metric, narrowest)
        return -(-count // CURVE_POINTS)

    def shown(self) -> np.ndarray:
        """Chart points at which attention with the learned metric is looked at."""
        m = self.density.manifold
        if self.surface:
            return chart_quadrature(m, SURFACE_POINTS)[0]
        every = self.spacing(self.learned, self.narrowest)
        return chart_quadrature(m, every * CURVE_POINTS)[0][::every]

    def glyphs(self) -> np.ndarray:
        """Chart points (n, 2) of a surface at which the diffusion tensor of samples is measured."""
        return cell_centres(self.density.manifold, GLYPHS)

    def glyph_row(self) -> np.ndarray:
        """Which of them lie on one line of the first coordinate."""
        return np.arange(GLYPHS[0]) * GLYPHS[1] + GLYPH_ROW

    def rng(self, *stream: int):
        return np.random.default_rng([self.parameters.seed, self.index, *stream])

    def weighted(self) -> Manifold:
        """(M, G) of the scores weighted by w: G = w g."""
        m = self.density.manifold
        return with_metric(m, m.expression("weight", WEIGHT.format("x")) * m.metric_expression)


@cache
def _case(parameters, index):
    p = reference_density(parameters.manifolds[index], parameters.density)
    m, rank = require_closed(p.manifold, "learned_metric"), parameters.ranks[index]
    if m.dim > 2:
        raise InputError(
            f"manifolds: got {m.name} of dimension {m.dim}, expected curves or surfaces"
        )
    if not m.dim < rank <= m.ambient_dim:
        raise InputError(
            f"ranks: got {rank} on {m.name}, expected {m.dim + 1} to {m.ambient_dim}: no "
            f"closed manifold of dimension d is immersed in R^d"
        )
    w = random_matrix(np.random.default_rng([parameters.seed, index, 0]), rank, m.ambient_dim)
    return Case(
        parameters, index, short_names(parameters.manifolds)[index], p, w, pulled_back(m, w)
    )


SMALL = {
    "manifolds": ("ellipse(a=1.5)", "torus"), "ranks": (2, 3), "n_tokens": 1000, "n_levels": 4, "n_seeds": 60,
}  # fmt: skip
LONG = {"n_tokens": 4000, "n_levels": 7, "n_seeds": 600}


def weighted_score(which: str, ambient_dim: int) -> Score:
    """f = w |x - y|^2 with w of the key, or the symmetric score of the same metric G = w g."""
    distance = " + ".join(f"(x{k} - y{k})**2" for k in range(1, ambient_dim + 1))
    weights = {
        KEY_WEIGHTED: WEIGHT.format("y"),
        SYMMETRIC: f"sqrt({WEIGHT.format('x')}*{WEIGHT.format('y')})",
    }
    return score(f"{weights[which]}*({distance})", ambient_dim)


def short_names(specs) -> list[str]:
    """How tables call each manifold: by its name alone where no other has it, else in full."""
    short = [
        "space curve" if spec.strip().startswith("(") else spec.partition("(")[0].strip()
        for spec in specs
    ]
    pairs = zip(short, specs, strict=True)
    return [name if short.count(name) == 1 else spec for name, spec in pairs]


def random_matrix(rng, rank: int, dim: int) -> np.ndarray:
    """A random W (rank, dim): Haar rotations about singular values over STRETCH, product 1.

    Below full rank W = W' (1 | b) with b uniform in [-0.3, 0.3]: it forgets a direction near the
    last axes, never one in which a curve that winds about them doubles back.
    """
    values = np.geomspace(STRETCH**-0.5, STRETCH**0.5, rank)
    left, right = (scipy.stats.ortho_group.rvs(rank, random_state=rng) for _ in range(2))
    forgotten = np.hstack([np.eye(rank), rng.uniform(-0.3, 0.3, (rank, dim - rank))])
    return left * values @ right @ forgotten
