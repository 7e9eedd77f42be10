"""The chain of tokens from a file: closed forms of the circle, and clusters that nothing joins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ive

from simulations.points import chain as chain_
from simulations.points.chain import chain_of
from theory.setting.checks import InputError


def circle(n):
    t = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(t), np.sin(t)])


def test_even_tokens_of_a_circle_have_bessel_eigenvalues():
    eps = 0.1
    found = chain_of(circle(200), eps, 0)
    z = 1 / (2 * eps)
    right = np.array([ive(k, z) / ive(0, z) for k in (0, 1, 1, 2, 2, 3, 3, 4)])
    assert np.abs(found.eigenvalues - right).max() < 1e-9
    assert found.row_error < 1e-12 and found.balance < 1e-12 and found.pieces == 1
    assert found.received == pytest.approx((1, 1)) and found.log_density < 1e-12


def test_clusters_are_counted():
    x = np.concatenate([circle(60) + [c, 0] for c in (0, 50, 100)])
    assert chain_of(x, 0.1, 0).pieces == 3


def test_a_kernel_that_is_not_symmetric_would_be_seen(monkeypatch):
    """Detailed balance fails once queries are moved against their keys: a planted mistake."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 3))
    right = chain_of(x, 1.0, 0)

    class Turned(chain_.AttentionOperator):
        def _matmat(self, h):
            return super()._matmat(np.roll(h, 1, axis=0))

    monkeypatch.setattr(chain_, "AttentionOperator", Turned)
    monkeypatch.setattr(chain_, "leading_eigenpairs", lambda *a, **k: (np.ones(1), None))
    assert right.balance < 1e-14 and chain_of(x, 1.0, 0).balance > 1e-6


@pytest.mark.parametrize("eps", [0, -1, np.nan, np.inf, "a"])
def test_a_temperature_that_is_none_is_refused(eps):
    with pytest.raises(InputError, match="temperature"):
        chain_of(circle(60), eps, 0)
