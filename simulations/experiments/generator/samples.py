"""Clock and drift coefficient of i.i.d. tokens that attend to themselves."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import clock_and_drift
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.statistics.limits import seen_by_samples
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import generator as claim
from theory.setting.pseudo_metrics import GAUSSIAN

SAMPLES = "i.i.d. tokens"


def coefficients_of_samples(
    parameters: claim.Parameters, manifold: str, index: int, on_nodes: Measurement, run
) -> Measurement:
    """Both coefficients at the largest temperature, and the limits that samples see.

    A limit is Romberg's on nodes plus the mean of (sample - nodes) at the smallest temperature that
    the samples can bear ("How to measure"). The bias of a finite sample is measured on its halves.
    """
    found = run.remember(
        f"{manifold} samples", lambda: sample_study(parameters, manifold, index, run)
    )
    temperatures = parameters.sample_temperatures(manifold)
    place = int(np.flatnonzero(parameters.temperatures() == temperatures[-1])[0])
    quantities = {}
    names = {"drifts": claim.drift, "clocks": claim.clock}
    for key, name in names.items():
        levels = on_nodes.arrays[f"{manifold}_node_{key}"]
        limit = seen_by_samples(levels, found[key][:, -1] - levels[place])
        quantities[name(manifold, SAMPLES, claim.LIMIT)] = Number(limit)
    for key, name in names.items():
        at_eps = mean_interval(found[key][:, 0])
        quantities[name(manifold, SAMPLES, claim.AT_EPS)] = Number(at_eps)
    arrays = {f"{manifold}_sample_{key}": found[key] for key in names}
    return Measurement(quantities, arrays | {f"{manifold}_sample_temperatures": temperatures})


def sample_study(parameters: claim.Parameters, manifold: str, index: int, run) -> dict:
    """clock/eps and drift of each sample at its two temperatures, jackknifed, (seeds, 2) each."""
    p = parameters.tokens_density(manifold)
    temperatures = parameters.sample_temperatures(manifold)

    def sample(s):
        rng = np.random.default_rng([parameters.seed, index, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return [
            jackknifed(lambda part, eps=eps: fitted(p, part, eps), tokens) for eps in temperatures
        ]

    label = f"generator, {manifold}: samples"
    clocks, drifts = np.moveaxis(run.over_seeds(sample, parameters.n_seeds, label), -1, 0)
    return {"clocks": clocks, "drifts": drifts}


def fitted(p, tokens, eps) -> np.ndarray:
    """(clock/eps, drift coefficient) of tokens that attend to themselves."""
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    clock, drift = clock_and_drift(operator, p, tokens.coordinates)
    return np.array([clock / eps, drift])
