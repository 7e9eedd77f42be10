"""Claim `learned_metric`: attention with scores |W(x - y)| diffuses on (M, g_theta), its drift follows log p_theta.

W is random: of full rank on an ellipse and a torus, of rank 2 on a curve in space. Coefficients, drift and diffusion
tensor are measured on i.i.d. tokens and, for the bias, on quadrature nodes. A score without symmetry shows the cubic term.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulations.statistics.orders import order_table
from simulations.experiments import option
from simulations.experiments.learned_metric_bias import bias_checks, bias_study
from simulations.experiments.learned_metric_case import Case
from simulations.experiments.learned_metric_cubic import cubic_checks, cubic_study
from simulations.experiments.learned_metric_points import point_checks, point_study
from simulations.experiments.learned_metric_samples import sample_checks, sample_study
from simulations.experiments.settings import check_levels, check_manifolds, reference_density
from simulations.store.results import Outcome
from theory.setting.checks import InputError, positive, whole
from theory.claims import Claim

CLAIM = Claim(
    name="learned_metric",
    rank=5,
    title="A learned metric: drift-diffusion in the metric that W induces",
    statement=(
        "With scores |W(x - y)|^2/4, (A - I)/tau tends to Laplacian_{g_theta} H + 2 <grad log p_theta, grad H>_{g_theta}, "
        "g_theta the pull-back of W^T W and p_theta = p sqrt(det g/det g_theta); the carre du champ gives g_theta^-1 "
        "point by point. A score that is not symmetric adds -3 <G^-1 : C_a, grad H>_G."
    ),
    source="Ruan and Zhang (arXiv 2412.18288), Theorem 4; docs/theory.md, 'Learned metric'",
    hypotheses="closed manifold, smooth positive density, W injective on M and on its tangent spaces",
    predicted="drift coefficient 2 with p_theta, diffusion tensor J g_theta^-1 J^T, bias order 1, cubic coefficient -3",
    order="1 in tau",
)


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("ellipse(a=1.5)", "torus", "(cos(u), sin(u), 0.4*sin(2*u))"), "Closed manifold.")
    ranks: tuple[int, ...] = option((2, 3, 2), "Rank of W on each manifold.")
    density: str = option("exp(x1/2 + x2/4)", "Token density, a formula; 'reference' for the project's choice.")
    n_tokens: int = option(2000, "Tokens of a sample on a curve; four times as many on a surface.")
    temperature: float = option(0.01, "Largest temperature eps on a curve; three times as much on a surface, there 4.5 times for samples.")
    n_levels: int = option(5, "Temperatures of the bias study, each half the one before; four on a surface.")
    n_points: int = option(16, "Points at which drift and diffusion are measured.")
    n_seeds: int = option(120, "Samples on a curve; a third as many on a surface.")
    n_point_seeds: int = option(600, "Samples of four times as many tokens for single points; a third as many on a surface.")
    seed: int = option(20241218, "Seed of all random numbers, W included.")

    def __post_init__(self):
        check_manifolds(self.manifolds)
        if len(self.manifolds) != len(self.ranks):
            raise InputError(f"ranks: got {len(self.ranks)} for {len(self.manifolds)} manifolds, expected one each")
        for rank in self.ranks:
            whole("ranks", rank, 1)
        whole("n_tokens", self.n_tokens, 100)
        positive("temperature", self.temperature)
        check_levels("n_levels", self.n_levels)
        whole("n_points", self.n_points, 4)
        whole("n_seeds", self.n_seeds, 9)
        whole("n_point_seeds", self.n_point_seeds, 9)
        whole("seed", self.seed, 0)

SMALL = {"manifolds": ("ellipse(a=1.5)", "torus"), "ranks": (2, 3), "n_tokens": 1000, "n_levels": 4, "n_points": 8, "n_seeds": 100, "n_point_seeds": 210}


def run(parameters: Parameters, run) -> Outcome:
    """Measure bias, coefficients, and drift and diffusion point by point on each manifold; see `Parameters`."""
    checks, arrays, tables = [], {}, []
    for k, spec in enumerate(parameters.manifolds):
        case = Case(reference_density(spec, parameters.density), parameters, k)
        studies = {name: run.remember(f"{k}-{name}", lambda f=f, case=case: f(case, run)) for name, f in
                   (("bias", bias_study), ("sample", sample_study), ("points", point_study))}  # fmt: skip
        checks += sample_checks(case, studies["sample"]) + bias_checks(case, studies["bias"]) + point_checks(case, studies["points"])
        if case.full_rank:
            cubic = run.remember(f"{k}-cubic", lambda case=case: cubic_study(case))
            checks += cubic_checks(case, cubic)
            arrays |= {f"{case.name}_{key}": value for key, value in cubic.items()}
        tables.append(f"{case.name}: L2 error of (A - I)H/tau on quadrature nodes\n" + order_table(case.temperatures, case.temperatures, studies["bias"]["errors"], "eps"))
        arrays |= {f"{case.name}_{key}": value for study in studies.values() for key, value in study.items()}
        arrays |= {f"{case.name}_temperatures": case.temperatures, f"{case.name}_matrix": case.matrix}
    return Outcome(tuple(checks), arrays, tuple(tables))
