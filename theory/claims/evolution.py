"""Claim `evolution`: A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at k tau = T.

Temperatures are tied to steps, eps with clock T/k, and steps to tokens: N proportional to
k^((d+6)/2), that is eps ~ N^(-2/(d+6)).
"""

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
from theory.clocks import temperature_for
from theory.setting.checks import InputError, shown, whole, within
from theory.setting.densities import Density
from theory.setting.hypotheses import (
    check_manifolds,
    require_closed,
    require_function,
    require_resolved,
    require_varying,
)
from theory.setting.manifolds import Manifold
from theory.setting.nodes import as_typed, enough_nodes
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density, scattered_points, scattered_probes

CLAIM = Claim(
    name="evolution",
    rank=3,
    title="Iterated attention solves the drift-diffusion equation",
    statement=(
        r"$A^k H$ tends to the solution of $\partial_t H = p^{-2} \mathrm{div}(p^2 \nabla H)$ at "
        r"time $k \tau$, on a curve, a torus of revolution and a sphere: of all drift coefficients "
        r"and clocks, 2 and $\tau$ fit samples best, and the error falls at least as fast as "
        r"$N^{-2/(d+6)}$ at $\varepsilon \sim N^{-2/(d+6)}$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Evolution'",
    hypotheses=(
        "i.i.d. tokens of a smooth positive density, "
        "temperature tied to N by a law declared beforehand"
    ),
    predicted=r"drift coefficient 2 and clock 1, in units of $\tau$, of the evolved features",
    order=(
        r"at least $2/(d+6)$ in $N$, a bound: it rejects the equations that the noise of a sample "
        r"lets it tell apart, and the coefficients the others; 1 in $\tau$ at $N = \infty$"
    ),
    paper=Paper(
        AS_THE_PAPER_SAYS,
        "The abstract says that self-attention converges to a drift-diffusion process; the "
        "rate in $N$ follows arXiv 2605.25383.",
    ),
)

# --- the design ---

PROBES = {1: 48, 2: 160, 3: 160}  # points that are no tokens, at which A^k H is looked at
NODE_LEVELS = (0.25, 0.5, 1.0, 2.0)  # steps at N = infinity over those of the samples
N_SIZES = 4  # sizes N of the study of the error, from half of the steps to all of them
# smaller samples are cheap, and there are more of them: a quarter as many as they are smaller
MOST_REPEATS = 4
SHOWN = {1: (400,), 2: (72, 72), 3: (72, 72, 1)}  # points of the picture per axis, by dimension
# the surface that the report turns, places on it, and the steps k it shows: to three times T
SURFACE, PLACES = "torus", 3000
SURFACE_STEPS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24)

# --- the names ---

SAMPLES, NODES = "i.i.d. tokens", "N = infinity"


def features(manifold: str, where: str) -> str:
    return f"{manifold}: A^k H, {where}"


def drift(manifold: str, where: str) -> str:
    return f"{manifold}: drift coefficient of A^k H, {where}"


def clock(manifold: str, where: str) -> str:
    return f"{manifold}: clock/tau of A^k H, {where}"


def order_in_tokens(manifold: str) -> str:
    return f"{manifold}: root mean square error of A^k H, order in 1/N"


def size(manifold: str, steps: int) -> str:
    return f"{manifold}: root mean square of A^k H at the probes, N = infinity, k = {steps}"


def order_in_clock(manifold: str) -> str:
    return f"{manifold}: A^k H -> e^(TL) H, N = infinity: order in tau"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "sphere", "torus"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    features: str = option("sin(3*x1/2) + cos(2*x2)/2", "Features H at time 0, a formula.")
    time: float = option(0.2, "Diffusion time T at which A^k H is looked at.")
    n_tokens: int = option(
        100_000, "Tokens of a sample of the largest size.", least=100, bytes=TOKEN_BYTES
    )
    n_steps: int = option(8, "Steps k to time T of a sample; a multiple of 4.", least=8, bytes=8)
    n_seeds: int = option(
        16,
        "Samples of the largest size, up to four times as many smaller ones.",
        least=3,
        bytes=64 * SAMPLE_BYTES,
    )
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("time", self.time, 0.01, 5.0)
        if self.n_steps % 4:
            raise InputError(f"n_steps: got {self.n_steps}, expected a multiple of 4")
        whole("seed", self.seed, 0)
        with as_typed("time", self.time, "n_steps", self.n_steps, 5.0) as ask:
            for name in check_manifolds(self.manifolds):
                p = self.tokens_density(name)
                require_closed(p.manifold, "evolution")
                require_varying(p, "evolution")
                self.check_features(p.manifold)
                for k in self.node_steps():
                    ask(self.temperature(p.manifold, k), partial(enough_nodes, p.manifold))
        for name in self.manifolds:
            require_resolved(self.tokens_density(name), self.time / self.node_steps()[-1])

    def check_features(self, m: Manifold) -> None:
        if not require_function(m, "features", self.features).free_symbols:
            raise InputError(
                f"features: got {shown(self.features)}, which is constant on {m.name}, "
                f"expected a function that varies"
            )

    def tokens_density(self, manifold: str) -> Density:
        return reference_density(manifold, self.density)

    def temperature(self, m: Manifold, steps: int) -> float:
        """The temperature at which so many steps are declared to reach time T."""
        return temperature_for(GAUSSIAN.power_law, m.dim, self.time / steps)

    def node_steps(self) -> list[int]:
        """Steps of the levels at N = infinity."""
        return [round(share * self.n_steps) for share in NODE_LEVELS]

    def sizes(self, m: Manifold) -> list[tuple[int, int]]:
        """(steps k, tokens N) of the samples of each size: N proportional to k^((d+6)/2)."""
        power, last = (m.dim + 6) / 2, self.n_steps
        shares = np.geomspace(last / 2, last, N_SIZES)
        steps = np.unique(np.round(shares).astype(int)).tolist()
        return [(k, max(2, round(self.n_tokens * (k / last) ** power))) for k in steps]

    def repeats(self, m: Manifold) -> list[int]:
        """Samples of each size over those of the largest."""
        return [min(MOST_REPEATS, max(1, round(self.n_tokens / (4 * n)))) for _, n in self.sizes(m)]


SMALL = {"manifolds": ("circle", "sphere"), "n_tokens": 6000, "n_seeds": 8}
LONG = {"n_tokens": 400_000, "n_steps": 12, "n_seeds": 24}


def probe_points(p: Density) -> tuple[np.ndarray, np.ndarray]:
    """Fixed chart points (n, d) and their weights p dV (n,), of sum 1."""
    return scattered_probes(p, PROBES[p.manifold.dim])


def shown_points(m: Manifold) -> np.ndarray:
    """Chart points (n, d) of the picture: centres of equal cells of the chart, in C order.

    In three dimensions, of its slice in the middle of the third axis.
    """
    counts = SHOWN[m.dim]
    lines = [
        axis.low + axis.length * (np.arange(n) + 0.5) / n
        for axis, n in zip(m.axes, counts, strict=True)
    ]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)


def surface_places(p: Density) -> np.ndarray:
    """Chart points (n, d) as dense as p dV, at most PLACES: scattered ones, thinned by rejection."""
    m = p.manifold
    u = scattered_points([(axis.low, axis.high) for axis in m.axes], 8 * PLACES)
    mass = p(u) * m.volume(u)
    # heights of a sequence that is as even as that of the points would leave stripes
    height = np.random.default_rng(PLACES).random(len(u))
    return u[height < mass / mass.max()][:PLACES]
