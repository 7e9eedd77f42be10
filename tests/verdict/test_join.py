"""The join: fields against functions, members of a family, rivals without measuring again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulations.statistics.intervals import Interval
from simulations.store.quantities import Field, Number, deterministic_field
from simulations.store.results import Result
from simulations.verdict import join
from simulations.verdict.fields import fit_members
from simulations.verdict.join import judge_quantities
from simulations.verdict.verdicts import verdict_record
from theory.predictions import Member, Order, Value
from theory.setting.checks import InputError

POINTS = np.linspace(0, 1, 40)[:, None]
STEPS = 0.1 / 2.0 ** np.arange(5)


def target(u):
    return np.hstack([np.sin(u), u**2])


def converging(order):
    """A field whose error is h^order (1 + h) times a function."""
    errors = STEPS**order * (1 + STEPS)
    return deterministic_field([target(POINTS) + e * np.cos(POINTS) for e in errors], POINTS, STEPS)


def verdicts(quantities, predicted):
    return {row.quantity: row.verdict for row in judge_quantities(quantities, predicted)}


@pytest.mark.parametrize(
    ("order", "expected"), [(1.0, "supported"), (2.0, "refuted"), (0.5, "refuted")]
)
def test_the_order_of_a_field_is_judged(order, expected):
    predicted = {"f": Order(target, 1.0, {"shifted": lambda u: target(u) + 1})}
    assert verdicts({"f": converging(order)}, predicted) == {"f": expected}


@pytest.mark.parametrize("factor", [0.9, 1.1, 0.0, -1.0])
def test_a_field_that_tends_to_something_else_is_refuted(factor):
    predicted = {"f": Order(lambda u: factor * target(u), 1.0)}
    assert verdicts({"f": converging(1.0)}, predicted) == {"f": "refuted"}


def test_a_rival_target_that_is_reached_as_well_leaves_the_row_open():
    predicted = {"f": Order(target, 1.0, {"the same": target})}
    assert verdicts({"f": converging(1.0)}, predicted) == {"f": "inconclusive"}


def family(coefficients, u):
    amplitude, rate = coefficients
    return amplitude * np.exp(-rate * u)


@pytest.mark.parametrize("level", [1, 2])
def test_the_member_that_fits_is_found_from_a_neutral_start(level):
    """Samples at the finest step of the nodes, or at a coarser one."""
    rng = np.random.default_rng(3)
    noise = 1e-3 * rng.standard_normal((1, 40, 40, 1))
    bias = STEPS[:3, None, None] * np.cos(POINTS)
    nodes = deterministic_field(family((1.0, 2.0), POINTS) + bias, POINTS, STEPS[:3])
    samples = Field(
        nodes.values[level : level + 1] + noise,
        POINTS,
        np.ones(40) / 40,
        STEPS[level : level + 1],
        on_nodes="nodes",
    )
    predicted = {
        "samples": Member(
            family, (0.5, 0.5), {"amplitude": Value(1.0), "rate": Value(2.0, {"off": 2.4})}
        )
    }
    quantities = {"samples": samples, "nodes": nodes}
    assert verdicts(quantities, predicted) == {"amplitude": "supported", "rate": "supported"}
    wrong = {"samples": Member(family, (0.5, 0.5), {"amplitude": Value(1.1), "rate": Value(1.8)})}
    assert verdicts(quantities, wrong) == {"amplitude": "refuted", "rate": "refuted"}
    assert fit_members(nodes, predicted["samples"]).shape == (3, 1, 2)


def test_what_is_measured_and_what_is_predicted_must_match():
    number = Number(Interval(1.0, 0.9, 1.1, "test"))
    with pytest.raises(InputError, match="prediction: none for b"):
        judge_quantities({"a": number, "b": number}, {"a": Value(1.0)})
    with pytest.raises(InputError, match="measurement: none of b"):
        judge_quantities({"a": number}, {"a": Value(1.0), "b": Value(1.0)})
    with pytest.raises(InputError, match="got a Number and a Order"):
        judge_quantities({"a": number}, {"a": Order(target, 1.0)})


@pytest.fixture
def toy(monkeypatch):
    """A stored measurement of one number, with its predictions."""

    class Module:
        @staticmethod
        def predict(parameters):
            return {"a": Value(1.0, {"twice": 2.0}), "f": Order(target, 1.0)}

    monkeypatch.setattr(join.predictions, "load", lambda name: Module)
    monkeypatch.setattr(Result, "parameters", None)
    record = {"claim": "toy", "parameters": {}, "confidence": 0.999, "command": "run", "sources": "",
              "seconds": 1.0, "versions": {}, "commit": "", "finished": ""}  # fmt: skip
    quantities = {
        "a": Number(Interval(1.0, 0.98, 1.02, "Student, 9 samples", 0.004, 8)),
        "f": converging(1.0),
    }
    return Result(Path("reference-0"), record, quantities, {})


def test_a_rival_theory_is_judged_without_measuring(toy):
    assert join.judge(toy).verdict == "supported"
    assert join.judge(toy, {"a": 1.05}).row("a").verdict == "refuted"
    assert join.judge(toy, {"a": 1.01}).row("a").verdict == "supported"
    assert join.judge(toy, {"f": lambda u: 1.1 * target(u)}).row("f").verdict == "refuted"
    with pytest.raises(InputError, match="got the quantity 'b', expected one of a, f"):
        join.judge(toy, {"b": 1.0})


def one_column(rule):
    """A field of one function that tends to sin with order 1, and its judgement by a rule."""
    values = [np.sin(POINTS) + h * (1 + h) * np.cos(POINTS) for h in STEPS]
    field = deterministic_field(values, POINTS, STEPS)
    return judge_quantities({"f": field}, {"f": Order(rule, 1.0)})[0]


def test_one_function_may_come_as_a_row_of_values():
    column, row = one_column(np.sin), one_column(lambda u: np.sin(u)[:, 0])
    assert row == column and row.verdict == "supported"
    assert one_column(lambda u: 1.1 * np.sin(u)[:, 0]).verdict == "refuted"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda u: np.hstack([u, u]), r"shape \(40, 2\) .*, expected \(n, 1\) or \(n,\)"),
        (lambda u: u[1:, 0], r"shape \(39,\) at 40 chart points"),
        (lambda u: 1.0, r"shape \(\) at 40 chart points"),
    ],
)
def test_a_target_of_another_shape_is_told_what_is_right(rule, message):
    with pytest.raises(InputError, match=f"target: got {message}"):
        one_column(rule)


def test_a_target_of_several_functions_is_told_what_is_right(toy):
    with pytest.raises(InputError, match=r"target: got shape \(40,\) .*, expected \(n, 2\) at"):
        join.judge(toy, {"f": lambda u: u[:, 0]})
    with pytest.raises(InputError, match="rival: got True, expected a number"):
        join.judge(toy, {"a": True})


def test_a_verdict_says_all_that_it_must(toy, monkeypatch):
    monkeypatch.setattr("simulations.verdict.verdicts.sources.digest", lambda name: "0")
    record = verdict_record(join.judge(toy))
    assert {"versions", "sources", "seconds", "commit", "confidence"} <= set(record)
    for check in record["checks"]:
        assert {"basis", "kind", "resolution", "rivals", "ci_low", "ci_high"} <= set(check)
    assert record["rivals"] == {"twice": {"value": 2.0, "rejected": True}}
    assert json.loads(json.dumps(record)) == record
