"""Measured quantities from disk, predictions for their parameters, and the verdict of the two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from simulations.blas import one_blas_thread
from simulations.store import sources
from simulations.store.files import write_json
from simulations.store.quantities import Field, Number, Quantity, Values
from simulations.store.results import Result
from simulations.verdict.fields import member_rows, order_row
from simulations.verdict.rows import Row, judged, overall
from simulations.verdict.values import same_row
from theory import predictions
from theory.predictions import Member, Order, Prediction, Same, Value
from theory.setting.checks import InputError, choice, one_of, shown


@dataclass(frozen=True)
class Judged:
    """A measurement with its verdict: what figures and reports read."""

    result: Result
    rows: tuple[Row, ...]

    @cached_property
    def curves(self) -> dict[str, np.ndarray]:
        """The lines that figures draw, computed when one asks: some take as long as the verdict."""
        module = predictions.load(self.claim)
        with one_blas_thread():
            found = module.curves(self.parameters) if hasattr(module, "curves") else {}
        return {key: np.asarray(value) for key, value in found.items()}

    @property
    def claim(self) -> str:
        return self.result.claim

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        return self.result.arrays

    @property
    def parameters(self):
        return self.result.parameters

    @property
    def quantities(self) -> dict[str, Quantity]:
        return self.result.quantities

    @property
    def verdict(self) -> str:
        return overall(self.rows)

    def row(self, quantity: str) -> Row:
        """The row of that name; raises InputError if there is none."""
        for row in self.rows:
            if row.quantity == quantity:
                return row
        one_of("row", quantity, [row.quantity for row in self.rows])


def judge(result: Result, replaced: dict[str, Prediction | float] | None = None) -> Judged:
    """The verdict of a measurement.

    replaced: another theory, by quantity: a prediction, or the value of a number, or a function of
    chart points (n, d) to (n, c), the target of a field of c functions; of one also (n,).
    Nothing is measured again.
    """
    with one_blas_thread():
        return _judge(result, replaced or {})


def _judge(result, replaced):
    module = predictions.load(result.claim)
    predicted = module.predict(result.parameters)
    for name, rival in replaced.items():
        predicted = _replace(predicted, name, rival)
    rows = judge_quantities(result.quantities, predicted)
    return Judged(result, tuple(rows))


def judge_quantities(quantities: dict[str, Quantity], predicted: dict[str, Prediction]):
    """The rows of measured quantities and their predictions, the headline first.

    A field that others are compared with needs no prediction of its own. Raises InputError where
    something measured has no prediction, or something predicted was not measured.
    """
    helpers = {q.on_nodes for q in quantities.values() if isinstance(q, Field) and q.on_nodes}
    if missing := set(quantities) - set(predicted) - helpers:
        raise InputError(f"prediction: none for {', '.join(sorted(missing))}")
    if missing := set(predicted) - set(quantities):
        raise InputError(f"measurement: none of {', '.join(sorted(missing))}")
    rows = []
    for name, quantity in quantities.items():
        if name in predicted:
            rows += _rows(name, quantities, quantity, predicted[name], headline=not rows)
    return rows


def _rows(name, quantities, quantity, prediction, headline):
    if isinstance(quantity, Number) and isinstance(prediction, Value):
        row = judged(name, prediction, quantity.interval, quantity.wrong_methods, headline=headline)
        return [row]
    if isinstance(quantity, Field) and isinstance(prediction, Order):
        return [order_row(name, quantity, prediction, headline=headline)]
    if isinstance(quantity, Field) and isinstance(prediction, Member):
        return member_rows(name, quantities, prediction, headline=headline)
    if isinstance(quantity, Values) and isinstance(prediction, Same):
        return [same_row(name, quantity, prediction)]
    raise InputError(
        f"{name}: got a {type(quantity).__name__} and a {type(prediction).__name__}, "
        f"expected a Number and a Value, a Field and an Order or a Member, or Values and Same"
    )


def _replace(predicted, name, rival):
    """The predictions with one replaced, also that of a single coefficient of a member."""
    for key, prediction in predicted.items():
        if key == name:
            return predicted | {key: _other(prediction, rival)}
        if isinstance(prediction, Member) and name in prediction.values:
            values = prediction.values | {name: _other(prediction.values[name], rival)}
            return predicted | {key: replace(prediction, values=values)}
    expected = choice(name, predicted)
    raise InputError(f"rival: got the quantity {shown(name)}, expected {expected}")


def _other(prediction, rival):
    if isinstance(rival, Value | Order | Member | Same):
        return rival
    # a rival of the prediction is judged alone: the prediction's own rivals may include it
    numeric = isinstance(rival, int | float | np.number) and not isinstance(rival, bool)
    if isinstance(prediction, Value) and numeric:
        # beside a rival of zero the prediction is a full miss
        scale = prediction.scale or abs(prediction.value) or None
        return replace(prediction, value=float(rival), rivals={}, scale=scale)
    if isinstance(prediction, Order) and callable(rival):
        return replace(prediction, target=rival, rivals={})
    if isinstance(prediction, Order) and numeric:
        return replace(prediction, order=float(rival), rivals={})
    if isinstance(prediction, Member):
        names = ", ".join(map(repr, prediction.values))
        raise InputError(f"rival: got {rival!r} for a family of equations, expected it for {names}")
    kinds = "a number, a function" if isinstance(prediction, Order) else "a number"
    raise InputError(f"rival: got {rival!r}, expected {kinds} or a prediction")


def write_verdict(judgement: Judged) -> Path:
    """verdict.json in the folder of the measurement."""
    record = {
        "claim": judgement.claim,
        "verdict": judgement.verdict,
        "predicted_by": sources.digest(f"theory.predictions.{judgement.claim}"),
        "rows": [row.as_dict() for row in judgement.rows],
    }
    path = judgement.result.folder / "verdict.json"
    write_json(path, record)
    return path
