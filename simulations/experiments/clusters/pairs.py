"""Two clusters: how they move, and how long they live."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.clusters import TOLERANCE, steps_to_merge
from simulations.dynamics.evolve import evolve_tokens
from simulations.statistics.intervals import exact, rounded
from simulations.store.quantities import Measurement, Number
from theory.claims import clusters as claim
from theory.setting.pseudo_metrics import GAUSSIAN

TOKENS = 3  # of a cluster; they coincide, and stay together


def pair_motion() -> Measurement:
    """The distance of two clusters after some steps over the first, equal and unequal ones."""
    start = distance_at(claim.STEP_SQUARE)
    quantities = {}
    for name, ratio in ((claim.PAIR, 1.0), (claim.UNEQUAL, claim.MASS_RATIO)):
        masses = np.repeat([1.0, ratio], TOKENS)
        path = evolve_tokens(
            two_clusters(start),
            GAUSSIAN,
            claim.PAIR_TEMPERATURE,
            [claim.STEPS_TAKEN],
            weights=masses,
        )
        after = float(np.ptp(path[0])) / start
        # a step amplifies the rounding of the last by less than the growth of a mode, 1 + 2/e < 2
        terms = 2**claim.STEPS_TAKEN * 2 * TOKENS
        quantities[name] = Number(rounded(after, terms))
    return Measurement(quantities)


def pair_life(run) -> Measurement:
    """Steps until two equal clusters merge, by their first distance."""

    def study():
        bar = run.progress(claim.PAIR_SQUARES, label="clusters: two clusters")
        return {"lifetimes": np.array([lifetime(square) for square in bar])}

    lifetimes = run.remember("pairs", study)["lifetimes"]
    of = dict(zip(claim.PAIR_SQUARES, lifetimes, strict=True))
    longer = float(of[claim.LONG_LIVED] - of[claim.SHORT])
    return Measurement(
        {claim.LIFETIME: Number(exact(longer, 1.0, "two counts, each less than a step too many"))},
        {"pair_squares": np.array(claim.PAIR_SQUARES), "pair_lifetimes": lifetimes},
    )


def lifetime(square: float) -> int:
    start = two_clusters(distance_at(square))
    return steps_to_merge(start, GAUSSIAN, claim.PAIR_TEMPERATURE, TOLERANCE)


def distance_at(square: float) -> float:
    """The distance of two clusters at which delta^2/(4 eps) has that value."""
    return float(np.sqrt(4 * claim.PAIR_TEMPERATURE * square))


def two_clusters(distance: float) -> np.ndarray:
    """Tokens (2 TOKENS, 1) at two places."""
    return np.repeat([[-distance / 2], [distance / 2]], TOKENS, axis=0)
