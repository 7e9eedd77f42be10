"""Diffusion maps, Laplacian eigenmaps, and the probabilities of t-SNE."""

from __future__ import annotations

from simulations.attention import AttentionOperator
from simulations.classical import diffusion_map, laplacian_eigenmaps, tsne_conditionals
from simulations.classical.embeddings import eigenmaps
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def embeddings(parameters: claim.Parameters) -> Measurement:
    x, c = parameters.data("wine").points, claim.N_COORDINATES
    eps = claim.width_of(x)
    without = AttentionOperator(x, GAUSSIAN, eps, exclude_self=True)
    plain, corrected = (diffusion_map(x, eps, c, alpha) for alpha in (0.0, 1.0))
    return measured(
        {
            claim.DIFFUSION: (plain, eigenmaps(without, c)),
            claim.DIFFUSION_1: (corrected, plain),
            claim.LAPLACIAN: tuple(
                laplacian_eigenmaps(x, 4 * eps, c, exclude_self=removed)
                for removed in (True, False)
            ),
            claim.TSNE: tuple(
                tsne_conditionals(x, claim.PERPLEXITY, one_temperature=one) for one in (False, True)
            ),
        }
    )
