"""Tokens have the density that they claim: means, a chi-square test, and a tilted twin that the
same test rejects.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulations.tokens.sampling import (
    SAMPLERS,
    Tokens,
    iid_tokens,
    quadrature_tokens,
    stratified_tokens,
)
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


N_TOKENS = 40_000
BINS = {1: 20, 2: 8, 3: 5}  # of each axis: cells of all coordinates together, not of each alone
TILT = 1.25  # power of the density that must be told from it


def excess(p, tokens) -> tuple[float, int]:
    """Pearson's statistic of the counts in the cells of a grid on the chart, and its freedom."""
    edges = [np.linspace(low, high, BINS[p.manifold.dim] + 1) for low, high in p.support]
    expected = len(tokens) * cell_masses(p, edges).ravel()
    seen = np.histogramdd(tokens.coordinates, edges)[0].ravel()
    kept = expected > 5
    expected = np.append(expected[kept], expected[~kept].sum())
    seen = np.append(seen[kept], seen[~kept].sum())
    full = expected > 5
    return float(((seen - expected)[full] ** 2 / expected[full]).sum()), int(full.sum()) - 1


def cell_masses(p, edges, n=12):
    """p dV of each cell by Gauss-Legendre, shape (bins,) * d."""
    x, w = np.polynomial.legendre.leggauss(n)
    lines, weights = [], []
    for e in edges:
        middle, half = (e[1:] + e[:-1]) / 2, np.diff(e) / 2
        lines.append((middle[:, None] + half[:, None] * x).ravel())
        weights.append((half[:, None] * w).ravel())
    u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, len(edges))
    mass = p(u) * p.manifold.volume(u)
    for k, along in enumerate(weights):
        shape = [-1 if j == k else 1 for j in range(len(edges))]
        mass = mass.reshape([len(line) for line in lines]) * along.reshape(shape)
    bins = [part for e in edges for part in (len(e) - 1, n)]
    return mass.reshape(bins).sum(axis=tuple(range(1, 2 * len(edges), 2)))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_tokens_have_their_density_and_not_a_tilted_one(name, sampler):
    p = case(name)
    tokens = SAMPLERS[sampler](p, N_TOKENS, np.random.default_rng(11))
    assert len(tokens) == N_TOKENS and tokens.weights is None
    assert np.allclose(tokens.points, p.manifold.embed(tokens.coordinates))
    statistic, freedom = excess(p, tokens)
    # one token in each part: counts fluctuate far less than those of independent tokens
    most = stats.chi2.isf(1e-5, freedom) if sampler == "iid" else freedom / 2
    assert statistic < most
    tilted = density(p.manifold, p.expression**TILT)
    assert excess(tilted, tokens)[0] > most


@pytest.mark.parametrize("name", CASES)
def test_counts_of_independent_tokens_fluctuate_as_they_must(name):
    """Not less: tokens that avoid one another, or repeat, would have another statistic."""
    p = case(name)
    found = [excess(p, iid_tokens(p, 4000, np.random.default_rng(s))) for s in range(20)]
    total, freedom = np.sum(found, axis=0)
    assert stats.chi2.isf(1 - 1e-4, freedom) < total < stats.chi2.isf(1e-4, freedom)


@pytest.mark.parametrize("name", CASES)
def test_means_are_within_their_standard_errors(name):
    p = case(name)
    nodes = quadrature_tokens(p, 400 if p.manifold.dim < 3 else 60)
    mean = nodes.weights @ nodes.points
    deviation = np.sqrt(nodes.weights @ (nodes.points - mean) ** 2 / 20_000)
    scores = [
        (iid_tokens(p, 20_000, np.random.default_rng(s)).points.mean(axis=0) - mean) / deviation
        for s in range(8)
    ]
    assert np.abs(scores).max() < 5
    assert np.sqrt(np.mean(np.square(scores))) < 1.6


@pytest.mark.parametrize("name", ["circle", "sphere, poles", "three-sphere, poles at both ends"])
def test_stratified_tokens_fluctuate_less(name):
    p = case(name)
    means = {
        s: np.array(
            [SAMPLERS[s](p, 4000, np.random.default_rng(k)).points[:, 0].mean() for k in range(30)]
        )
        for s in SAMPLERS
    }
    assert means["stratified"].std() < 0.3 * means["iid"].std()
    # and they are not biased for it
    assert abs(means["stratified"].mean() - means["iid"].mean()) < 5 * means["iid"].std() / np.sqrt(
        30
    )


def test_each_part_of_the_circle_holds_one_token():
    p = density(manifold("circle"))
    tokens = stratified_tokens(p, 1024, np.random.default_rng(3))
    assert (
        np.bincount((tokens.coordinates[:, 0] / (2 * np.pi) * 1024).astype(int), minlength=1024)
        == 1
    ).all()


@pytest.mark.parametrize("name", CASES)
def test_quadrature_weights_are_a_probability(name):
    p = case(name)
    coarse, fine = (
        quadrature_tokens(p, n) for n in ((120, 200) if p.manifold.dim < 3 else (24, 36))
    )
    for tokens in (coarse, fine):
        assert (
            isinstance(tokens, Tokens)
            and abs(tokens.weights.sum() - 1) < 1e-13
            and (tokens.weights > 0).all()
        )
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


@pytest.mark.parametrize("value", [None, "exp(z)", 3, manifold("sphere")])
def test_what_is_no_density_is_named(value):
    for sampler in SAMPLERS.values():
        with pytest.raises(InputError, match="^density: got .*expected a Density"):
            sampler(value, 10, np.random.default_rng(1))
    with pytest.raises(InputError, match="^density: got .*expected a Density"):
        quadrature_tokens(value, 10)
