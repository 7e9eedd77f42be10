"""The law of the weights over many keys: against the literature, simulation, quadrature, both ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1

from theory import long_context as law
from theory.claims import long_context as claim

TABLE = {0.25: 0.2524, 0.5: 0.4385, 1.0: 0.6353, 2.0: 0.7881}  # arXiv 2605.08505, b on S^2


@pytest.mark.parametrize(("b", "value"), TABLE.items())
def test_the_sphere_has_the_values_of_the_literature(b, value):
    assert law.poisson_participation(2, 2 * b) == pytest.approx(value, abs=5.1e-5)


@pytest.mark.parametrize("b", TABLE)
def test_the_sphere_has_the_integral_of_the_literature(b):
    theta = 1 / (2 * b)

    def integrand(v):
        u = math.exp(v)
        ein = exp1(u) + v + np.euler_gamma if u > 1e-8 else u
        seen = -math.expm1(-u) - u * math.exp(-u)
        return theta * seen * math.exp(-theta * ein)

    by_scipy = quad(integrand, -30, 300, limit=500, epsabs=1e-12, points=[0, 5, 20])[0]
    assert law.poisson_participation(2, 2 * b) == pytest.approx(by_scipy, abs=1e-8)


@pytest.mark.parametrize("d", claim.DIMENSIONS)
@pytest.mark.parametrize("s", [0.5, 4.0])
def test_arrivals_of_a_poisson_process_have_the_law(d, s):
    arrivals = np.cumsum(np.random.default_rng(d).exponential(size=(20_000, 150)), axis=1)
    rate = (math.gamma(d / 2 + 1) * s) ** (2 / d)
    powers = arrivals ** (2 / d)
    weights = np.exp(-rate * (powers - powers[:, :1]))
    squares = (weights**2).sum(axis=1) / weights.sum(axis=1) ** 2
    scatter = squares.std() / math.sqrt(len(squares))
    assert abs(squares.mean() - law.poisson_participation(d, s)) < 4 * scatter
    assert abs(squares.mean() - law.poisson_participation(d, 1.1 * s)) > 4 * scatter


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_a_few_keys_by_simulation(d):
    # naive: normalised Gaussians are uniform on the sphere, the query is the first axis
    keys = np.random.default_rng(d).standard_normal((100_000, 8, d + 1))
    score = keys[..., 0] / np.linalg.norm(keys, axis=2)
    weights = np.exp(3.0 * score)
    squares = (weights**2).sum(axis=1) / weights.sum(axis=1) ** 2
    scatter = squares.std() / math.sqrt(len(squares))
    assert abs(squares.mean() - law.participation(d, 8, 3.0)) < 4 * scatter


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_many_keys_tend_to_the_poisson_law(d):
    found = [law.participation(d, n, claim.scale(d, n, 2.0)) for n in (10**3, 10**6)]
    far, near = np.abs(np.array(found) - law.poisson_participation(d, 2.0))
    assert near < 1e-4 and near < far


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_both_ends(d):
    few, many = 1e-3, 3e3
    averaging = law.poisson_participation(d, few) / law.averaging_law(d, few)
    assert averaging == pytest.approx(1, abs=3e-3)
    if d in claim.COPIED:
        copying = (1 - law.poisson_participation(d, many)) / law.copying_law(d, many)
        assert copying == pytest.approx(1, abs=2e-2)


def test_the_critical_scale_is_where_the_sum_is_a_half():
    scale = law.critical_scale(2, 500)
    assert law.participation(2, 500, scale) == pytest.approx(0.5, abs=1e-9)
    assert claim.scale(2, 500, 1 / claim.neighbours(2, 500, scale)) == pytest.approx(scale)
