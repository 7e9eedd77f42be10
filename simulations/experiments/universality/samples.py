"""Drift coefficients of tokens that attend to themselves, for every score at tau -> 0.

The limit at N = infinity is Romberg's, over levels of quadrature nodes; what a sample adds is
measured at one clock, with the token itself among its keys ("How to measure", third way).
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.universality.levels import limit
from simulations.observables.generator import clock_and_drift
from simulations.statistics.intervals import Interval, largest, smallest
from simulations.statistics.limits import seen_by_sizes
from simulations.store.quantities import Measurement, Number
from simulations.tokens import stratified_tokens
from simulations.tokens.thinning import thinned
from theory.claims import universality as claim

HALVINGS = 2  # of a sample: N, N/2 and N/4 tokens


def coefficients(
    parameters: claim.Parameters, manifold: str, index: int, levels: dict, run
) -> Measurement:
    """The smallest and the largest drift over the scores, of tokens; of the clock, at N = infinity.

    What a sample of N tokens takes from the clock is the claim `sampling_noise`.
    """
    found = run.remember(
        f"{manifold} samples", lambda: sample_study(parameters, manifold, index, run)
    )
    shown = [parameters.studied().index(name) for name in parameters.scores]
    on_nodes, at_samples = levels["fits"][shown], levels["at_samples"][shown]
    drifts = limits(on_nodes[..., 1], (found["samples"] - at_samples[:, 1]).transpose(2, 1, 0))
    ratios = on_nodes[..., 0] / parameters.clocks()
    clocks = [limit(ratio, levels, parameters.clocks()) for ratio in ratios]
    quantities = {
        claim.drift(manifold, claim.SMALLEST): Number(smallest(drifts)),
        claim.drift(manifold, claim.LARGEST): Number(largest(drifts)),
        claim.clock(manifold, claim.SMALLEST): Number(smallest(clocks)),
        claim.clock(manifold, claim.LARGEST): Number(largest(clocks)),
    }
    arrays = {
        f"{manifold}_taus": parameters.clocks(),
        f"{manifold}_drifts": on_nodes[..., 1],
        f"{manifold}_clocks": ratios,
    }
    return Measurement(quantities, arrays)


def limits(on_nodes, differences) -> list[Interval]:
    """The limit of each score: over levels (scores, levels), and what samples add to it.

    differences: of samples and nodes at one clock, (scores, sizes, seeds).
    """
    pairs = zip(on_nodes, differences, strict=True)
    return [seen_by_sizes(nodes, difference) for nodes, difference in pairs]


def sample_study(parameters: claim.Parameters, manifold: str, index: int, run) -> dict:
    """Drift coefficients on the same stratified tokens, (seeds, sizes, scores), smallest size first.

    A smaller size is the mean over the parts of the sample.
    """
    p, tau = parameters.tokens_density(manifold), parameters.sample_clock
    scores = [claim.at_clock(name, p.manifold.dim, tau) for name in parameters.scores]
    n = parameters.sample_size(p.manifold.dim)

    def estimates(tokens):
        operators = [AttentionOperator(tokens, f, temperature) for f, temperature in scores]
        return np.array([clock_and_drift(a, p, tokens.coordinates)[1] for a in operators])

    def sample(s):
        rng = np.random.default_rng([parameters.seed, index, s])
        sizes = [[stratified_tokens(p, n, rng)]]
        for _ in range(HALVINGS):
            sizes.append([half for part in sizes[-1] for half in thinned(part, rng)])
        return [np.mean([estimates(part) for part in parts], axis=0) for parts in sizes[::-1]]

    return {
        "samples": run.over_seeds(sample, parameters.n_seeds, f"universality, {manifold}: samples")
    }
