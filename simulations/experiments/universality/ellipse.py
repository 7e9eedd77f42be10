"""An ellipse, where a dot product is no transformation of the distance: its features jump."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.generator import feature_columns
from simulations.store.quantities import Field
from simulations.tokens import quadrature_tokens
from theory.claims import universality as claim
from theory.setting.nodes import nodes_for
from theory.setting.references import probe_features, reference_density

N_SHOWN = 100  # nodes at which the generator is looked at
# the dot product bends up to a^2/b^2 = 4 times as sharply as on a circle, and twice that is safe
SHARPER = 8


def off_the_sphere() -> dict[str, Field]:
    """(A - I)H/tau of nodes that attend to themselves, for r^2 and for the dot product.

    The dot product is taken at the temperature whose clock is tau on a circle.
    """
    p, taus = reference_density(claim.ELLIPSE), claim.ellipse_clocks()
    m, (count,) = p.manifold, nodes_for(p.manifold, taus[-1] / SHARPER)
    tokens = quadrature_tokens(p, N_SHOWN * -(-count // N_SHOWN))
    h, every = feature_columns(m, probe_features(m), tokens.coordinates), len(tokens) // N_SHOWN

    def values(name):
        operators = [AttentionOperator(tokens, *claim.at_clock(name, m.dim, tau)) for tau in taus]
        rates = [(a @ h - h) / tau for a, tau in zip(operators, taus, strict=True)]
        return np.array(rates)[:, None, ::every]

    weights = tokens.weights[::every] / tokens.weights[::every].sum()
    wrong = {"dot product, no metric here": values(claim.DOT_PRODUCT)}
    shown = tokens.coordinates[::every]
    return {claim.OFF_THE_SPHERE: Field(values(claim.CHORD), shown, weights, taus, None, wrong)}
