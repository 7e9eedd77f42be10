"""Claim `universality`: every transformation of a metric gives the same diffusion, once time is read off its clock.

Three studies. Seven scores at the same clock, at N = infinity and on the same i.i.d. tokens: coefficients, and A^k H.
A phi with a cubic term, whose clock is right to order 1/2 only, and the clock of its moments. A score that is no
transformation of a metric, the dot product off the sphere: it must not converge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.experiments import option
from simulations.experiments.settings import check_levels, check_manifolds, reference_density
from simulations.experiments.universality_clocks import (
    CUBIC,
    ellipse_checks,
    ellipse_study,
    next_term_checks,
    next_term_study,
)
from simulations.experiments.universality_collapse import collapse_checks, collapse_study
from simulations.experiments.universality_samples import sample_checks, sample_study
from simulations.experiments.universality_scores import score
from simulations.store.results import Outcome
from simulations.tokens.star import MANIFOLDS
from theory.setting.checks import InputError, one_of, whole, within
from theory.claims import Claim

CLAIM = Claim(
    name="universality",
    rank=4,
    title="Every transformation of a metric gives the same diffusion",
    statement=(
        r"For $f = \varphi(\mathrm{dist})$ with $\varphi(r) \sim c\,r^a$, the limit of $(A - I)/\tau$ and of $A^k H$ at $k \tau = T$ does not "
        r"depend on $\varphi$: only the clock does, $\tau = \frac{m_2}{2} (\varepsilon/c)^{2/a}$ with $m_2 = \Gamma(\frac{d+2}{a})/(d\,\Gamma(\frac{d}{a}))$."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'The clock' and 'Universality'",
    hypotheses=r"closed manifold, smooth positive density, $f$ a transformation of a metric",
    predicted=r"drift coefficient 2 and clock ratio 1 for every $\varphi$; $r^2 + r^3$: clock $\tau (1 - C_d \sqrt{\varepsilon})$, $C_1 = 1.693$, $C_2 = 1.994$",
    order=r"1 in $\tau$; 1/2 where $\varphi$ has a cubic term",
)


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(MANIFOLDS, "Manifold: circle or sphere, of radius 1.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    scores: tuple[str, ...] = option(
        ("r**2", "r", "r**1.5", "log(1 + r**2)", "geodesic(r**2)", "geodesic(r)", "dot product"),
        "Score: a formula in the distance r, geodesic(a formula), or 'dot product'; the first is the one others are held against.",
    )
    time: float = option(0.24, "Diffusion time T of A^k H.")
    n_steps: int = option(6, "Steps k to time T at the coarsest level.")
    n_levels: int = option(5, "Levels, each with twice the steps of the one before.")
    degree: int = option(6, "Degree of the basis that holds the features on the sphere; on the circle three times that.")
    n_tokens: int = option(4000, "Tokens of a sample.")
    sample_clock: float = option(0.02, "Clock tau of the samples.")
    n_seeds: int = option(12, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        for name in check_manifolds(self.manifolds):
            one_of("manifold", name, MANIFOLDS)
        if len(set(self.scores)) < max(2, len(self.scores)):
            raise InputError(f"scores: got {', '.join(self.scores) or 'none'}, expected two or more, each named once")
        for name in self.scores:
            score(name)
        within("time", self.time, 0.01, 2.0)
        whole("n_steps", self.n_steps, 4)
        check_levels("n_levels", self.n_levels)
        whole("degree", self.degree, 3)
        whole("n_tokens", self.n_tokens, 100)
        within("sample_clock", self.sample_clock, 1e-4, 0.1)
        whole("n_seeds", self.n_seeds, 5)
        whole("seed", self.seed, 0)

    def degree_on(self, dim: int) -> int:
        return self.degree * (3 if dim == 1 else 1)


SMALL = {"scores": ("r**2", "r", "geodesic(r**2)"), "n_steps": 12, "degree": 4, "n_levels": 4, "n_tokens": 1000, "n_seeds": 8}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the collapse, the next term of the clock and the failure off the sphere; see `Parameters`."""
    checks, arrays, tables = [], {"scores": np.array(parameters.scores), "cubic": np.array([CUBIC])}, []
    for k, spec in enumerate(parameters.manifolds):
        p = reference_density(spec, parameters.density)
        name = p.manifold.name
        collapse = run.remember(f"{name}-collapse", lambda p=p: collapse_study(p, parameters, run))
        cubic = run.remember(f"{name}-cubic", lambda p=p: next_term_study(p, parameters, run))
        sample = run.remember(f"{name}-sample", lambda p=p, k=k: sample_study(p, parameters, k, run))
        made, table = collapse_checks(p, parameters, collapse)
        checks += made + next_term_checks(p, cubic) + sample_checks(p, parameters, sample)
        tables.append(table)
        arrays |= {f"{name}_{key}": value for part in (collapse, cubic, sample) for key, value in part.items()}
    ellipse = run.remember("ellipse", lambda: ellipse_study(parameters))
    checks += ellipse_checks(ellipse)
    arrays |= {f"ellipse_{key}": value for key, value in ellipse.items()}
    return Outcome(tuple(checks), arrays, tuple(tables))


