"""The bias alone: generators among infinitely many tokens, as the radius halves."""

from __future__ import annotations

import numpy as np

from simulations.experiments.neighbour_rate.generator import generator
from simulations.observables.generator import feature_columns
from simulations.statistics.orders import difference_order
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from simulations.tokens.window import window_tokens
from theory.claims import neighbour_rate as claim
from theory.setting.nodes import nodes_for


def biases(parameters: claim.Parameters, run, d: int) -> Measurement:
    """The order in the radius with which the generator still moves, of both weights.

    Of the root mean square over queries and functions of what each halving moves.
    """
    u = parameters.queries(d, claim.NODE_QUERIES, claim.POLES)

    def study():
        return {
            w: np.array([at(parameters, d, w, u, r) for r in claim.RADII]) for w in claim.WEIGHTS
        }

    levels = run.remember(f"windows {d}", study)
    quantities = {claim.bias(d, w): Number(order_of(values)) for w, values in levels.items()}
    return Measurement(quantities, {f"bias {d} {w}": values for w, values in levels.items()})


def order_of(values):
    """The order of values (levels, queries, functions) from their moves, as `difference_order`."""
    moves = np.sqrt((np.diff(values, axis=0) ** 2).mean(axis=(1, 2)))
    # moves as differences of a sequence of numbers
    return difference_order(claim.RADII, np.append(0.0, np.cumsum(moves)))


def at(parameters: claim.Parameters, d: int, weights: str, u, radius: float) -> np.ndarray:
    """Generators at chart points u, (queries, functions)."""
    p = parameters.density(d)
    m, features = p.manifold, claim.FEATURES[d]
    x, here = m.embed(u), feature_columns(m, features, u)
    if weights == claim.SHARP:
        keys = window_tokens(p, u, radius)
    else:
        nodes = quadrature_tokens(p, nodes_for(m, radius**2 / (2 * (d + 2))))
        keys = [nodes] * len(u)
    return np.array(
        [
            generator(
                weights, x[q], of.points, radius * (1 + 1e-9), feature_columns(m, features, of.coordinates),
                here[q], of.weights,
            )
            for q, of in enumerate(keys)
        ]
    )  # fmt: skip
