"""Claim `universality`: every transformation of a metric gives the same diffusion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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
from theory.clocks import moment_temperature_for, next_term, temperature_for
from theory.setting.checks import InputError, one_of, value_of, whole, within
from theory.setting.densities import Density
from theory.setting.hypotheses import (
    check_levels,
    check_manifolds,
    require_resolved,
    require_varying,
)
from theory.setting.pseudo_metrics import (
    PseudoMetric,
    dot_product,
    geodesic_sphere,
    transformed_distance,
)
from theory.setting.references import reference_density

CLAIM = Claim(
    name="universality",
    rank=4,
    title="Every transformation of a metric gives the same diffusion",
    statement=(
        r"For $f = \varphi(\mathrm{dist})$ with $\varphi(r) \sim c\,r^a$, the limit of "
        r"$(A - I)/\tau$ and of $A^k H$ at $k \tau = T$ does not depend on $\varphi$: only the "
        r"clock does, $\tau = \frac{m_2}{2} (\varepsilon/c)^{2/a}$ with "
        r"$m_2 = \Gamma(\frac{d+2}{a})/(d\,\Gamma(\frac{d}{a}))$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'The clock' and 'Universality'",
    hypotheses=r"closed manifold, smooth positive density, $f$ a transformation of a metric",
    predicted=(
        r"drift coefficient 2 and the clock $\tau$ for every $\varphi$; $r^2 + r^3$: clock "
        r"$\tau (1 - C_d \sqrt{\varepsilon})$, $C_1 = 1.693$, $C_2 = 1.994$"
    ),
    order=r"1 in $\tau$; $q/2$ where $\varphi = c\,r^a(1 + b\,r^q + \ldots)$ with $q < 2$",
    paper=Paper(
        AS_THE_PAPER_SAYS,
        "The abstract asks only that the pseudo-metric be a transformation of a metric; the "
        "clock of each transformation is derived here.",
    ),
)

MANIFOLDS = ("circle", "sphere")  # of radius 1, where queries have quadrature nodes of their own
SMALLEST, LARGEST = "smallest", "largest"
# phi with a cubic term, and the two distances, at the same temperatures: eps = 4 tau for all
CUBIC, CHORD, GEODESIC = "r**2 + r**3", "r**2", "geodesic(r**2)"
ELLIPSE, DOT_PRODUCT = "ellipse(a=2, b=1)", "dot product"
LEVEL_RATIO = 4  # of the clocks of neighbouring levels: h halves, errors are powers of h
COARSEST_ELLIPSE_CLOCK, ELLIPSE_LEVELS = 0.02, 5
LEAST_CLOCK = 4e-6  # of the last level: below, orders show the rounding of A^k H


def drift(manifold: str, which: str) -> str:
    return f"{manifold}: drift coefficient of tokens, tau -> 0, {which} over phi"


def clock(manifold: str, which: str) -> str:
    return f"{manifold}: clock/tau, N = infinity, tau -> 0, {which} over phi"


def evolved(manifold: str, score: str) -> str:
    return f"{manifold}: A^k H -> e^(TL) H, phi = {score}: order in sqrt(tau)"


def slowing(manifold: str) -> str:
    return f"{manifold}: (1 - clock/tau)/sqrt(eps) of phi = {CUBIC}, eps -> 0"


def repaired(manifold: str) -> str:
    return f"{manifold}: phi = {CUBIC}, clock of its moments: order in sqrt(tau)"


def chord(manifold: str) -> str:
    return f"{manifold}: (clock(chord)/clock(geodesic) - 1)/tau, tau -> 0"


OFF_THE_SPHERE = "ellipse: (A - I)H/tau -> L H, phi = r**2: order in tau"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(MANIFOLDS, "Manifold: circle or sphere, of radius 1.")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    scores: tuple[str, ...] = option(
        (
            "r**2", "r", "r**1.5", "log(1 + r**2)", "geodesic(r**2)", "geodesic(r)",
            "dot product", "r**2 + r**3",
        ),
        "Score: a formula in the distance r, geodesic(a formula), or 'dot product'.",
    )  # fmt: skip
    time: float = option(0.24, "Diffusion time T of A^k H.")
    n_steps: int = option(12, "Steps k to time T at the coarsest level.", least=4, bytes=8)
    n_levels: int = option(5, "Levels, each with four times the steps of the one before.")
    n_tokens: int = option(
        4000,
        "Tokens of a sample on the sphere; half as many on the circle.",
        least=400,
        bytes=TOKEN_BYTES,
    )
    sample_clock: float = option(0.02, "Clock tau of the samples.")
    n_seeds: int = option(12, "Samples.", least=5, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        for name in check_manifolds(self.manifolds):
            one_of("manifolds", name, MANIFOLDS)
            require_varying(self.tokens_density(name), "universality")
        if not self.scores or len(set(self.scores)) < len(self.scores):
            given = ", ".join(self.scores) or "none"
            raise InputError(f"scores: got {given}, expected one or more, each named once")
        for name in self.scores:
            check_score(name)
        within("time", self.time, 0.01, 2.0)
        check_levels("n_levels", self.n_levels)
        finest = self.time / (self.n_steps * LEVEL_RATIO ** (self.n_levels - 1))
        if finest < LEAST_CLOCK:
            raise InputError(
                f"n_levels: got {self.n_levels} with n_steps {self.n_steps} and time {self.time:g}, "
                f"a last clock of {finest:.2g}, expected {LEAST_CLOCK:g} or more: below is rounding"
            )
        for name in self.manifolds:
            require_resolved(self.tokens_density(name), float(self.clocks()[-1]))
        within("sample_clock", self.sample_clock, 1e-4, 0.1)
        whole("seed", self.seed, 0)

    def tokens_density(self, manifold: str) -> Density:
        return reference_density(manifold, self.density)

    def steps(self) -> np.ndarray:
        """Steps k of each level."""
        return self.n_steps * LEVEL_RATIO ** np.arange(self.n_levels)

    def clocks(self) -> np.ndarray:
        """Clock tau of each level: the steps reach the time T."""
        return self.time / self.steps()

    def studied(self) -> tuple[str, ...]:
        """The scores that are followed over the levels: those asked for, and those with a constant."""
        return tuple(dict.fromkeys([*self.scores, CUBIC, CHORD, GEODESIC]))

    def sample_size(self, dim: int) -> int:
        return self.n_tokens // (2 if dim == 1 else 1)


SMALL = {
    "scores": ("r**2", "r"), "n_levels": 4, "n_tokens": 1000, "n_seeds": 6,
}  # fmt: skip
LONG = {"n_levels": 6, "n_tokens": 12_000, "n_seeds": 40}


def score(name: str) -> PseudoMetric:
    """The score of that name; InputError if it cannot be read."""
    if name == DOT_PRODUCT:
        return dot_product()
    if name.startswith("geodesic(") and name.endswith(")"):
        return geodesic_sphere(phi_of(name))
    return transformed_distance(name)


def phi_of(name: str) -> str:
    """The formula phi(r) of a score: of the dot product, |x - y|^2/2 up to a constant."""
    if name == DOT_PRODUCT:
        return "r**2/2"
    return (
        name.removeprefix("geodesic(").removesuffix(")") if name.startswith("geodesic(") else name
    )


@cache
def check_score(name: str) -> None:
    """Refuse a phi that is not least at distance 0, or whose clock is right beyond reach only."""
    with value_of("scores", name, "phi"):
        f = score(name)
    arcs = np.linspace(0.0, np.pi, 721)
    x = np.stack([np.cos(arcs), np.sin(arcs)], axis=1)
    phi = f.paired(np.tile(x[:1], (len(x), 1)), x)
    if not (np.isfinite(phi).all() and (phi[1:] > phi[0]).all()):
        raise InputError(f"scores: {name!r} is not least at distance 0, expected a phi that is")
    term = next_term(phi_of(name))
    if term is not None and term[1] < 1:
        raise InputError(
            f"scores: {name!r} has a next term of relative order {term[1]:g} in r, expected 1 or "
            f"more: the errors of its clock, of order {term[1] / 2:g} in tau, cannot be followed"
        )


def at_clock(name: str, dim: int, tau: float) -> tuple[PseudoMetric, float]:
    """(score, the temperature at which its leading clock is tau)."""
    f = score(name)
    return f, temperature_for(f.power_law, dim, tau)


def at_moment_clock(dim: int, tau: float) -> tuple[PseudoMetric, float]:
    """(phi = r^2 + r^3, the temperature at which the clock of its moments is tau)."""
    return score(CUBIC), moment_temperature_for(CUBIC, dim, tau)


def ellipse_clocks() -> np.ndarray:
    return COARSEST_ELLIPSE_CLOCK / 2.0 ** np.arange(ELLIPSE_LEVELS)
