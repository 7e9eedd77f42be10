"""Claim `sampling_noise`: what N i.i.d. tokens add to attention: noise, a slower clock, and so a best temperature.

Three studies. The variance of A H(x) over samples at fixed queries, over N, eps and d. The clock, half the mean squared
jump per dimension, with three ways to average it over the tokens. The error of (A - I)H/tau over a grid of temperatures.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulations.experiments import option
from simulations.experiments.sampling_noise_best import BATCHES as BEST_BATCHES
from simulations.experiments.sampling_noise_best import best_checks, best_study
from simulations.experiments.sampling_noise_clock import (
    clock_curves,
    node_study,
    slowing_checks,
    slowing_study,
    slowing_table,
)
from simulations.experiments.sampling_noise_variance import BATCHES as NOISE_BATCHES
from simulations.experiments.sampling_noise_variance import GROUPS, noise_checks, noise_study
from simulations.store.results import Outcome
from theory.setting.checks import InputError, whole, within
from theory.claims import Claim

CLAIM = Claim(
    name="sampling_noise",
    rank=9,
    title="What a finite sample adds: noise, a slower clock, a best temperature",
    statement=(
        "For i.i.d. tokens the variance of A H(x) is eps |grad H|^2 (8 pi eps)^(-d/2)/(N p); a token that attends to itself slows "
        "the clock by the inverse number of effective neighbours; and the temperature that estimates the generator best, like its "
        "error, falls as N^(-2/(d+6))."
    ),
    source="docs/theory.md, 'Sampling noise', 'Finite samples' and 'Best temperature'",
    hypotheses="i.i.d. tokens, f = |x-y|^2/4, closed manifold",
    predicted="variance constant (8 pi)^(-d/2), exponents -1 in N and 1 - d/2 in eps; clock 1/(1+s); best eps ~ N^(-2/(d+6))",
    order="-2/(d+6) in N",
)


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(4000, "Tokens of a sample of the noise study; its levels in N are this and a quarter of it.")
    temperature: float = option(
        0.2, "Largest temperature of the noise study in d = 3; half of it in d = 2, an eighth in d = 1."
    )
    n_queries: int = option(32, "Queries at which the noise and the error are measured.")
    n_repeats: int = option(2000, "Samples of the noise study, a multiple of 20; twice as many in d = 1.")
    slowing_temperature: float = option(0.02, "Temperature of the study of the clock.")
    n_jumps: int = option(400_000, "Tokens, over all samples, behind each clock.")
    n_best: int = option(1000, "Smallest sample of the study of the best temperature.")
    n_levels: int = option(4, "Its levels in N, each four times the one before.")
    n_best_repeats: int = option(60, "Its samples at each N, a multiple of 12; twice as many in d = 1.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        whole("n_tokens", self.n_tokens, 400)
        within("temperature", self.temperature, 0.02, 1.0)
        if whole("n_queries", self.n_queries, GROUPS) % GROUPS:
            raise InputError(f"n_queries: got {self.n_queries}, expected a multiple of {GROUPS}")
        _multiple("n_repeats", self.n_repeats, NOISE_BATCHES, 2)
        within("slowing_temperature", self.slowing_temperature, 1e-3, 0.1)
        whole("n_jumps", self.n_jumps, 20_000)
        whole("n_best", self.n_best, 100)
        if whole("n_levels", self.n_levels, 3) > 6:
            raise InputError(f"n_levels: got {self.n_levels}, expected at most 6: each has four times the tokens of the one before")
        _multiple("n_best_repeats", self.n_best_repeats, BEST_BATCHES, 2)
        whole("seed", self.seed, 0)


SMALL = {"n_tokens": 3000, "n_repeats": 400, "n_jumps": 40_000, "n_levels": 3, "n_best_repeats": 24}


def _multiple(name, value, batches, least):
    if whole(name, value, least * batches) % batches:
        raise InputError(
            f"{name}: got {value}, expected a multiple of {batches}, the number of batches an interval is made of"
        )


def run(parameters: Parameters, run) -> Outcome:
    """Measure noise, clock and best temperature; see `Parameters`."""
    noise = run.remember("noise", lambda: noise_study(parameters, run))
    slowing = run.remember("slowing", lambda: slowing_study(parameters, run))
    nodes = run.remember("nodes", lambda: node_study(parameters))
    best = run.remember("best", lambda: best_study(parameters, run))
    checks = [*noise_checks(noise), *slowing_checks(slowing, nodes, parameters), *best_checks(best)]
    return Outcome(tuple(checks), {**noise, **slowing, **nodes, **best, **clock_curves()}, (slowing_table(slowing),))
