"""The velocity of tokens that attend to themselves: normal and tangential, on nodes and samples."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.engines import TOLERANCE
from simulations.observables.generator import clock_and_drift
from simulations.statistics.jackknife import jackknifed_interval, jackknifed_twice
from simulations.statistics.limits import romberg_of_rates
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens, iid_tokens, quadrature_tokens
from theory.claims import moving_tokens as claim
from theory.setting.densities import Density
from theory.setting.nodes import MOST_NODES, nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def velocity_coefficients(p: Density, tokens: Tokens, temperature: float) -> np.ndarray:
    """(normal velocity over Hvec, drift coefficient) of one step X <- A X.

    The tokens' positions are the features of self-attention: Laplacian x = Hvec is normal to M and
    the gradients are tangential, so the clock is read off the normal motion alone.
    """
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    positions = p.manifold.embedding
    clock, drift = clock_and_drift(operator, p, tokens.coordinates, tokens.weights, positions)
    return np.array([clock / temperature, drift])


def velocity_on_nodes(parameters: claim.Parameters, name: str, run) -> Measurement:
    """Both coefficients among infinitely many tokens, followed to eps -> 0."""
    p, levels = parameters.tokens_density(name), parameters.temperatures()

    def level(eps):
        tokens = quadrature_tokens(p, nodes_for(p.manifold, eps, MOST_NODES))
        return velocity_coefficients(p, tokens, eps)

    def study():
        bar = run.progress(levels, label=f"moving_tokens, {name}: nodes")
        return {"levels": np.array([level(eps) for eps in bar])}

    found = run.remember(f"{name} nodes", study)["levels"]
    clock, drift = (romberg_of_rates(column, levels, TOLERANCE) for column in found.T)
    quantities = {claim.drift_limit(name): Number(drift), claim.clock_limit(name): Number(clock)}
    return Measurement(quantities, {f"{name}_levels": found, "temperatures": np.array(levels)})


def velocity_of_samples(parameters: claim.Parameters, name: str, k: int, run) -> Measurement:
    """Both coefficients of i.i.d. tokens at one temperature, free of their bias of order 1/N; what
    is left of it is bounded by what half the tokens give."""
    p, eps = parameters.tokens_density(name), parameters.temperature

    def sample(s):
        rng = np.random.default_rng([parameters.seed, k, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return jackknifed_twice(lambda part: velocity_coefficients(p, part, eps), tokens)

    def study():
        return {
            "samples": run.over_seeds(sample, parameters.n_seeds, f"moving_tokens, {name}: samples")
        }

    found = run.remember(f"{name} samples", study)["samples"]
    clock, drift = (jackknifed_interval(*found[:, :, k].T) for k in range(2))
    return Measurement(
        {claim.drift_sample(name): Number(drift), claim.clock_sample(name): Number(clock)}
    )
