"""Claim `moving_tokens`: X <- A X moves tokens with the velocity Hvec + 2 grad log p."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import positive, whole
from theory.setting.densities import Density
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_closed,
    require_resolved,
    require_varying,
)
from theory.setting.manifolds import Manifold
from theory.setting.nodes import MOST_NODES, as_typed, nodes_for
from theory.setting.references import reference_density

CLAIM = Claim(
    name="moving_tokens",
    rank=10,
    title="Tokens moved by attention follow the mean curvature and twice the drift up log p",
    statement=(
        r"The map $X \leftarrow A X$ moves a token with velocity $\vec H + 2 \nabla \log p$, "
        r"$\vec H$ the mean curvature vector (the trace of the second fundamental form). Following "
        r"a token, $\dot p = |\vec H|^2 p - 2 p\,\Delta \log p$: a uniform sphere shrinks by mean "
        r"curvature, and in flat space what is left is the heat equation run backwards."
    ),
    source=(
        "Ruan and Zhang (arXiv 2412.18288), the limit applied to the tokens themselves; "
        "docs/theory.md, 'Moving tokens'"
    ),
    hypotheses=(
        r"closed manifold, smooth positive density, $f = |x-y|^2/4$; the density's equation before "
        "clusters form"
    ),
    predicted=(
        r"coefficient 1 along the normal, 2 along the manifold; $R^2 = R_0^2 - 2 d t$; "
        r"$s \to s^3/(s^2 + 2\varepsilon)$"
    ),
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "The paper moves features, not tokens; this is its limit applied to the tokens themselves.",
    ),
)

# marked tokens per chart axis, odd numbers, whose density is followed, by the dimension
MARKS = {1: (151,), 2: (41, 31)}
# they are few, so their temperatures can be lower by these factors, where an order is seen
SHARPER = {1: 16, 2: 4}
# on the flat circle, whose other half is out of reach of these kernels
FLAT_TOKENS, FLAT_TEMPERATURES = 401, (0.04, 0.02, 0.01, 0.005, 0.0025)

# uniform spheres fall from R^2 = 1 to 1 - FALL, in more and more steps
SPHERES = ("circle", "sphere")
FALL = 0.4
SPHERE_STEPS = (2, 4, 8, 16)
# the same spheres to the end: steps of which VANISHING reach R^2 = 0
VANISHING, FOLLOWED, JUDGED = 20, 22, 16
SAMPLE_TEMPERATURE, SAMPLE_STEPS = 0.05, 3
GAUSSIAN_TEMPERATURE, GAUSSIAN_STEPS, GAUSSIAN_NODES = 0.1, 3, 161

# places whose one step the figure of the drift field shows, by manifold with its density; a
# temperature at which a step is near its limit
FIELDS = {"flat_torus(dim=2)": "exp(2*x1*x3/3 + x2/2)", "sphere": "exp(x*y + z/2)"}
FIELD_MESH, FIELD_POINTS, FIELD_TEMPERATURE = 13, 220, 0.0025

FLAT = "flat circle: d log p/dt following a token"
FLAT_CONSTANT = "flat circle: d log p/dt where Laplacian log p = 0"
FLAT_BENDING = "flat circle: coefficient of Laplacian log p in d log p/dt"
SPHERE_SAMPLE = f"uniform sphere: fall of R^2 in {SAMPLE_STEPS} steps, i.i.d. tokens at eps"
WIDTH = f"Gaussian tokens: s after {GAUSSIAN_STEPS} steps, on nodes"
SHAPE = f"Gaussian tokens: distance from a Gaussian after {GAUSSIAN_STEPS} steps"
WIDTH_SAMPLE = f"Gaussian tokens: s after {GAUSSIAN_STEPS} steps, i.i.d. tokens"


def drift_limit(name: str) -> str:
    return f"{name}: drift coefficient of the velocity, eps -> 0"


def clock_limit(name: str) -> str:
    return f"{name}: normal velocity over Hvec, eps -> 0"


def drift_sample(name: str) -> str:
    return f"{name}: drift coefficient of the velocity, i.i.d. tokens at eps"


def clock_sample(name: str) -> str:
    return f"{name}: normal velocity over Hvec, i.i.d. tokens at eps"


def density_rate(name: str) -> str:
    return f"{name}: d log p/dt following a token"


def density_order(name: str) -> str:
    return f"{name}: order in tau of d log p/dt -> |Hvec|^2 - 2 Laplacian log p"


def density_curvature(name: str) -> str:
    return f"{name}: coefficient of |Hvec|^2 in d log p/dt"


def density_bending(name: str) -> str:
    return f"{name}: coefficient of Laplacian log p in d log p/dt"


def sphere_fall(name: str) -> str:
    return f"uniform {name}: fall of R^2 over time, eps -> 0"


def sphere_square(name: str) -> str:
    return f"uniform {name}: R^2 after {JUDGED} of {VANISHING} steps to the end"


def field_points(name: str) -> np.ndarray:
    """Chart points (n, 2) of the drift field: a mesh on the torus, evenly spread on the sphere."""
    if name == "sphere":
        # Gonzalez 2010: a spiral whose turns are golden
        k = np.arange(FIELD_POINTS)
        turn = np.pi * (3 - np.sqrt(5))
        return np.stack([np.arccos(1 - (2 * k + 1) / FIELD_POINTS), turn * k % (2 * np.pi)], axis=1)
    line = 2 * np.pi * (np.arange(FIELD_MESH) + 0.5) / FIELD_MESH
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


def fall_time(dim: int) -> float:
    """The time in which a uniform unit sphere S^d is to fall to R^2 = 1 - FALL."""
    return FALL / (2 * dim)


def vanishing_temperature(dim: int) -> float:
    """The temperature at which VANISHING steps take the time at which R^2 reaches 0."""
    return 1 / (2 * dim * VANISHING)


def has_fourier_chart(m: Manifold) -> bool:
    """Whether marked tokens can be differentiated along the chart: a closed curve or a torus."""
    return m.dim in MARKS and all(axis.kind == "periodic" for axis in m.axes)


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("ellipse", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    n_tokens: int = option(4000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    temperature: float = option(0.08, "Temperature eps of the samples, largest of the levels.")
    n_levels: int = option(5, "Temperatures on quadrature nodes, each half the one before.")
    n_seeds: int = option(60, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        # refuses a kernel too wide, and what would take hours, before anything is computed
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels) as ask:
            for name in self.manifolds:
                m = self.tokens_density(name).manifold
                ask(self.temperatures(), partial(nodes_for, m, limit=MOST_NODES))
                if has_fourier_chart(m):
                    ask(self.marked_temperatures(m.dim), partial(nodes_for, m))
        for name in self.manifolds:
            require_resolved(self.tokens_density(name), self.temperatures()[-1])

    def tokens_density(self, name: str) -> Density:
        p = require_varying(reference_density(name, self.density), "moving_tokens")
        require_closed(p.manifold, "moving_tokens")
        return p

    def temperatures(self) -> list[float]:
        """Temperatures of the levels."""
        return [self.temperature / 2**k for k in range(self.n_levels)]

    def marked_temperatures(self, dim: int) -> list[float]:
        """Temperatures of the levels of the marked tokens on a manifold of that dimension."""
        return [eps / SHARPER[dim] for eps in self.temperatures()]


SMALL = {"manifolds": ("ellipse", "sphere"), "n_tokens": 2000, "n_levels": 4, "n_seeds": 24}
LONG = {"n_tokens": 16_000, "n_levels": 5, "n_seeds": 100}
