"""The attention layers of deep-learning libraries."""

from __future__ import annotations

from simulations.classical import graph_attention, multi_head_attention, scaled_dot_product
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim


def layers(parameters: claim.Parameters) -> Measurement:
    return Measurement(
        dot_products(parameters).quantities
        | heads(parameters).quantities
        | graph(parameters).quantities
    )


def dot_products(parameters: claim.Parameters) -> Measurement:
    """One head, without projections."""
    x = parameters.tokens(claim.LAYER_TOKENS)
    plain = scaled_dot_product(x, x, x)
    causal = scaled_dot_product(x, x, x, causal=True)
    added = scaled_dot_product(x, x, x, parameters.distance_mask())
    return measured(
        {
            claim.PLAIN: (plain, scaled_dot_product(x, x, x, scale=1.0)),
            claim.CAUSAL: (causal, plain),
            claim.ADDED: (added, plain),
        }
    )


def heads(parameters: claim.Parameters) -> Measurement:
    """Several heads with biases: of tokens to themselves, and of some to others under masks."""
    x, y = parameters.tokens(claim.LAYER_TOKENS), parameters.tokens(claim.KEY_TOKENS)
    state = parameters.layer(with_keys=False)
    no_bias = {name: array for name, array in state.items() if name != "in_proj_bias"}
    crossed, n = parameters.layer(with_keys=True), claim.N_HEADS
    return measured(
        {
            claim.MULTI: tuple(multi_head_attention(x, x, x, s, n) for s in (state, no_bias)),
            claim.MASKED: (
                multi_head_attention(x, y, y, crossed, n, *parameters.masks()),
                multi_head_attention(x, y, y, crossed, n),
            ),
        }
    )


def graph(parameters: claim.Parameters) -> Measurement:
    features, edges, state = parameters.graph()
    return measured(
        {
            claim.GRAPH: tuple(
                graph_attention(features, edges, state, claim.N_HEADS, self_loops=loops)
                for loops in (True, False)
            )
        }
    )
