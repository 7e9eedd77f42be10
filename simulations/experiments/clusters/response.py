"""How a small displacement of the tokens answers to a step."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.evolve import evolve_tokens
from theory.setting.pseudo_metrics import GAUSSIAN


def responses(places, wave, amplitudes, temperature: float, period: float) -> np.ndarray:
    """(factor by which a displacement amplitude * wave grows in a step) - 1, per amplitude.

    places: (n,) of tokens at rest on a flat circle; wave: (n,). The step is projected on the wave;
    what is not linear falls with the amplitude.
    """
    growth = []
    for amplitude in amplitudes:
        start = places + amplitude * wave
        moved = evolve_tokens(start[:, None], GAUSSIAN, temperature, [1], period=period)[0, :, 0]
        growth.append((moved - start) @ wave / (amplitude * wave @ wave))
    return np.array(growth)
