"""Grid solvers in turn with ours: errors against the spectral reference, and peers that are gone."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from simulations.bench import pde_peers


def test_the_reference_solves_the_equation():
    """A method of lines with Fourier derivatives of another library, on 32 nodes an axis."""
    n = 32
    x = 2 * np.pi * np.arange(n) / n
    k = 1j * np.fft.fftfreq(n, 1 / n)
    k[n // 2] = 0

    def slope(_, h):
        h = h.reshape(n, n)
        a, b = np.fft.fft(h, axis=0), np.fft.fft(h, axis=1)
        first, second = np.fft.ifft(k[:, None] * a, axis=0), np.fft.ifft(k * b, axis=1)
        laplacian = np.fft.ifft(k[:, None] ** 2 * a, axis=0) + np.fft.ifft(k**2 * b, axis=1)
        drift = -np.sin(x)[:, None] * first + 0.6 * np.cos(x) * second
        return (laplacian + drift).real.ravel()

    start = np.sin(x)[:, None] * np.cos(x) + np.cos(2 * x)[:, None] / 2
    span, end = (0, pde_peers.TIME), [pde_peers.TIME]
    found = solve_ivp(
        slope, span, start.ravel(), t_eval=end, method="DOP853", rtol=1e-10, atol=1e-10
    )
    assert np.abs(found.y[:, -1].reshape(n, n) - pde_peers.exact(x, x)).max() < 1e-7


def test_a_peer_has_its_own_error_and_the_range_of_the_ratio():
    mine = pde_peers.our_call(32)
    x = (np.arange(32) + 0.5) * 2 * np.pi / 32
    row = pde_peers.beside("wrong", mine, 32, lambda n: ("", x, lambda: 1.01 * mine()), 3)
    ours = pde_peers.ours(32, mine)
    assert ours["error"] < 5e-3 < row["error"] < 2e-2
    assert row["ratio_low"] <= row["ratio to ours"] <= row["ratio_high"]


def test_a_peer_that_is_missing_is_a_row_that_says_so():
    def gone(cells):
        raise ImportError

    row = pde_peers.beside("gone", None, 32, gone)
    assert row == {"solver": "gone", "setting": "not installed"}


@pytest.mark.parametrize(("library", "make"), [("pde", "py_pde"), ("fipy", "fipy")])
def test_peers_solve_the_same_equation(library, make):
    pytest.importorskip(library, reason="a peer of make bench (requirements-bench.txt)")
    row = pde_peers.beside(make, pde_peers.our_call(16), 16, getattr(pde_peers, make), 2)
    assert row["error"] < 0.05
