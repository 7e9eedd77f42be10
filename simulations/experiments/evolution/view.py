"""What the pictures show: A^k H of one sample, on a fine mesh of points."""

from __future__ import annotations

import numpy as np

from simulations.experiments.evolution.samples import evolved
from simulations.tokens import iid_tokens
from theory.claims import evolution as claim

STREAM = 99  # of random numbers, apart from those of the samples


def view(parameters: claim.Parameters, manifold: str, index: int, run) -> dict:
    """A^k H of one sample at the points of the picture, and H there at time 0."""
    p = parameters.tokens_density(manifold)
    u = claim.shown_points(p.manifold)

    def study():
        rng = np.random.default_rng([parameters.seed, index, STREAM])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return {"shown": evolved(parameters, p, u, tokens, parameters.n_steps)}

    shown = run.remember(f"{manifold} view", study)["shown"]
    start = p.manifold.function(parameters.features)(u)
    return {
        f"{manifold}_shown": shown,
        f"{manifold}_start": start,
        f"{manifold}_points": p.manifold.embed(u),
        f"{manifold}_coordinates": u,
    }
