"""The clock of a sample, half the mean squared jump a dimension, by three averages over tokens."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.observables.generator import squared_jump
from simulations.statistics.intervals import mean_interval, rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from simulations.tokens.samples import samples
from theory.claims import sampling_noise as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def clocks_of_samples(parameters: claim.Parameters, run, d: int) -> Measurement:
    """Clock over eps of uniform i.i.d. tokens at each s; arrays (s, averages, 3) hold intervals."""
    p, n = parameters.uniform(d), parameters.n_clock_tokens
    repeats = claim.CLOCK_SAMPLES[d] * parameters.n_seeds

    def clocks(place, s):
        eps = parameters.clock_temperature(d, s)
        drawn = samples(p, n, repeats, np.random.default_rng([parameters.seed, d, 2, place, n]))
        label = f"sampling_noise: clock, {p.manifold.name}, s = 1/{round(1 / s)}"
        drawn = run.progress(drawn, total=repeats, label=label)
        return np.array([mean_jumps(AttentionOperator(t, GAUSSIAN, eps)) for t in drawn]) / (
            2 * d * eps
        )

    def study():
        return {f"{k}": clocks(k, s) for k, s in enumerate(claim.CLOCK_SIZES)}

    found = run.remember(f"clock-{d}", study).values()
    intervals = [[mean_interval(column) for column in level.T] for level in found]
    quantities = {
        claim.clock(d, s, average): Number(
            intervals[claim.CLOCK_SIZES.index(s)][claim.AVERAGES.index(average)]
        )
        for s, average in claim.CLOCKS
    }
    shown = [[(i.value, i.low, i.high) for i in level] for level in intervals]
    return Measurement(quantities, {f"clock_intervals_{d}": np.array(shown)})


def mean_jumps(operator) -> np.ndarray:
    """The mean squared jump by each of the claim's AVERAGES, (3,)."""
    with warnings.catch_warnings():
        # tokens that see only themselves are what is measured here
        warnings.simplefilter("ignore", LonelyTokensWarning)
        jump = squared_jump(operator)
    # A = a_ii I + (1 - a_ii) A_off: a token that stays jumps by nothing
    masked = jump / (1 - operator.self_weight)
    return np.array([jump.mean(), masked.mean(), operator.stationary_law @ jump])


def clocks_on_nodes(parameters: claim.Parameters, run, d: int) -> Measurement:
    """The clock over eps of quadrature nodes at each s, where nothing is slowed."""
    p = parameters.uniform(d)

    def clock(s):
        eps = parameters.clock_temperature(d, s)
        nodes = quadrature_tokens(p, nodes_for(p.manifold, eps))
        # on a homogeneous space one query speaks for all; |x|^2 = 1, so its jump is 2 (1 - x.Ax)
        operator = AttentionOperator(nodes.points[:1], GAUSSIAN, eps, keys=nodes)
        jump = 2 * (1 - float(nodes.points[0] @ (operator @ nodes.points)[0]))
        return rounded(jump, len(nodes), 2.0).scaled(1 / (2 * d * eps))

    clocks = [clock(s) for s in claim.CLOCK_SIZES]
    values = np.array([[c.value] for c in clocks])
    return Measurement({claim.node_clock(d): Number(clocks[0])}, {f"clock_nodes_{d}": values})


def diagonal(parameters: claim.Parameters) -> dict[str, Number]:
    """Attention without the diagonal, directly and from the clock with it."""
    d, s = 2, max(claim.CLOCK_SIZES)
    eps, n = parameters.clock_temperature(d, s), parameters.n_clock_tokens
    p, rng = parameters.uniform(d), np.random.default_rng([parameters.seed, 0])
    tokens = next(samples(p, n, 1, rng))
    with_it = AttentionOperator(tokens, GAUSSIAN, eps)
    without = squared_jump(AttentionOperator(tokens, GAUSSIAN, eps, exclude_self=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LonelyTokensWarning)
        jump, own = squared_jump(with_it), with_it.self_weight

    # a small 1 - a_ii amplifies the rounding of the jump, whose terms are |x|^2 = 1
    size = 4 * float((1 / (1 - own)).max())
    right = rounded(float(np.abs(jump / (1 - own) - without).max()), n, size)
    wrong = rounded(float(np.abs(jump - without).max()), n, size)
    return {claim.DIAGONAL: Number(right, {"diagonal kept": wrong})}
