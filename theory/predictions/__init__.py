"""What is predicted: one file a claim, `predict(parameters) -> {quantity: prediction}`.

A prediction is a `Value` (of a measured number), an `Order` (of the error of a measured field
against a function), a `Member` (of a family of equations that is searched) or `Same` (an array that
the measured one is to equal). Each has rivals: wrong predictions that the measurement must reject. A module may also have
`curves(parameters) -> {name: array}`, the lines that figures draw.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from theory.setting.checks import InputError, one_of

KINDS = ("limit", "at size", "identity", "bound", "consistency")
NORMS = ("l2", "sup")


@dataclass(frozen=True)
class Value:
    """The predicted value of a measured number.

    kind: "limit" (of steps that shrink), "at size" (at that very temperature and number of tokens),
    "identity" (to rounding), "bound" (the number is at least the value) or "consistency" (the same
    thing measured twice). rivals: wrong values by name, which the interval must exclude. scale: for
    a predicted zero, the size of what would be a full miss; resolution is relative to it. aside: the
    row is judged, but the verdict of the claim does not rest on it.
    """

    value: float
    rivals: dict[str, float] = field(default_factory=dict)
    kind: str = "limit"
    scale: float | None = None
    aside: bool = False

    def __post_init__(self):
        one_of("kind", self.kind, KINDS)
        if not np.isfinite(self.value):
            raise InputError(f"value: got {self.value}, expected a finite number")
        if self.scale is not None and not self.scale > 0:
            raise InputError(f"scale: got {self.scale}, expected a number > 0")
        if self.value == 0 and self.scale is None and self.kind not in ("identity", "bound"):
            raise InputError("scale: got none, expected the size of a full miss beside a zero")


Target = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Order:
    """A measured field tends to `target` with the given order in its step.

    target: a function of chart points (n, d) to (n, c), the functions of the field; or one such
    function a level, where it is the prediction that is refined. rivals: other targets by name,
    against which the error must not fall with that order. kind: "limit", or "bound" where the order
    is at least the given one. carried: of a field whose points are each sample's own, how many of
    its functions, the first ones, say where they are; the target is of these, for the others.
    """

    target: Target | Sequence[Target]
    order: float
    rivals: dict[str, Target | Sequence[Target]] = field(default_factory=dict)
    kind: str = "limit"
    norm: str = "l2"
    carried: int = 0

    def __post_init__(self):
        one_of("kind", self.kind, ("limit", "bound"))
        one_of("norm", self.norm, NORMS)


@dataclass(frozen=True)
class Member:
    """A measured field is a member of a family of functions: which one is searched for.

    family: a function of (coefficients (k,), chart points (n, d)) to (n, c). neutral: where the
    search starts, (k,), not at the prediction. values: the predicted coefficients in their order,
    each a `Value` by the name of the row it makes.
    """

    family: Callable[[np.ndarray, np.ndarray], np.ndarray]
    neutral: tuple[float, ...]
    values: dict[str, Value]

    def __post_init__(self):
        if len(self.neutral) != len(self.values):
            raise InputError(
                f"neutral: got {len(self.neutral)} coefficients, expected {len(self.values)}"
            )


@dataclass(frozen=True)
class Same:
    """A measured array equals `values`, computed by others, to the bound that the measurement says.

    Numbers: the largest |difference|, relative to the largest |value|. Labels (whole numbers): the
    share of them that differ. rivals: wrong arrays by name; they and the wrong methods must differ
    by more than MISS.
    """

    values: np.ndarray
    rivals: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        for name, array in {"values": self.values, **self.rivals}.items():
            if not np.isfinite(array).all() or np.shape(array) != np.shape(self.values):
                raise InputError(
                    f"{name}: got an array of shape {np.shape(array)}, expected finite entries "
                    f"and the shape {np.shape(self.values)}"
                )


MISS = 1e-2  # a wrong array differs by more than this

Prediction = Value | Order | Member | Same


def off_by_tenth(value: float, **others: float) -> dict[str, float]:
    """The rivals that are 10 % off on either side, and others by name."""
    return {"10 % more": 1.1 * value, "10 % less": 0.9 * value} | others


def times(target: Target | Sequence[Target], factor: float):
    """A target, or one a level, times a factor."""
    if not callable(target):
        return [times(level, factor) for level in target]
    return lambda u: factor * target(u)


def target_off_by_tenth(target: Target | Sequence[Target], **others):
    """The rivals of a target that are 10 % off on either side, and others by name."""
    near = {"target 10 % more": times(target, 1.1), "target 10 % less": times(target, 0.9)}
    return near | others


def linear_family(basis: Callable[[np.ndarray], list[np.ndarray]]):
    """The family sum_k coefficients[k] basis(u)[k] of a `Member`, each entry (n, c).

    The basis is evaluated once for each set of chart points: a search asks for the same often.
    """
    known: dict[bytes, np.ndarray] = {}

    def family(coefficients, u):
        key = u.tobytes()
        if key not in known:
            known[key] = np.array(basis(u))
        return np.tensordot(coefficients, known[key], axes=1)

    return family


def load(claim: str):
    """The predictions of a claim; raises InputError where there is no such module."""
    try:
        return importlib.import_module(f"{__name__}.{claim}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{claim}":
            raise
        raise InputError(
            f"claim: {claim} has no theory/predictions/{claim}.py, expected one with predict()"
        ) from None
