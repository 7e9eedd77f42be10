"""How fast features forget on which token they are, when one kernel is applied again and again."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError


def log_spreads(kernel, features, depths) -> np.ndarray:
    """log of the standard deviation over tokens of A^k H at the depths k, in units of that of H.

    kernel: A (n, n), rows that sum to 1; features: H (n, c), all columns together; depths: 1, 2, 4,
    ..., each twice the one before. As A 1 = 1, what is left of A H about its mean is B H with
    B = (I - J) A (I - J), J the mean. B is squared again and again, its size kept apart, so that
    nothing is lost to underflow. Raises InputError for other depths, features that are constant,
    or a kernel whose rows are equal.
    """
    if list(depths) != [2**k for k in range(len(depths))]:
        raise InputError(f"depths: got {tuple(depths)}, expected 1, 2, 4, ...")
    apart = _centred(np.asarray(features, dtype=np.float64))
    power = _centred(_centred(np.asarray(kernel, dtype=np.float64)).T).T
    first, log, found = np.linalg.norm(apart), 0.0, []
    if not first > 0:
        raise InputError("features: constant over the tokens, expected some spread")
    for _ in depths:
        size = np.linalg.norm(power)
        if not size > 0:
            raise InputError("kernel: rows that are equal, expected attention that differs")
        power, log = power / size, log + np.log(size)
        left = np.linalg.norm(_centred(power @ apart))
        if not left > 0:
            raise InputError("features: nothing is left of them, expected some spread")
        found.append(log + np.log(left / first))
        power, log = power @ power, 2 * log
    return np.array(found)


def rates(logs, depths) -> np.ndarray:
    """Log of the factor a layer between successive depths, (..., depths - 1) of (..., depths)."""
    return np.diff(logs, axis=-1) / np.diff(depths)


def _centred(features):
    return features - features.mean(axis=0)
