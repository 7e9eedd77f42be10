"""A method's array with that of its wrong convention."""

from __future__ import annotations

import numpy as np

from simulations.store.quantities import Measurement, Values
from theory.claims.classical import CONTROLS, ROUNDING


def measured(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> Measurement:
    """By the name of the method: what it gives, and what its wrong convention gives."""
    return Measurement(
        {name: values(right, {CONTROLS[name]: wrong}) for name, (right, wrong) in found.items()}
    )


def values(right, wrong_methods) -> Values:
    """Numbers to rounding, labels exactly."""
    if np.asarray(right).dtype.kind in "iu":
        return Values(right, 0.0, "labels are counted", wrong_methods)
    basis = f"rounding, relative to the largest value: claimed to {ROUNDING:g}"
    return Values(right, ROUNDING, basis, wrong_methods)
