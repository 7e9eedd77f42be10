"""Tokens have the density that they claim: means, a chi-square test, and a tilted twin that the same test rejects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulations.tokens.sampling import SAMPLERS, Tokens, iid_tokens, quadrature_tokens, stratified_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

CASES = {
    "circle": ("circle", "exp(x/2 + y/4)"),
    "sphere, poles": ("sphere", "exp(z + x/2)"),
    "sphere, concentrated": ("sphere", "exp(8*z)"),
    "torus": ("torus", "1 + cos(u)*sin(v)/2"),
    "three-sphere, poles at both ends": ("sphere3", "exp(x1 - x4/2)"),
    "flat torus": ("flat_torus(dim=3)", "1 + cos(u1)*sin(u2)/2"),
    "line": ("line", "exp(-u**2/2) + exp(-(u - 3)**2)/2"),
    "interval, walls": ("interval(length=2)", "1 + u"),
}


def case(name):
    spec, formula = CASES[name]
    return density(manifold(spec), formula)


def p_value(p, tokens) -> float:
    """Chi-square test of the first chart coordinate (then of the last) in twenty bins of equal mass by quadrature."""
    nodes = quadrature_tokens(p, 2000 if p.manifold.dim == 1 else 200 if p.manifold.dim == 2 else 60)
    worst = 1.0
    for k in {0, p.manifold.dim - 1}:
        low, high = p.support[k]
        edges = np.linspace(low, high, 21)
        inner = (nodes.coordinates[:, k] - low) / (high - low) * 20
        # a node near an edge would put a whole cell of mass on one side
        expected = np.array([smooth_mass(nodes, inner, b) for b in range(20)])
        keep = expected * len(tokens) > 20
        seen = np.histogram(tokens.coordinates[:, k], edges)[0]
        observed, wanted = np.append(seen[keep], seen[~keep].sum()), np.append(expected[keep], expected[~keep].sum()) * len(tokens)
        used = wanted > 5
        worst = min(worst, stats.chisquare(observed[used], wanted[used] * observed[used].sum() / wanted[used].sum()).pvalue)
    return worst


def smooth_mass(nodes, position, b):
    values, index = np.unique(np.round(position, 9), return_inverse=True)
    mass = np.bincount(index.ravel(), nodes.weights)
    edges = np.concatenate([[0.0], (values[1:] + values[:-1]) / 2, [20.0]])
    overlap = np.clip(np.minimum(edges[1:], b + 1) - np.maximum(edges[:-1], b), 0, None) / np.diff(edges)
    return float(mass @ overlap)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_tokens_have_their_density(name, sampler):
    p = case(name)
    tokens = SAMPLERS[sampler](p, 40_000, np.random.default_rng(11))
    assert len(tokens) == 40_000 and tokens.weights is None
    assert np.allclose(tokens.points, p.manifold.embed(tokens.coordinates))
    assert p_value(p, tokens) > 1e-5


@pytest.mark.parametrize(("spec", "formula", "tilted"), [("circle", "exp(x/2)", "exp(x/2 + x/10)"), ("sphere", "exp(z)", "exp(1.1*z)"), ("torus", "1 + cos(u)/2", "1 + cos(u)/2.5")])
def test_a_tilted_density_is_rejected(spec, formula, tilted):
    m = manifold(spec)
    tokens = iid_tokens(density(m, tilted), 200_000, np.random.default_rng(11))
    assert p_value(density(m, formula), tokens) < 1e-5


@pytest.mark.parametrize("name", CASES)
def test_means_are_within_their_standard_errors(name):
    p = case(name)
    nodes = quadrature_tokens(p, 400 if p.manifold.dim < 3 else 60)
    mean = nodes.weights @ nodes.points
    deviation = np.sqrt(nodes.weights @ (nodes.points - mean) ** 2 / 20_000)
    scores = [(iid_tokens(p, 20_000, np.random.default_rng(s)).points.mean(axis=0) - mean) / deviation for s in range(8)]
    assert np.abs(scores).max() < 5
    assert np.sqrt(np.mean(np.square(scores))) < 1.6


@pytest.mark.parametrize("name", ["circle", "sphere, poles", "three-sphere, poles at both ends"])
def test_stratified_tokens_fluctuate_less(name):
    p = case(name)
    means = {s: np.array([SAMPLERS[s](p, 4000, np.random.default_rng(k)).points[:, 0].mean() for k in range(30)]) for s in SAMPLERS}
    assert means["stratified"].std() < 0.3 * means["iid"].std()
    # and they are not biased for it
    assert abs(means["stratified"].mean() - means["iid"].mean()) < 5 * means["iid"].std() / np.sqrt(30)


def test_each_part_of_the_circle_holds_one_token():
    p = density(manifold("circle"))
    tokens = stratified_tokens(p, 1024, np.random.default_rng(3))
    assert (np.bincount((tokens.coordinates[:, 0] / (2 * np.pi) * 1024).astype(int), minlength=1024) == 1).all()


@pytest.mark.parametrize("name", CASES)
def test_quadrature_weights_are_a_probability(name):
    p = case(name)
    coarse, fine = (quadrature_tokens(p, n) for n in ((120, 200) if p.manifold.dim < 3 else (24, 36)))
    for tokens in (coarse, fine):
        assert isinstance(tokens, Tokens) and abs(tokens.weights.sum() - 1) < 1e-13 and (tokens.weights > 0).all()
    assert np.allclose(coarse.weights @ coarse.points, fine.weights @ fine.points, atol=1e-9)


def test_the_same_seed_gives_the_same_tokens():
    p = case("torus")
    first, second, other = (iid_tokens(p, 500, np.random.default_rng(s)).points for s in (1, 1, 2))
    assert np.array_equal(first, second) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: iid_tokens(p, 1, np.random.default_rng(0)), "n_tokens: got 1"),
        (lambda p: iid_tokens(p, 10.5, np.random.default_rng(0)), "n_tokens: got 10.5"),
        (lambda p: stratified_tokens(p, 10, np.random.RandomState(0)), "rng: got RandomState"),
        (lambda p: iid_tokens(p, 10, 7), "rng: got int"),
        (lambda p: quadrature_tokens(p, 1), "nodes per axis: got 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call(case("circle"))
