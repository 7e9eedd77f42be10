"""Predictions of `markov` against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import iv

from theory.claims import markov as claim
from theory.claims.markov import Parameters
from theory.predictions.markov import curves, predict

VON_MISES = Parameters(manifold="circle", density="exp(3*x/4)", n_tokens=4 * 10**6)


def test_the_consensus_of_von_mises_tokens():
    # p^2 is a von Mises law of twice the concentration: the mean of cos is I_1/I_0 there
    limit, rival = (curves(VON_MISES)[name][0] for name in ("limit", "rival"))
    assert limit == pytest.approx(iv(1, 1.5) / iv(0, 1.5), rel=1e-12)
    assert rival == pytest.approx(iv(1, 0.75) / iv(0, 0.75), rel=1e-12)
    order = predict(VON_MISES)[claim.BIAS]
    assert order.order == 1.0 and order.target(np.zeros((1, 1))).shape == (1, 4)
    assert order.rivals["int H p"](None)[0, 0] == rival


def test_the_consensus_at_a_temperature_by_a_plain_sum():
    t = 2 * np.pi * np.arange(256) / 256
    p = np.exp(0.75 * np.cos(t))
    kernel = np.exp((np.cos(t[:, None] - t) - 1) / (2 * VON_MISES.temperature))
    degrees = p * (kernel @ p)
    expected = degrees @ np.cos(t) / degrees.sum()
    value = predict(VON_MISES)[claim.CONSENSUS]
    assert value.value == pytest.approx(expected, rel=1e-6)
    assert value.kind == "at size"


def test_the_variance_of_the_consensus_as_the_temperature_vanishes():
    # moments of von Mises laws: 4 int (cos - m)^2 p^3/(int p^2)^2
    a = 0.75
    p = {k: iv(0, k * a) / iv(0, a) ** k / (2 * np.pi) ** (k - 1) for k in (2, 3)}
    m = iv(1, 2 * a) / iv(0, 2 * a)
    first, second = iv(1, 3 * a) / iv(0, 3 * a), (1 + iv(2, 3 * a) / iv(0, 3 * a)) / 2
    expected = 4 * (second - 2 * m * first + m**2) * p[3] / p[2] ** 2
    assert predict(VON_MISES)[claim.LIMIT_VARIANCE].value == pytest.approx(expected, rel=1e-10)
