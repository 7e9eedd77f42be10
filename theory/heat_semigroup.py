"""The heat semigroup in closed form: on a closed curve by waves, on the sphere by Legendre series."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import legendre

from theory.setting.checks import positive

_DECAY = 40.0  # modes are kept up to a decay of e^-40


def heat_kernel_on_sphere(cosine, time: float) -> np.ndarray:
    """sum_l (2l+1)/(4 pi) e^(-l(l+1) t) P_l(x.y), per unit of area, at cosines of any shape.

    The addition theorem of spherical harmonics; on the unit sphere S^2.
    """
    t = positive("time", time)
    degrees = np.arange(math.ceil(math.sqrt(_DECAY / t)) + 1)
    terms = (2 * degrees + 1) / (4 * math.pi) * np.exp(-degrees * (degrees + 1) * t)
    return legendre.legval(np.asarray(cosine, dtype=np.float64), terms)


def step_after(s, time: float, length: float) -> np.ndarray:
    """e^(T d^2/ds^2) of the step function of the claim, at arc length s (n,) over the length: (n,).

    f = 1 on (1/4, 1/2) and s - 1 on (1/2, 1). With w = 2 pi k its Fourier coefficients are
    c_k = (e^(-iw/4) - 3/2 e^(-iw/2))/(iw) + (e^(-iw/2) - 1)/(iw)^2 and c_0 = 1/8: each jump of f
    over iw, each jump of its slope over (iw)^2.
    """
    rate = (2 * math.pi / positive("length", length)) ** 2 * positive("time", time)
    k = np.arange(1, math.ceil(math.sqrt(_DECAY / rate)) + 1)
    iw = 2j * math.pi * k
    c = (np.exp(-iw / 4) - 1.5 * np.exp(-iw / 2)) / iw + (np.exp(-iw / 2) - 1) / iw**2
    waves = np.exp(np.multiply.outer(np.asarray(s), iw))
    return 1 / 8 + 2 * (waves @ (c * np.exp(-rate * k**2))).real
