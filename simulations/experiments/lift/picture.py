"""A^k H of one sample of lifted tokens, token by token, for the picture of the lift."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_features
from simulations.experiments.lift.attention import lifted
from simulations.tokens import iid_tokens
from simulations.tokens.lift import lift_score
from theory.claims import lift as claim

STREAM = 3  # of random numbers, apart from those of the samples and of the identity


def picture_of_tokens(case: claim.Case, parameters: claim.Parameters, run) -> dict:
    """Coordinate and angle (n, 2) of tokens that are shown, and A^k H at them (n,).

    At the second level of the evolution.
    """
    found = run.remember(f"{case.name} picture", lambda: evolved_sample(case, parameters))
    return {f"{case.name} {key}": v.astype(np.float32) for key, v in found.items()}


def evolved_sample(case: claim.Case, parameters: claim.Parameters) -> dict:
    """A^k H of i.i.d. tokens x ~ p^2 dV at uniform angles, which do attend to each other."""
    rng = np.random.default_rng([parameters.seed, STREAM])
    base = iid_tokens(case.tokens_density(), claim.PICTURE_TOKENS, rng)
    angles = 2 * np.pi * rng.random(len(base))
    steps, temperature = case.picture_level()
    operator = AttentionOperator(lifted(case, base, angles), lift_score(), temperature)
    h = case.manifold.function(case.initial)(base.coordinates)
    after = evolve_features(operator, h, [steps])[0]
    shown = slice(claim.PICTURE_SHOWN)
    place = np.column_stack([base.coordinates[:, 0], angles])
    return {"tokens": place[shown], "tokens after": after[shown], "tokens before": h[shown]}
