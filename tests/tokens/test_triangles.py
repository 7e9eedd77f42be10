"""Tokens on triangles have the density that was asked for, and nodes integrate it."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.intervals import mean_interval
from simulations.tokens.triangles import RULES, iid_on_triangles, nodes_on_triangles
from theory.setting.meshes.mesh import Mesh
from theory.setting.meshes.surfaces import mesh_of

FLAT = Mesh(
    np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float),
    np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]]),
)


@pytest.mark.parametrize("degree", RULES)
def test_rules_are_exact_to_their_degree_and_no_further(degree):
    shares, weights = RULES[degree]
    assert weights.sum() == pytest.approx(1, abs=1e-13)

    def moment(i, j, k):
        return weights @ np.prod(shares ** np.array([i, j, k]), axis=1)

    def right(i, j, k):  # 2 i! j! k!/(i+j+k+2)!
        f = [1, 1, 2, 6, 24, 120, 720, 5040]
        return 2 * f[i] * f[j] * f[k] / f[i + j + k + 2]

    for i in range(degree + 1):
        for j in range(degree + 1 - i):
            assert moment(i, j, degree - i - j) == pytest.approx(right(i, j, degree - i - j))
    beyond = degree + 1
    assert abs(moment(beyond, 0, 0) / right(beyond, 0, 0) - 1) > 1e-3


def test_tokens_have_the_density_between_corners_too():
    """Moments within triangles: of tokens, in their intervals; of uniform ones, outside."""
    p = np.array([1.0, 8.0, 1.0, 1.0])
    points, weights = nodes_on_triangles(FLAT, p, 4)
    functions = (lambda x: x[:, 0], lambda x: x[:, 0] ** 2, lambda x: x[:, 0] * x[:, 1])
    right = [weights @ f(points) for f in functions]

    def intervals(q):
        drawn = [iid_on_triangles(FLAT, q, 2000, np.random.default_rng([5, s])) for s in range(40)]
        return [mean_interval([f(x).mean() for x in drawn]) for f in functions]

    assert all(i.contains(r) for i, r in zip(intervals(p), right, strict=True))
    assert not any(i.contains(r) for i, r in zip(intervals(np.ones(4)), right, strict=True))
    # each triangle at its mean density, uniform inside: a planted mistake
    flat = np.sqrt(p)
    assert not all(i.contains(r) for i, r in zip(intervals(flat), right, strict=True))


def test_tokens_lie_on_the_triangles_and_a_seed_says_which():
    m = mesh_of("sphere", 24)
    x = iid_on_triangles(m, np.ones(len(m.vertices)), 500, np.random.default_rng(1))
    r = np.linalg.norm(x, axis=1)
    assert r.max() < 1 + 1e-12 and r.min() > 1 - m.edge_length**2
    again = iid_on_triangles(m, np.ones(len(m.vertices)), 500, np.random.default_rng(1))
    assert np.array_equal(x, again)
