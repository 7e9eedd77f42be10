"""What the turning surface of the report shows: A^k H of one sample, step by step, at places as dense
as the tokens; with the weights divided by their column sums, also without the drift."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_features
from simulations.experiments.evolution.samples import TOLERANCE
from simulations.tokens import Tokens, iid_tokens
from theory.claims import evolution as claim
from theory.setting.pseudo_metrics import GAUSSIAN

STREAM = 98  # of random numbers, apart from those of the samples and of the view


def surface(parameters: claim.Parameters, index: int, run) -> dict:
    """A^k H and its doubly normalised twin, (steps, places) each, with the places (places, 3)."""
    p = parameters.tokens_density(claim.SURFACE)
    m, places = p.manifold, claim.surface_places(p)

    def study():
        rng = np.random.default_rng([parameters.seed, index, STREAM])
        tokens = beside(places, iid_tokens(p, parameters.n_tokens, rng))
        temperature = parameters.temperature(m, parameters.n_steps)

        def attention(bias=None):
            return AttentionOperator(
                tokens, GAUSSIAN, temperature, engine="nufft", tolerance=TOLERANCE, key_bias=bias
            )

        softmax = attention()
        # the scores are symmetric: columns sum to what rows do
        doubly_normalised = attention(-softmax.log_partition)
        h = m.function(parameters.features)(tokens.coordinates)
        operators = {"attention": softmax, "doubly_normalised": doubly_normalised}
        return {
            name: evolve_features(operator, h, claim.SURFACE_STEPS)[:, : len(places)]
            for name, operator in operators.items()
        }

    found = run.remember("surface", study)
    values = {f"surface_{name}": v.astype(np.float32) for name, v in found.items()}
    return values | {"surface_points": m.embed(places).astype(np.float32)}


def beside(places: np.ndarray, sample: Tokens) -> Tokens:
    """A sample with places (n, d) before it that attend and, of weight 0, are not attended to."""
    m, coordinates = sample.manifold, np.concatenate([places, sample.coordinates])
    weights = np.concatenate([np.zeros(len(places)), np.full(len(sample), 1 / len(sample))])
    return Tokens(m, coordinates, m.embed(coordinates), weights)
