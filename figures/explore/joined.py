"""A finished measurement beside its prediction: what the pictures of the page draw."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from figures.explore import predicted
from figures.explore.choice import Choice
from figures.explore.measured import Measured, measure
from simulations.verdict.join import judge_quantities
from simulations.verdict.rows import Row
from theory.setting.checks import InputError

KEPT = 8  # choices, so that going back is prompt
# a visitor is a thread, and compiled kernels of one at a time may run
ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Joined:
    """A measurement and what was predicted for it.

    rows: judged, none where the prediction cannot be had, with the reason in `note`. tau: the clock
    of a step; drift: the coefficient in the limit. equation, without: its solution and that of a
    wrong drift, `rival`, at the tokens, (STEPS + 1, n). slopes: tau grad log p at the places,
    (places, D), of which the predicted move is `drift` times as much.
    """

    choice: Choice
    measured: Measured
    rows: tuple[Row, ...]
    note: str
    tau: float
    drift: float
    rival: float
    equation: np.ndarray
    without: np.ndarray
    slopes: np.ndarray

    @property
    def arrows(self) -> np.ndarray:
        """The predicted move of a step at the places, (places, D)."""
        return self.drift * self.slopes

    def distances(self) -> tuple[np.ndarray, np.ndarray]:
        """Root mean square over the tokens of A^k H less the equation, and less the wrong one,
        (STEPS + 1,) each."""
        found = (self.measured.features - other for other in (self.equation, self.without))
        return tuple(np.sqrt((d**2).mean(axis=1)) for d in found)


def joined(choice: Choice) -> Joined:
    """Measure, then predict, then judge; the last few are kept. Raises InputError."""
    with ONE_AT_A_TIME:
        return _joined(choice)


@lru_cache(maxsize=KEPT)
def _joined(choice):
    measured = measure(choice)  # finished, with its intervals, before anything is predicted
    rows, note = verdict(choice, measured)
    u, drift, rival = (
        measured.tokens.coordinates, predicted.limit_drift(choice), predicted.rival_drift(choice)
    )  # fmt: skip
    return Joined(
        choice, measured, rows, note, predicted.tau(choice), drift, rival,
        predicted.equation(choice, u, drift), predicted.equation(choice, u, rival),
        predicted.slopes(choice, choice.places),
    )  # fmt: skip


def verdict(choice: Choice, measured: Measured) -> tuple[tuple[Row, ...], str]:
    """The judged rows, or none and why."""
    if not measured.quantities:
        return (), "density: it is uniform, so no drift is there to be measured"
    try:
        values = predicted.values(choice)
    except InputError as refused:
        return (), str(refused)
    quantities = {name: measured.quantities[name] for name in values}
    return tuple(judge_quantities(quantities, values)), ""
