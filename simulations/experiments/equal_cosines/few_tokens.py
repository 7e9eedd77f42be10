"""Output cosines at a finite number of tokens, about the critical gamma."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from simulations.experiments.equal_cosines.step import (
    equal_tokens,
    known,
    operator,
    output_cosines,
)
from simulations.statistics.intervals import exact, rounding_of_sums
from simulations.store.quantities import Measurement, Number
from theory.claims import equal_cosines as claim

SEARCH = 1e-9  # of gamma, where half the attention is looked for


def at_size(parameters: claim.Parameters, run) -> Measurement:
    """Cosines at JUDGED_SIZE tokens, the gamma of half the attention, the curves of the figure."""
    n = claim.JUDGED_SIZE
    x = equal_tokens(n, parameters.cosine, parameters.seed)
    quantities = {}
    for share in claim.JUDGED:
        gamma = parameters.gamma(share)
        quantities[claim.at_size(share)] = Number(known(output_cosines(x, gamma), n, gamma))
    found = half_attention(x)
    quantities[claim.HALF] = Number(exact(found, 2 * SEARCH * found, "tolerance of the search"))
    quantities[claim.SYMMETRY] = symmetry(parameters)

    def study():
        return {"curves": np.array([curve(parameters, size) for size in claim.DRAWN_SIZES])}

    return Measurement(quantities, {"curves": run.remember("curves", study)["curves"]})


def half_attention(x) -> float:
    """gamma at which the first token gives itself half its attention."""
    own = np.zeros(len(x))
    own[0] = 1.0

    def excess(gamma):
        return float((operator(x, gamma, 1) @ own)[0]) - 0.5

    return brentq(excess, *claim.SEARCHED, rtol=SEARCH)


def symmetry(parameters: claim.Parameters) -> Number:
    """The spread of the cosines of all pairs; with two tokens in one place they differ."""
    n, gamma = claim.ALL_PAIRS, parameters.gamma(1.0)
    x = equal_tokens(n, parameters.cosine, parameters.seed)
    moved = x.copy()
    moved[1] = moved[0]
    # twice: of the largest and of the smallest
    bound = 2 * rounding_of_sums(n + 1, 1 + gamma * np.log(n))
    right, wrong = (
        exact(float(np.ptp(output_cosines(y, gamma, None))), bound, "rounding of the cosines")
        for y in (x, moved)
    )
    return Number(right, {"two tokens in one place": wrong})


def curve(parameters: claim.Parameters, n: int) -> np.ndarray:
    """Mean output cosines at the drawn gammas, (points,)."""
    x = equal_tokens(n, parameters.cosine, parameters.seed)
    return np.array([output_cosines(x, parameters.gamma(s)).mean() for s in claim.DRAWN])
