"""Evolution in the height alone, against Fourier modes, harmonics and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_gegenbauer

from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.references import scattered_points
from theory.spectral import fourier_evolution, harmonic_evolution
from theory.zonal import zonal_evolution


@pytest.mark.parametrize("drift", [0.0, 1.0, 2.0])
@pytest.mark.parametrize(
    ("name", "solver"), [("circle", fourier_evolution), ("sphere", harmonic_evolution)]
)
def test_smooth_features_evolve_as_by_other_modes(name, solver, drift):
    m = manifold(name)
    u = scattered_points([(a.low, a.high) for a in m.axes], 30)
    other = solver(density(m, "exp(1.3*x1)"), "exp(x1)", [0.15], u, drift_coefficient=drift)[0]
    found = zonal_evolution(m.dim, 1.3, drift, 0.15, np.exp)(m.embed(u)[:, 0])
    np.testing.assert_allclose(found, other, atol=1e-10)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_step_function_spreads_as_its_harmonics_do_under_the_heat_equation(dim):
    """The zonal harmonics of S^d, cos(n angle), Legendre's and Chebyshev's of the second kind."""
    cut, time, t = 0.2, 0.2, np.linspace(-1, 1, 11)

    def harmonic(n, s):
        angle = np.arccos(s)
        return np.cos(n * angle) if dim == 1 else eval_gegenbauer(n, (dim - 1) / 2, s)

    def over_angle(f, end):
        return quad(lambda a: f(np.cos(a)) * np.sin(a) ** (dim - 1), 0, end, limit=400)[0]

    expected = np.zeros_like(t)
    for n in range(16):
        share = over_angle(lambda s, n=n: harmonic(n, s), np.arccos(cut))
        norm = over_angle(lambda s, n=n: harmonic(n, s) ** 2, np.pi)
        expected += share / norm * np.exp(-n * (n + dim - 1) * time) * harmonic(n, t)
    found = zonal_evolution(dim, 1.0, 0.0, time, lambda s: (s > cut) * 1.0, (cut,))(t)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_constants_stay_and_the_mean_of_p_to_the_drift_is_kept(dim):
    kept = zonal_evolution(dim, 0.7, 2.0, 0.3, lambda s: 3.0 + 0 * s)
    np.testing.assert_allclose(kept(np.linspace(-1, 1, 5)), 3.0, rtol=1e-11)

    def mean(h):
        weighted = [
            quad(lambda a, g=g: g(np.cos(a)) * np.exp(1.4 * np.cos(a)) * np.sin(a) ** (dim - 1),
                 0, np.pi, points=[np.arccos(0.2)])[0]
            for g in (h, np.ones_like)
        ]  # fmt: skip
        return weighted[0] / weighted[1]

    jump = lambda s: np.where(s > 0.2, 2.0, 1.0)  # noqa: E731
    moved = zonal_evolution(dim, 0.7, 2.0, 0.3, jump, (0.2,))
    assert abs(mean(moved) - mean(jump)) < 1e-8
