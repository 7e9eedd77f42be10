"""Where |X| is constant, lifted attention is a dot product of signature (+, .., +, -)."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.lift.attention import lifted
from simulations.observables.generator import feature_columns
from simulations.statistics.intervals import rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from simulations.tokens.lift import lift_definition, lift_score, lifted_dot_product
from theory.claims import lift as claim


def identity_study(case: claim.Case, parameters: claim.Parameters) -> Measurement:
    """The largest difference of A H between f as it is written and as a dot product.

    And the same with the plain embedding in place of the dot product.
    """
    rng, eps = np.random.default_rng([parameters.seed, 2]), case.identity_temperature
    tokens = iid_tokens(case.tokens_density(), claim.IDENTITY_TOKENS, rng)
    points = lifted(case, tokens, 2 * np.pi * rng.random(len(tokens))).points
    h = feature_columns(case.manifold, case.features, tokens.coordinates)
    dot = lifted_dot_product(case.manifold.ambient_dim)
    written, product, embedded = (
        AttentionOperator(points, f, eps) @ h
        for f in (lift_definition(), dot, lift_score("embedding"))
    )
    # rounding of a score changes its weight by as much in units of the temperature
    size = 1 + np.abs(dot(points, points)).max() / eps

    def difference(other):
        return rounded(np.abs(written - other).max(), len(tokens), size)

    number = Number(difference(product), {claim.EMBEDDING: difference(embedded)})
    return Measurement({claim.identity(case.name): number})
