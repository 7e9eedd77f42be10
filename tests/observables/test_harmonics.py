"""Second harmonics of points."""

from __future__ import annotations

import numpy as np

from simulations.observables.harmonics import second_harmonics


def test_second_harmonics_are_eigenfunctions_of_constant_square():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((50, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    h = second_harmonics(x)
    assert h.shape == (50, 6) and np.allclose((h**2).sum(axis=1), 2 / 3)
    gram = h @ h.T
    assert np.allclose(gram, (x @ x.T) ** 2 - 1 / 3)
    assert not np.allclose(gram, (x @ x.T) ** 2, atol=0.1)
