"""Iterate attention: on features (A^k H) and on measures (pi A^k)."""

from __future__ import annotations

import numpy as np

from theory.checks import InputError, whole


def evolve_features(operator, features, steps, progress=None) -> np.ndarray:
    """A^k H for each k in `steps`, an increasing list of whole numbers.

    features: (n,) or (n, c). Returns (len(steps), n) or (len(steps), n, c). `progress`, where given, is called
    once after each application.
    """
    steps = [whole("steps", k, 0) for k in steps]
    if steps != sorted(set(steps)):
        raise InputError(f"steps: got {steps}, expected increasing numbers")
    current, done, out = np.asarray(features, dtype=np.float64), 0, []
    for target in steps:
        while done < target:
            current, done = operator @ current, done + 1
            if progress:
                progress()
        out.append(current)
    return np.array(out)


def evolve_measure(operator, measure, steps, progress=None) -> np.ndarray:
    """The law of the Markov chain after k steps, pi A^k, for each k in `steps`; shapes as in `evolve_features`."""
    return evolve_features(operator.T, measure, steps, progress)
