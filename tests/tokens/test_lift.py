"""Tokens and scores of the lift, against the formulas written out."""

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.tokens import iid_tokens
from simulations.tokens.lift import (
    FACTORS,
    lift_definition,
    lift_score,
    lifted_dot_product,
    lifted_points,
)
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

TEMPERATURE = 2.0  # so warm that sixty tokens see each other


def lifted(spec):
    """Lifted tokens with the parts they are made of, and features."""
    rng, m = np.random.default_rng(4), manifold(spec)
    p = density(m, "exp(x/2)")
    tokens = iid_tokens(p, 60, rng)
    rho, s = 1 + p(tokens.coordinates) * 5, 2 * np.pi * rng.random(60)
    return (
        lifted_points(tokens.points, rho, s),
        (tokens.points, rho, s),
        rng.standard_normal((60, 2)),
    )


def attended(f, h, temperature):
    a = np.exp(-(f - f.min(axis=1, keepdims=True)) / temperature)
    return a / a.sum(axis=1, keepdims=True) @ h


# |X| is not constant on the torus of revolution
@pytest.mark.parametrize("spec", ["sphere", "torus"])
@pytest.mark.parametrize("factor", FACTORS)
def test_scores_of_the_lift_are_what_they_say(spec, factor):
    z, (x, rho, s), h = lifted(spec)
    product = np.outer(rho, rho)
    w = {
        "product": product,
        "query": rho[:, None] ** 2,
        "key": rho**2,
        "embedding": product,
    }[factor]
    f = ((x[:, None] - x) ** 2).sum(axis=2) + w * 2 * (1 - np.cos(s[:, None] - s))
    if factor == "embedding":
        f = f + (rho[:, None] - rho) ** 2
    expected = attended(f, h, TEMPERATURE)
    found = AttentionOperator(z, lift_score(factor), TEMPERATURE) @ h
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
    right = AttentionOperator(z, lift_definition(), TEMPERATURE) @ h
    assert (np.abs(right - expected).max() < 1e-12) == (factor == "product")


@pytest.mark.parametrize(("spec", "same"), [("sphere", True), ("torus", False)])
def test_the_dot_product_is_the_lift_where_x_has_one_length(spec, same):
    z, _, h = lifted(spec)
    right = AttentionOperator(z, lift_definition(), TEMPERATURE) @ h
    dot = AttentionOperator(z, lifted_dot_product(z.shape[1] - 3), TEMPERATURE) @ h
    assert (np.abs(right - dot).max() < 1e-12) == same


def test_lifted_points_are_checked():
    with pytest.raises(InputError, match="rho"):
        lifted_points(np.zeros((2, 3)), [1.0, 0.0], [0.0, 1.0])
    with pytest.raises(InputError, match="factor"):
        lift_score("both")
