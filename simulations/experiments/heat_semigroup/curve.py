"""A step function on the trefoil after k steps of attention, at fixed points that are no tokens."""

from __future__ import annotations

import numpy as np

from simulations.attention.normalisations import doubly_normalised
from simulations.dynamics.evolve import evolve_at
from simulations.store.quantities import Field, Measurement
from simulations.tokens import iid_tokens
from theory.claims import heat_semigroup as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def curve_of_samples(parameters: claim.Parameters, run, place: int) -> Measurement:
    """At one of TIMES: samples of all sizes, and those of the smallest at the other widths."""
    p, time, u = claim.curve_density(), claim.TIMES[place], claim.curve_probes()
    sizes, repeats = parameters.curve_sizes(time), parameters.repeats(1)
    narrower = [(round(time / width**2), sizes[0][1]) for width in claim.WIDTHS]

    def sample(level, k, n, s):
        rng = np.random.default_rng([parameters.seed, 1, place, level, s])
        tokens = iid_tokens(p, n, rng)
        h = claim.step_function(claim.arc(tokens.coordinates))
        operator = doubly_normalised(tokens, GAUSSIAN, time / k)
        return evolve_at(operator, p.manifold.embed(u), h, [k])[0]

    def study():
        values = np.full((len(sizes), max(repeats), len(u)), np.nan)
        for level, (k, n) in enumerate(sizes):
            bar = run.progress(
                range(repeats[level]), label=f"heat_semigroup: trefoil, T = {time:g}, N = {n}"
            )
            for s in bar:
                values[level, s] = sample(level, k, n, s)
        few = range(parameters.n_seeds)
        widths = [[sample(0, k, n, s) for s in few] for k, n in narrower]
        return {"values": values, "widths": np.array(widths)}

    found = run.remember(f"trefoil-{place}", study)
    weights, steps = np.full(len(u), 1 / len(u)), 1 / np.array([n for _, n in sizes])
    field = Field(found["values"][..., None], u, weights, steps)
    return Measurement(
        {claim.curve_order(time): field}, {f"trefoil_widths_{place}": found["widths"]}
    )
