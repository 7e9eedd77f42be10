"""Claim `transport`: attention to all keys at low temperature is a transport map with a correction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.claims import NEW, SAMPLE_BYTES, TOKEN_BYTES, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.heads import STRETCH, asymmetric_score, head
from theory.setting.hypotheses import (
    check_levels,
    require_closed,
    require_resolved,
    require_unique_minimum,
)
from theory.setting.nodes import as_typed, nodes_for
from theory.setting.references import probe_features, reference_density, scattered_points
from theory.setting.scores import Score, bilinear, score

CLAIM = Claim(
    name="transport",
    rank=7.1,
    title="Global attention at low temperature: a transport map",
    statement=(
        r"With all keys and $\varepsilon \to 0$ attention with a smooth score $f$ is the map "
        r"$x \to y^*(x) = \arg\min f(x, \cdot)$, with a correction of order $\varepsilon$: "
        r"diffusion, drift up the density and the skewness of the score, at $y^*$. Two minimisers "
        r"of equal depth share by $p \det(F)^{-1/2}$, $F$ the Hessian of the score there."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Transport'",
    hypotheses=r"closed manifold, smooth positive density, a unique non-degenerate minimiser",
    predicted=r"$A H \to H(y^*)$; correction coefficients 1 and 2 on the sphere, 1, 1, 1 in general",
    order=r"1 in $\varepsilon$; 1/2 at a minimum of fourth order",
    paper=Paper(
        NEW,
        "The other case of the first-order analysis that the abstract announces, derived "
        "here: all keys, low temperature.",
    ),
)

# a pull towards y1 = 3, so that the minimiser is unique on the torus for every query
GENERAL = "-2*y1 - (2*x1*y1 + 3*x2*y3 - 2*x3*y2 + x2*y2)/6 + sin(y2 - x1)/3"
TWO_MINIMA = "y1**2*(1 + x1*y1/4 + x1*y2/2)"  # circle: at pi/2, 3 pi/2, curvatures 2 +- x1
QUARTIC = "(1 - x1*y2 + x2*y1)**2"  # circle: y* a quarter turn ahead, f = angle^4/4 + ...
N_PROBES = 48  # queries, at fixed places
MOST_NODES = 2_000_000  # keys of these few queries
TEMPERATURES = (0.001, 0.5)  # laws near their limits, and far from rounding

MAP = "sphere, W_Q != W_K: order of A H -> H(y*) in eps"
DRIFT = "sphere, W_Q != W_K: drift up the density at y*"
DIFFUSION = "sphere, W_Q != W_K: diffusion at y*"
SHARES = "circle, two minima: order of A H -> shares of H in eps"
DEGENERATE = "circle, minimum of 4th order: order in sqrt(eps)"
SPREAD = "sphere, i.i.d. tokens: mean variance of the attended keys"


def map_order(manifold: str) -> str:
    return f"{manifold}, general f: order of A H -> H(y*) in eps"


def spread_term(manifold: str) -> str:
    return f"{manifold}, general f: coefficient of tr(F^-1 d2H)/2"


def density_term(manifold: str) -> str:
    return f"{manifold}, general f: coefficient of <F^-1 d log q, dH>"


def skew_term(manifold: str) -> str:
    return f"{manifold}, general f: coefficient of -<F^-1 (F^-1 : d3f), dH>/2"


def slope_order(manifold: str) -> str:
    return f"{manifold}, general f: order of the correction in eps"


@dataclass(frozen=True)
class Parameters:
    manifold: str = option("torus", "Closed manifold without poles, of the general score.")
    score: str = option(GENERAL, "Score there, a formula in x1.. (query) and y1.. (key).")
    density: str = option("reference", "Token density, a formula; 'reference' for the suite's.")
    temperature: float = option(0.1, "Temperature eps of the samples, largest of the levels.")
    n_levels: int = option(5, "Temperatures with a correction, each half the one before.")
    n_tokens: int = option(3000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    n_seeds: int = option(24, "Samples.", least=3, bytes=SAMPLE_BYTES)
    seed: int = option(20241218, "Seed of all random numbers, W_Q and W_K included.")

    def __post_init__(self):
        check_counts(self)
        within("temperature", self.temperature, *TEMPERATURES)
        check_levels("n_levels", self.n_levels)
        whole("seed", self.seed, 0)
        case = self.general()
        if any(axis.kind != "periodic" for axis in case.density.manifold.axes):
            raise InputError(
                f"manifold: got {self.manifold}, expected one whose chart has no poles and no "
                f"ends, such as torus or ellipse"
            )
        require_unique_minimum(case.score, case.density.manifold, case.probes)
        with as_typed(
            "temperature", self.temperature, "n_levels", self.n_levels, TEMPERATURES[1]
        ) as ask:
            for each in self.cases():
                ask(self.temperatures(), each.nodes)
        for each in self.cases():
            require_resolved(each.density, self.temperatures()[-1] / (2 * each.curvature))

    def temperatures(self) -> np.ndarray:
        """One more than the corrections, which are differences of neighbours."""
        return self.temperature / 2.0 ** np.arange(self.n_levels + 1)

    def head(self) -> Case:
        """A dot product with W_Q != W_K on the unit sphere."""
        w = head(np.random.default_rng([self.seed, 2, 0]), 3)
        return Case("sphere", reference_density("sphere", self.density), bilinear(w), STRETCH)

    def general(self) -> Case:
        """The general score on its manifold."""
        p = reference_density(self.manifold, self.density)
        m = require_closed(p.manifold, CLAIM.name)
        f = asymmetric_score("score", self.score, m, np.random.default_rng([self.seed, 2, 1]))
        return Case(self.manifold, p, f, f.key_curvature(m))

    def two_minima(self) -> Case:
        return Case("circle", reference_density("circle", self.density), score(TWO_MINIMA, 2), 4.0)

    def degenerate(self) -> Case:
        # at its bottom f bends with angle^2: its width is that of a curvature sqrt(eps)
        return Case("circle", reference_density("circle", self.density), score(QUARTIC, 2), 4.0)

    def cases(self) -> list[Case]:
        return [self.head(), self.general(), self.two_minima(), self.degenerate()]


@dataclass(frozen=True)
class Case:
    """A score on a manifold; curvature: a bound of its second derivatives in the key."""

    name: str
    density: Density
    score: Score
    curvature: float

    @cached_property
    def features(self) -> list:
        return probe_features(self.density.manifold)

    @cached_property
    def probes(self) -> np.ndarray:
        """Queries, chart points (n, d)."""
        return scattered_points([(a.low, a.high) for a in self.density.manifold.axes], N_PROBES)

    def nodes(self, temperature: float) -> tuple[int, ...]:
        """Keys per axis: the weights are no sharper than Gaussians of variance eps/curvature,
        those of the Gaussian kernel at eps/(2 curvature)."""
        widest = min(a.length for a in self.density.manifold.axes) ** 2 / 32
        kernel = min(temperature / (2 * self.curvature), widest)
        return nodes_for(self.density.manifold, kernel, MOST_NODES)


SMALL = {"n_levels": 4, "n_tokens": 1500, "n_seeds": 16}
LONG = {"n_levels": 6, "n_seeds": 200}
