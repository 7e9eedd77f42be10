"""What a measurement returns: numbers with intervals, fields, arrays that are to equal those of
others, and arrays for figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from simulations.statistics.intervals import Interval
from theory.setting.checks import InputError, finite_array, within


@dataclass(frozen=True)
class Number:
    """A measured number, finished with its interval.

    wrong_methods: the same quantity measured by methods that are known to be wrong, by name; each
    must miss the prediction.
    """

    interval: Interval
    wrong_methods: dict[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """Measured functions at chart points, per level and seed.

    values: (levels, seeds, points, functions), NaN where a seed was not run. coordinates: (points,
    d), the same for all levels and seeds. weights: (points,), of the norms. steps: (levels,), the
    step that each level declares (a temperature, a spacing, 1/N). on_nodes: for one level of
    samples, the name of the field on quadrature nodes that it is compared with, one of whose levels
    has the same step. wrong_methods: values by the name of a method that is known to be wrong.
    errors: (levels,), what values without samples are known to, such as the tolerance of an engine
    over the step.
    """

    values: np.ndarray
    coordinates: np.ndarray
    weights: np.ndarray
    steps: np.ndarray
    on_nodes: str | None = None
    wrong_methods: dict[str, np.ndarray] = field(default_factory=dict)
    errors: np.ndarray | None = None

    def __post_init__(self):
        values = np.asarray(self.values)
        if values.ndim != 4:
            raise InputError(
                f"values: got shape {values.shape}, expected (levels, seeds, points, functions)"
            )
        levels, _, points, _ = values.shape
        finite_array("coordinates", self.coordinates, (points, None))
        finite_array("weights", self.weights, (points,))
        finite_array("steps", self.steps, (levels,))
        if self.errors is not None:
            finite_array("errors", self.errors, (levels,))
        for name, wrong in self.wrong_methods.items():
            if np.shape(wrong) != values.shape:
                raise InputError(
                    f"wrong method {name!r}: got shape {np.shape(wrong)}, expected {values.shape}"
                )

    @property
    def deterministic(self) -> bool:
        """Whether there is one run a level: quadrature nodes, no samples."""
        return self.values.shape[1] == 1


@dataclass(frozen=True)
class Values:
    """A measured array of any shape, numbers or labels (whole numbers), known to a bound.

    bound: of the error of an entry, relative to the largest |entry|; of labels 0. basis: where the
    bound is from, in words. wrong_methods: arrays of the same shape by the name of a method that is
    known to be wrong.
    """

    values: np.ndarray
    bound: float
    basis: str
    wrong_methods: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        values = np.asarray(self.values)
        if values.dtype.kind not in "fiu" or not values.size or not np.isfinite(values).all():
            raise InputError(
                f"values: got {values.dtype} of shape {values.shape}, expected finite numbers or "
                "whole labels"
            )
        within("bound", self.bound, 0.0, np.inf)
        if not self.basis:
            raise InputError("basis: got none, expected a text that says where the bound is from")
        for name, wrong in self.wrong_methods.items():
            if np.shape(wrong) != values.shape:
                raise InputError(
                    f"wrong method {name!r}: got shape {np.shape(wrong)}, expected {values.shape}"
                )


Quantity = Number | Field | Values


@dataclass(frozen=True)
class Measurement:
    """All that an experiment measured: quantities by name (the first is the headline), arrays for
    the figures, tables as text."""

    quantities: dict[str, Quantity]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.quantities:
            raise InputError("measurement: got no quantities, expected at least one")


def merged(
    parts: Iterable[Measurement], arrays: dict[str, np.ndarray] | None = None
) -> Measurement:
    """One measurement of all that its parts measured, in their order, and more arrays."""
    parts = list(parts)
    quantities, found = {}, {}
    for part in parts:
        quantities |= part.quantities
        found |= part.arrays
    tables = tuple(table for part in parts for table in part.tables)
    return Measurement(quantities, found | (arrays or {}), tables)


def deterministic_field(values, coordinates, steps, weights=None, errors=None) -> Field:
    """A field without samples, values (levels, points, functions), weights by default equal;
    errors: as of `Field`.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 3:
        raise InputError(f"values: got shape {values.shape}, expected (levels, points, functions)")
    points = values.shape[1]
    weights = np.full(points, 1 / points) if weights is None else weights
    coordinates, weights, steps = map(np.asarray, (coordinates, weights, steps))
    return Field(values[:, None], coordinates, weights, steps, errors=errors)
