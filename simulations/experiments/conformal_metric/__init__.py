"""Claim `new_metric`: the limit of attention is a heat equation under a new metric, but for d = 2, where a lift takes its place.

Three parts, a file each: the conformal metric in d = 1 and 3 (new_metric_conformal), how far every conformal factor fails in
d = 2 (new_metric_surface), and the lift to M x S^1 that works there (new_metric_lift).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulations.experiments import new_metric_conformal as conformal
from simulations.experiments import new_metric_lift as lift
from simulations.experiments import new_metric_surface as surface
from simulations.experiments import option
from simulations.experiments.settings import check_levels, check_manifolds
from simulations.store.results import Outcome
from theory.setting.checks import InputError, positive, whole, within
from theory.claims import Claim
from theory.setting.densities import density
from theory.heat import conformal_exponent, surface_features
from theory.setting.manifolds import manifold

CLAIM = Claim(
    name="new_metric",
    rank=6,
    title="A heat equation under a new metric, in every dimension but two",
    statement=(
        r"For $d \ne 2$ and $\bar g = p^{4/(d-2)} g$, $L = p^{4/(d-2)} \Delta_{\bar g}$: heat capacity $p^{-4/(d-2)}$, conductivity 1. In $d = 2$ no conformal "
        r"factor and no heat capacity will do; on $M \times S^1$ with $\hat g = g + p^4 ds^2$, functions independent of $s$ satisfy "
        r"$\Delta_{\hat g} H = L H$ in every dimension, and attention between lifted tokens realises it."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), corrected; docs/theory.md, 'Conformal metric', 'Two dimensions' and 'Lift'",
    hypotheses=r"closed manifold, smooth positive density; $d \ne 2$ for the conformal metric; $\varepsilon \ll \kappa^2 p_{\min}^4$ for the lift",
    predicted=r"$\bar g = p^{-4} g$ in $d = 1$, $p^{4} g$ in $d = 3$; in $d = 2$ the share $\langle |b|^2\rangle/(q + \langle |b|^2\rangle)$ is out of reach of every factor",
    order=r"1 in $\tau$",
)


@dataclass(frozen=True)
class Parameters:
    curve: str = option("circle", "Closed curve, d = 1.")
    solid: str = option("flat_torus(dim=3)", "Closed manifold with d = 3.")
    curve_density: str = option("exp(x/2 + y/4)", "Token density on the curve.")
    solid_density: str = option("exp(x1/2 + x3/3 + x6/4)", "Token density in d = 3.")
    surfaces: tuple[str, ...] = option(("flat_torus", "sphere"), "Flat torus or unit sphere, d = 2.")
    surface_densities: tuple[str, ...] = option(("exp(x1/4 + x4/5)", "exp(x/3 + z/5)"), "Token density on each surface.")
    temperature: float = option(0.04, "Largest temperature eps of the bias studies, and that of the samples.")
    solid_temperature: float = option(0.16, "The same in d = 3.")
    lift_temperature: float = option(0.1, "The same on the lift, whose clock is eps/4.")
    smallest_radius: float = option(0.8, "Smallest radius rho = kappa p^2 of the circles of the lift, by which kappa is chosen.")
    n_levels: int = option(4, "Temperatures of each bias study, each half the one before; one less on the lift.")
    n_tokens: int = option(100_000, "Tokens of a sample.")
    n_seeds: int = option(20, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        for name, spec, dim in (("curve", self.curve, 1), ("solid", self.solid, 3)):
            m = manifold(spec)
            if m.dim != dim or not m.closed:
                raise InputError(f"{name}: got {spec} of dimension {m.dim}, expected a closed manifold with d = {dim}")
            conformal_exponent(m.dim)
        if len(check_manifolds(self.surfaces)) != len(self.surface_densities):
            raise InputError(f"surface_densities: got {len(self.surface_densities)} for {len(self.surfaces)} surfaces, expected one each")
        for spec, formula in ((self.curve, self.curve_density), (self.solid, self.solid_density), *zip(self.surfaces, self.surface_densities, strict=True)):
            density(manifold(spec), formula)
        for spec in self.surfaces:
            if manifold(spec).dim != 2:
                raise InputError(f"surfaces: got {spec} of dimension {manifold(spec).dim}, expected d = 2")
            surface_features(manifold(spec))
        for name in ("temperature", "solid_temperature", "lift_temperature"):
            positive(name, getattr(self, name))
        within("smallest_radius", self.smallest_radius, (2 * self.lift_temperature) ** 0.5, 10.0)
        check_levels("n_levels", self.n_levels)
        whole("n_tokens", self.n_tokens, 100)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)


SMALL = {"surfaces": ("flat_torus",), "surface_densities": ("exp(x1/4 + x4/5)",), "lift_temperature": 0.2, "n_tokens": 20_000, "n_seeds": 12}


def run(parameters: Parameters, run) -> Outcome:
    """Measure the three parts; see `Parameters`."""
    checks, arrays = [], {}
    for name, case in (("curve", conformal.curve_case(parameters)), ("solid", conformal.solid_case(parameters))):
        studies = {
            "terms": run.remember(f"{name}-terms", lambda case=case: conformal.term_study(case)),
            "sample": run.remember(f"{name}-sample", lambda case=case: conformal.sample_study(case, run)),
            "evolution": run.remember(f"{name}-evolution", lambda case=case: conformal.evolution_study(case, run)),
        }
        checks += conformal.checks(case, **studies)
        arrays |= {f"{name}_{key}": value for study in studies.values() for key, value in study.items()}
    for k, spec in enumerate(parameters.surfaces):
        case, name = surface.case_of(parameters, k), manifold(spec).name
        flat = run.remember(f"{name}-residual", lambda case=case: surface.residual_study(case, run))
        checks += surface.checks(case, flat)
        raised = run.remember(f"{name}-lift", lambda case=case: lift.coefficient_study(case, run))
        sample = run.remember(f"{name}-lift-sample", lambda case=case: lift.sample_study(case, run))
        checks += lift.checks(case, raised, sample)
        arrays |= {f"{name}_{key}": value for study in (flat, raised, sample) for key, value in study.items()}
    first = surface.case_of(parameters, 0)
    evolved = run.remember("lift-evolution", lambda: lift.evolution_study(first, run))
    checks += lift.evolution_checks(first, evolved)
    return Outcome(tuple(checks), arrays | {f"lift_{k}": v for k, v in evolved.items()})
