"""nufft against a method of the same kind, linear in the number of tokens: the fast Gauss
summation of the NFFT library (pyNFFT3's FASTSUM), as used by Alfke, Potts, Stoll and Volkmer 2018.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np

from simulations.attention import AttentionOperator
from simulations.bench.rows import compared
from simulations.bench.samples import exact, sphere_points
from simulations.bench.timing import timed
from theory.setting.pseudo_metrics import dot_product

TEMPERATURE = 0.02  # of the dot product on the sphere
# by tolerance: modes an axis at this temperature, and the cut-off of the NFFT's window (measured
# errors of a step: 5e-8 and 5e-11)
SETTINGS = {1e-7: (44, 4), 1e-10: (56, 5)}
RADIUS = 0.25 * (1 - 1e-12)  # of the ball in which it wants the points, without a border


class FastGauss:
    """sum_j exp(-|x_i - x_j|^2/(2 T)) v_j of points x (n, 3) in the unit ball and v (n,) complex.

    At these temperatures the Gaussian is below 1e-13 half a period away, so that neither the border
    nor the near field of the method is needed. Raises ImportError without pyNFFT3.
    """

    def __init__(self, x, temperature: float, tolerance: float):
        from pyNFFT3 import FASTSUM

        modes, cut_off = SETTINGS[tolerance]
        modes = 2 * math.ceil(modes / 2 * math.sqrt(TEMPERATURE / temperature))
        width = RADIUS * math.sqrt(2 * temperature)
        n, dim = x.shape
        self._plan = FASTSUM(
            dim, n, n, "gaussian", width, n=modes, p=1, eps_I=0.0, eps_B=0.0, nn=2 * modes, m=cut_off
        )  # fmt: skip
        self._plan.x = self._plan.y = np.ascontiguousarray(RADIUS * x)

    def __call__(self, values) -> np.ndarray:
        self._plan.alpha = np.ascontiguousarray(values, dtype=np.complex128)
        self._plan.trafo()
        return self._plan.f


def fastsum_attention(x, temperature: float, tolerance: float):
    """A call h (n, c) -> (n, c) of softmax attention on the unit sphere, once the denominators are
    known; two features share one complex transform, as in the engine.
    """
    gauss = FastGauss(x, temperature, tolerance)
    denominators = gauss(np.ones(len(x))).real.copy()

    def attend(h):
        out = np.empty_like(h)
        for k in range(0, h.shape[1], 2):
            pair = h[:, k] if k + 1 == h.shape[1] else h[:, k] + 1j * h[:, k + 1]
            field = gauss(pair)
            out[:, k] = field.real / denominators
            if k + 1 < h.shape[1]:
                out[:, k + 1] = field.imag / denominators
        return out

    return attend


def fastsum_rows(quick: bool = False, sizes=(200_000, 1_000_000)) -> list[dict]:
    """A step of one feature at two tolerances; the set-up of both includes the denominators."""
    rows = []
    _warm()
    for n in (20_000,) if quick else sizes:
        x = sphere_points(n)
        h = x[:, :1].copy()
        truth = exact(x, h, TEMPERATURE)
        rows += [fastsum_row(x, h, truth, tolerance) for tolerance in SETTINGS]
    return rows


def fastsum_row(x, h, truth, tolerance: float) -> dict:
    operator = AttentionOperator(x, dot_product(), TEMPERATURE, engine="nufft", tolerance=tolerance)
    row = {
        "group": "attention step", "engine": "nufft",
        "problem": f"N = {len(x)}, R^3, 1 feature, {tolerance:.0e}".replace("e-0", "e-"),
        "peer_name": "pyNFFT3 FASTSUM",
    }  # fmt: skip
    first, step = timed(lambda: operator @ h)[0], timed(lambda: operator @ h)[0]

    def make():
        attend = fastsum_attention(x, TEMPERATURE, tolerance)
        return lambda: attend(h)

    return compared(
        row, lambda: operator @ h, make, lambda: truth, warm=False, setup=max(0.0, first - step)
    )


def _warm():
    """Compilation and imports of both sides are no part of a set-up."""
    x = sphere_points(1000)
    AttentionOperator(x, dot_product(), TEMPERATURE, engine="nufft") @ x[:, :1]
    with contextlib.suppress(ImportError):
        FastGauss(x, TEMPERATURE, min(SETTINGS))
