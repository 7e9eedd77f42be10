"""Clock and drift coefficient of i.i.d. lifted tokens at one temperature."""

from __future__ import annotations

import numpy as np

from simulations.experiments.lift.attention import (
    lifted,
    lifted_clock_and_drift,
    step_of_sample,
)
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import lift as claim


def sample_study(case: claim.Case, parameters: claim.Parameters, run) -> Measurement:
    """Means over samples; tokens x ~ p^2 dV, angles uniform."""
    eps, p = parameters.temperature, case.tokens_density()

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 1, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        angles = 2 * np.pi * rng.random(len(tokens))
        keys = lifted(case, tokens, angles)
        # a finite sample turns the clock a little faster: measured by its halves, and taken away
        response = jackknifed(lambda part: step_of_sample(case, eps, part), keys)
        return lifted_clock_and_drift(case, response)

    def study():
        return {"fits": run.over_seeds(sample, parameters.n_seeds, f"lift: {case.name}, samples")}

    clocks, drifts = run.remember(f"{case.name} samples", study)["fits"].T
    return Measurement(
        {
            claim.drift_sampled(case.name): Number(mean_interval(drifts)),
            claim.clock_sampled(case.name): Number(mean_interval(clocks / eps)),
        }
    )
