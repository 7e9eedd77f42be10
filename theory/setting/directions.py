"""Directions of Gaussian tokens: what cosine similarity sees of them."""

from __future__ import annotations

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array


def angular_density(covariance) -> str:
    """Density of the directions u = x/|x| of tokens x ~ N(0, S), up to a constant, a formula.

    (u^T S^-1 u)^(-D/2) in x1..xD: the radial integral of the Gaussian (Mardia and Jupp 2000,
    section 9.4.4, the angular central Gaussian distribution).
    """
    s = finite_array("covariance", covariance, (None, None))
    if s.shape[0] != s.shape[1] or not np.allclose(s, s.T) or np.linalg.eigvalsh(s).min() <= 0:
        raise InputError(
            f"covariance: got {s.tolist()}, expected a symmetric positive definite matrix"
        )
    u = sp.Matrix(sp.symbols(f"x1:{len(s) + 1}"))
    form = sp.expand((u.T * sp.Matrix(np.linalg.inv(s)) * u)[0])
    return f"({form})**({-len(s) / 2!r})"
