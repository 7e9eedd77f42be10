"""Claim `spectrum`: the spectrum of attention at any temperature, its limit, and the depth at which features collapse.

Exact identities and limits are measured on quadrature nodes, where N is infinite. Samples are held against N = infinity
at the same temperature: a finite sample slows every mode by a term of order 1/N, which the same tokens show when they
are cut in two halves, and which is extrapolated away, 2 v(N) - v(N/2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.experiments import option
from simulations.experiments.settings import check_levels
from simulations.experiments.spectrum_depth import depth_checks, depth_study, layer_limits
from simulations.experiments.spectrum_nodes import (
    closed_form_checks,
    closed_forms,
    limit_checks,
    limits,
    multiplicity_checks,
)
from simulations.experiments.spectrum_samples import sample_checks, sample_study, table
from simulations.store.results import Outcome
from theory.setting.checks import InputError, positive, whole, within
from theory.claims import Claim

CLAIM = Claim(
    name="spectrum",
    rank=8,
    title="The spectrum of attention, and the depth at which features collapse",
    statement=(
        "The eigenvalues of attention are those of exp(tau L): k^2 on the circle, l(l+1) on the sphere, 2k/s^2 for Gaussian tokens, "
        "with their multiplicities and with closed forms at any temperature; repeated attention makes features equal at the "
        "depth that lambda_1 predicts, with residual connections and several heads too."
    ),
    source="Ruan and Zhang (arXiv 2412.18288); docs/theory.md, 'Spectra' and 'Over-smoothing'",
    hypotheses="symmetric transformed metric; uniform or Gaussian tokens for the closed forms, any density on a curve for the limit",
    predicted="-log(mu)/tau -> lambda; multiplicities 2 and 2l + 1; depth log(1/factor)/(-log mu_1)",
    order="1 in tau",
)


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(3000, "Tokens of a sample.")
    temperature: float = option(0.05, "Temperature eps of the samples.")
    density: str = option("exp(x/2 + x*y/2)", "Token density on the circle, not uniform, a formula.")
    deviation: float = option(1.3, "Standard deviation s of the Gaussian tokens on the line.")
    coarsest: float = option(0.08, "Largest temperature of the limits.")
    n_levels: int = option(4, "Temperatures of the limits, each half the one before.")
    n_depth_tokens: int = option(1500, "Tokens of a sample on which features collapse, at four times the temperature.")
    n_seeds: int = option(16, "Samples.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        whole("n_tokens", self.n_tokens, 200)
        within("temperature", self.temperature, 1e-3, 0.5)
        positive("deviation", self.deviation)
        positive("coarsest", self.coarsest)
        check_levels("n_levels", self.n_levels)
        whole("n_depth_tokens", self.n_depth_tokens, 200)
        whole("n_seeds", self.n_seeds, 3)
        whole("seed", self.seed, 0)
        if self.coarsest > 0.5 * self.deviation**2:
            raise InputError(f"coarsest: got {self.coarsest:g}, expected at most s^2/2 = {0.5 * self.deviation**2:g}")


SMALL = {"n_tokens": 800, "n_depth_tokens": 1000, "n_seeds": 6}


def run(parameters: Parameters, run) -> Outcome:
    """Measure closed forms, limits, multiplicities, samples and depths; see `Parameters`."""
    temperatures = parameters.coarsest / 2.0 ** np.arange(parameters.n_levels)
    exact = run.remember("exact", lambda: closed_forms(parameters))
    limit = run.remember("limit", lambda: limits(parameters, temperatures))
    sample = run.remember("sample", lambda: sample_study(parameters, run))
    depth = run.remember("depth", lambda: depth_study(parameters, run))
    layers = run.remember("layers", lambda: layer_limits(parameters, temperatures))
    checks = [
        *sample_checks(sample),
        *depth_checks(depth, layers),
        *limit_checks(limit),
        *multiplicity_checks(exact, sample),
        *closed_form_checks(exact),
    ]
    return Outcome(
        tuple(checks), {"temperatures": temperatures, **exact, **limit, **sample, **depth, **layers}, (table(sample),)
    )
