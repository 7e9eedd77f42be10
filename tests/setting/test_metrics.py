"""The metric that W induces, and the density with respect to its volume."""

from __future__ import annotations

import numpy as np
import pytest

from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import closed_curve, manifold
from theory.setting.metrics import pulled_back, relative_density
from theory.setting.quadrature import chart_quadrature

W = np.array([[1.2, 0.3], [-0.4, 0.8]])


@pytest.fixture
def ellipse():
    return manifold("ellipse(a=1.5)")


def test_the_pulled_back_metric_is_that_of_the_mapped_embedding(ellipse):
    mapped = closed_curve("mapped", "(1.2*1.5*cos(u) + 0.3*sin(u), -0.4*1.5*cos(u) + 0.8*sin(u))")
    u = ellipse._probe_points()
    assert np.allclose(pulled_back(ellipse, W).metric(u), mapped.metric(u))
    assert not np.allclose(ellipse.metric(u), mapped.metric(u), rtol=0.05)


def test_the_relative_density_gives_every_arc_the_same_mass(ellipse):
    p = density(ellipse, "exp(x/2)")
    learned = pulled_back(ellipse, W)
    relative = relative_density(p, learned)
    u, w = chart_quadrature(ellipse, 50)
    _, w_learned = chart_quadrature(learned, 50)
    assert np.allclose(relative(u) * w_learned, p(u) * w, rtol=1e-12)
    assert not np.allclose(density(learned, p.expression)(u) * w_learned, p(u) * w, rtol=0.05)


def test_a_matrix_that_folds_or_crosses_the_manifold_is_refused(ellipse):
    for rank in (0, 2):
        with pytest.raises(InputError, match=f"got rank {rank} on sphere, expected at least 3"):
            pulled_back(manifold("sphere"), np.eye(3)[:rank])
    bent = closed_curve("bent", "(cos(u), sin(u), 0.4*sin(2*u))")
    flat = closed_curve("eight", "(sin(2*u), sin(u), cos(u))")
    assert pulled_back(bent, np.eye(3)[:2]).dim == 1
    with pytest.raises(InputError, match="brings points of eight together"):
        pulled_back(flat, np.eye(3)[:2])
    with pytest.raises(InputError, match="matrix: got shape"):
        pulled_back(ellipse, np.eye(3))
