"""Claim `spectrum`: the eigenvalues of attention are those of exp(tau L)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density, density
from theory.setting.hypotheses import check_levels, require_resolved
from theory.setting.manifolds import manifold
from theory.setting.nodes import MOST_NODES, as_typed, nodes_for

CLAIM = Claim(
    name="spectrum",
    rank=8,
    title="The spectrum of attention",
    statement=(
        r"The eigenvalues $\mu_k$ of attention are those of $\exp(\tau L)$: $(1 - \mu_k)/\tau$ "
        r"tends to $k^2$ on the circle, $l(l+1)$ on the sphere, $2k/s^2$ for Gaussian tokens, each "
        "as often as its multiplicity, with closed forms at any temperature."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Spectra'",
    hypotheses=(
        "symmetric transformed metric; uniform or Gaussian tokens for the closed forms, any "
        "density on a curve for the limit"
    ),
    predicted=r"$(1 - \mu)/\tau \to \lambda$; multiplicities 2 and 2l + 1; ratios of Bessel functions",
    order=r"1 in $\tau$",
    paper=Paper(
        NEW,
        "It follows from the limit that the paper states; the closed forms are classical.",
    ),
)

# temperatures on nodes begin at four times that of the samples, where the limit is in reach, and end
# below it, where fewer tokens would be alone with themselves
LEVEL_OF_SAMPLES = 2
# how many of the smallest eigenvalues of -L are averaged: a mean has no bias from their splitting,
# and a sample splits even those that are only nearly equal, as pairs on a curve are
LEADING = (3, 8, 15)
LEADING_CURVE = (2, 4)
# the widest gaps cut the first COUNTED eigenvalues of a sample into so many groups; the last of
# them ends with the list and not at a gap, and is not judged
COUNTED, GROUPS = 20, 5
LIMITS_CIRCLE, LIMITS_LINE, LIMITS_CURVE = (1, 2, 3, 6), (1, 4), (1, 2, 3, 4, 5)

# eigenvalues at any temperature: dot product on spheres of this radius, Gaussian kernel elsewhere
RADIUS, DOT_TEMPERATURE = 1.5, 1.0
SPHERES = {1: ("circle", 32), 2: ("sphere", (16, 28)), 3: ("sphere3", (12, 18, 20))}
TORUS_NODES = 36
EXACT_LINE = (1, 8)
EXACT_SPHERES = {1: (1, 2, 3), 2: (1, 3, 4), 3: (1, 4, 5)}
EXACT_TORUS = (1, 4, 5)
HERMITE_DEGREE = 4
# effective neighbours N p 4 pi eps of a token on the uniform sphere, N eps
LEAST_NEIGHBOURS = 20


def leading(count: int) -> str:
    return f"sphere, i.i.d. tokens: mean of the first {count} (1 - mu)/tau, eps -> 0"


def curve_mean(count: int) -> str:
    return f"circle, any p, i.i.d. tokens: mean of the first {count} (1 - mu)/tau at eps"


def limit(where: str, k: int) -> str:
    return f"{where}: (1 - mu_{k})/tau, eps -> 0"


def group_size(level: int) -> str:
    return f"sphere, i.i.d. tokens: eigenvalues between gaps, group {level}"


def exact(where: str, k: int) -> str:
    return f"{where}: mu_{k} at eps"


LINE, CIRCLE, CURVE, TORUS = "Gaussian line", "circle", "circle, any p", "Clifford torus"
STATIONARY = "Gaussian line: variance of the stationary law"
HERMITE = (
    f"Gaussian line: <x^{HERMITE_DEGREE}, eigenfunction {HERMITE_DEGREE}> in the stationary law"
)


def sphere_name(dim: int) -> str:
    return f"S^{dim}, dot product"


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(3000, "Tokens of a sample.", least=200, bytes=2 * TOKEN_BYTES)
    temperature: float = option(0.05, "Temperature eps of the samples, and of the closed forms.")
    density: str = option("exp(x/2 + x*y/2)", "Token density on the circle, not uniform.")
    deviation: float = option(1.3, "Standard deviation s of the Gaussian tokens on the line.")
    n_levels: int = option(
        5, "Temperatures on quadrature nodes, from four times the samples', each half the last."
    )
    n_seeds: int = option(16, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, 2e-3, 0.2)
        within("deviation", self.deviation, 1e-3, 1e3)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        if self.n_tokens * self.temperature < LEAST_NEIGHBOURS:
            raise InputError(
                f"n_tokens: got {self.n_tokens} at temperature {self.temperature:g}, expected at "
                f"least {LEAST_NEIGHBOURS / self.temperature:.0f}: half of them keep their "
                f"neighbours apart"
            )
        if self.temperature > self.deviation**2 / 16:
            raise InputError(
                f"temperature: got {self.temperature:g}, expected at most s^2/16 = "
                f"{self.deviation**2 / 16:g} with deviation {self.deviation:g}"
            )
        if self.curve_density().is_uniform:
            raise InputError("density: got a uniform one, expected one that varies")
        with as_typed("temperature", self.temperature, "n_levels", self.n_levels, 0.2) as ask:
            rule = partial(nodes_for, manifold("sphere"), limit=MOST_NODES)
            ask(self.temperatures(), rule)
        require_resolved(self.curve_density(), self.temperatures()[-1])

    def temperatures(self) -> np.ndarray:
        """Temperatures of the levels on nodes; that of LEVEL_OF_SAMPLES is the samples'."""
        return self.temperature * 2.0 ** (LEVEL_OF_SAMPLES - np.arange(self.n_levels))

    def curve_density(self) -> Density:
        return density(manifold("circle"), self.density)

    def line_density(self) -> Density:
        """Gaussian tokens N(0, s^2)."""
        return density(manifold("line"), f"exp(-u**2/{2 * self.deviation**2!r})")


SMALL = {"n_tokens": 800, "n_levels": 4, "n_seeds": 6}
