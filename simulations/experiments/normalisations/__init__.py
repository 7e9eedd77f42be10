"""Claim `normalisations`: what other normalisations of the same scores compute.

Drift coefficient and clock are fitted on quadrature nodes, where N is infinite, at a clock that halves, and on sampled
tokens at two of them (`normalisations_population`, `normalisations_samples`); the k nearest, convolution and what holds
exactly have files of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.experiments import option
from simulations.experiments.normalisations_convolution import convolution_checks
from simulations.experiments.normalisations_exact import exact_checks, received_attention
from simulations.experiments.normalisations_nearest import nearest_checks, nearest_study
from simulations.experiments.normalisations_population import (
    coefficient_table,
    limits,
    population_checks,
    population_study,
)
from simulations.experiments.normalisations_probe import CURVE, SURFACE
from simulations.experiments.normalisations_samples import sample_checks, sample_study
from simulations.experiments.settings import check_levels, reference_density
from simulations.store.results import Outcome
from simulations.tokens.sampling import SAMPLERS, iid_tokens
from theory.setting.checks import one_of, whole, within
from theory.claims import Claim
from theory.normalisations import TABLE, alpha_prediction

CLAIM = Claim(
    name="normalisations",
    rank=11,
    title="What other normalisations of the same scores compute",
    statement=(
        "Doubly normalised attention computes the pure heat equation whatever the density, Sinkhorn attention half of "
        "softmax's drift, alpha-normalised attention 2 (1 - alpha); cosine, top-k, windowed and residual attention keep "
        "softmax's generator with clocks of their own. Metrics and double normalisation leave every key its share of attention."
    ),
    source=(
        "Ding et al. 2020; Sander et al. 2022; Coifman and Lafon 2006; "
        "docs/theory.md, 'Other normalisations', 'Received attention' and 'Free energy'"
    ),
    hypotheses="closed manifold, smooth positive density, f ~ c r^2; Sinkhorn run to double stochasticity",
    predicted="drift coefficients 0, 1, 2 (1 - alpha), 2; clocks tau, eps/2, r_k^2/(2(d+2)), R^2/(2(d+2)), s tau; floors 1/N",
    order="coefficients: 1 in tau; the rest exact",
)


@dataclass(frozen=True)
class Parameters:
    density: str = option("reference", "Token density on circle and sphere, a formula; 'reference' for the project's choice.")
    alphas: tuple[float, ...] = option((0.25, 0.75), "Exponent of alpha-normalised attention.")
    share: float = option(0.3, "Share s of attention in the residual step.")
    n_tokens: int = option(2000, "Tokens of a sample; half as many again for the cosine, five times as many for the k nearest.")
    sampler: str = option("iid", "How the tokens on the curve are drawn: iid or stratified.")
    clock: float = option(0.02, "Largest clock tau on a curve, d times as much in d dimensions.")
    n_levels: int = option(5, "Clocks of the quadrature study, each half the one before.")
    n_seeds: int = option(80, "Samples on the curve.")
    n_gaussian_seeds: int = option(100, "Samples of Gaussian tokens for the cosine.")
    n_nearest_seeds: int = option(20, "Samples for the clock of the k nearest.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        for alpha in self.alphas:
            within("alphas", alpha, -2.0, 2.0)
        within("share", self.share, 0.01, 1.0)
        whole("n_tokens", self.n_tokens, 100)
        one_of("sampler", self.sampler, SAMPLERS)
        within("clock", self.clock, 1e-4, 0.1)
        check_levels("n_levels", self.n_levels)
        for name in ("n_seeds", "n_gaussian_seeds", "n_nearest_seeds"):
            whole(name, getattr(self, name), 3)
        whole("seed", self.seed, 0)

SMALL = {"n_tokens": 1000, "sampler": "stratified", "n_levels": 4, "n_seeds": 8, "n_gaussian_seeds": 100, "n_nearest_seeds": 10, "clock": 0.025}


def run(parameters: Parameters, run) -> Outcome:
    """Measure drift and clock of every normalisation, then what holds exactly; see `Parameters`."""
    predictions = predicted(parameters)
    population = {}
    for name in (CURVE, SURFACE):
        p = reference_density(name, parameters.density)
        population[name] = run.remember(f"{name}-population", lambda p=p: population_study(p, parameters))
    p = reference_density(CURVE, parameters.density)
    sample = run.remember("sample", lambda: sample_study(p, parameters, run))
    nearest = run.remember("nearest", lambda: nearest_study(parameters, run))
    received = received_attention(np.random.default_rng([parameters.seed, 3]))
    checks = sample_checks(predictions, population, sample)
    checks += population_checks(predictions, population) + nearest_checks(nearest) + convolution_checks()
    checks += exact_checks(iid_tokens(p, 1000, np.random.default_rng([parameters.seed, 4])), parameters, received)
    arrays = {f"population {m}: {k}": v for m, study in population.items() for k, v in study.items()}
    arrays |= {f"sample: {k}": v for k, v in sample.items()} | {f"nearest: {k}": v for k, v in nearest.items()} | received
    arrays |= {f"limits {m}": limits(predictions, study) for m, study in population.items()}
    arrays |= {"names": np.array(list(predictions)), "predicted": np.array([n.drift_coefficient for n in predictions.values()])}
    return Outcome(tuple(checks), arrays, (coefficient_table(predictions, population),))


def predicted(parameters) -> dict:
    """The table of predictions, the alphas of this run included, the most telling first."""
    alphas = [alpha_prediction(a) for a in parameters.alphas]
    order = ("doubly normalised", "Sinkhorn", *(a.name for a in alphas), "softmax", "residual", "cosine", "top-k", "window")
    every = TABLE | {a.name: a for a in alphas}
    return {name: every[name] for name in order}
