"""Claim `evolution`: A^k H tends to the solution of dH/dt = p^-2 div(p^2 grad H) at time k tau.

The temperature is tied to the number of tokens by a law declared here: to reach time T in k steps, eps = T/k, with
N proportional to k^((d+6)/2), that is eps ~ N^(-2/(d+6)). The finite-difference solution is read at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.convergence import order_table, seed_order, sup_norm
from simulations.evolve import evolve_features
from simulations.experiments import option
from simulations.experiments.settings import GAUSSIAN, reference_density, require_closed
from simulations.observables import fit_coefficients, richardson
from simulations.results import Outcome
from simulations.sampling import SAMPLERS, iid_tokens
from simulations.verdict import check, check_against_measurement, mean_interval
from theory.checks import InputError, one_of, positive, whole
from theory.limits import temperature_for
from theory.pde import evolve_at

WRONG_DRIFT, NO_DRIFT, WRONG_CLOCK = 2.2, 0.0, 1.1


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(("circle", "torus", "sphere"), "Closed manifold.")
    density: str = option("reference", "Token density, a formula; 'reference' for the project's choice.")
    features: str = option("sin(3*x1/2) + cos(2*x2)/2", "Features H at time 0, a formula.")
    time: float = option(0.12, "Diffusion time T at which the two are compared.")
    n_tokens: int = option(100_000, "Tokens at the finest level.")
    n_steps: int = option(6, "Steps k at the finest level; the levels are 2, 3, ..., k.")
    n_seeds: int = option(6, "Samples a level.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        positive("time", self.time)
        whole("n_tokens", self.n_tokens, 100)
        whole("n_steps", self.n_steps, 4)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)
