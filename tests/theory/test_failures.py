"""Gaps, lattices and the dot product off the sphere: laws against what they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from theory.failures import ellipse_leader, expected_pieces, gap_escape_rate, lattice_clock
from theory.setting.checks import InputError


def test_flow_across_a_gap_by_brute_force():
    x, y = (np.arange(4000) + 0.5) / 4000, 1.3 + 0.5 * (np.arange(2000) + 0.5) / 2000

    def mass(a, b):
        return np.exp(-((a[:, None] - b) ** 2) / 0.04).sum()

    across, inside = mass(x, y), (mass(x, x), mass(y, y))
    total = sum(inside) + 2 * across
    expected = across * total / ((inside[0] + across) * (inside[1] + across))
    assert gap_escape_rate((1.0, 0.5), 0.3, 0.01) == pytest.approx(expected, rel=1e-4)
    assert gap_escape_rate((1.0, 0.5), 0.33, 0.01) != pytest.approx(expected, rel=0.1)
    with pytest.raises(InputError, match="gap: got 0"):
        gap_escape_rate((1.0, 1.0), 0.0, 0.01)


def test_expected_pieces():
    # two tokens fall apart in both of their gaps, or in one: half a turn is one on average
    assert expected_pieces(2, np.pi) == pytest.approx(1.0)
    angles = np.sort(np.random.default_rng(1).random((4000, 50)) * 2 * np.pi, axis=1)
    gaps = np.diff(angles, axis=1, append=angles[:, :1] + 2 * np.pi)
    counted = (gaps > 0.2).sum(axis=1).mean()
    assert expected_pieces(50, 0.2) == pytest.approx(counted, rel=0.02)
    with pytest.raises(InputError, match="expected an arc below 2 pi"):
        expected_pieces(10, 7.0)


def test_lattice_clock_from_crowded_to_lonely():
    assert lattice_clock(0.1, 0.1) == pytest.approx(1.0, abs=1e-12)
    assert lattice_clock(1.0, 1 / 40) == pytest.approx(40 * np.exp(-10), rel=1e-3)
    assert lattice_clock(1.0, 1 / 40) != pytest.approx(80 * np.exp(-10), rel=1e-1)


def test_leader_has_the_largest_score():
    t, keys = np.linspace(0.1, 6.1, 13), np.linspace(-np.pi, np.pi, 200_001)
    scores = 9 * np.cos(t)[:, None] * np.cos(keys) + np.sin(t)[:, None] * np.sin(keys)
    best = np.exp(1j * keys[np.argmax(scores, axis=1)])
    assert np.abs(best - np.exp(1j * ellipse_leader(t, 3.0, 1.0))).max() < 1e-4
    wrong = np.arctan2(np.sin(t), 3 * np.cos(t))
    assert np.abs(best - np.exp(1j * wrong)).max() > 1e-2
