"""Which points a sweep has: the product of lists of values of a claim's parameters."""

from __future__ import annotations

import dataclasses
import itertools
import re
from dataclasses import dataclass

from theory import claims as claims_
from theory.setting.checks import InputError, count, shown, value_of, whole
from theory.setting.expressions import read_number

MOST_POINTS = 100_000  # of a sweep, and repeats of a point
OPENING, CLOSING = "([{", ")]}"
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Point:
    """One combination: the values that the sweep sets, by the name of the parameter.

    refused: why the claim refuses the combination, or "".
    """

    claim: str
    values: dict
    refused: str = ""

    @property
    def parameters(self):
        """The parameters of the run; raises InputError where they are refused."""
        return claims_.load(self.claim).Parameters(**self.values)

    def as_text(self) -> str:
        return ", ".join(f"{k}={_as_typed(v)}" for k, v in self.values.items()) or "the reference"


@dataclass(frozen=True)
class Plan:
    """The points of a sweep, in the order of the lists, the seeds fastest."""

    claim: str
    lists: dict[str, tuple]
    points: tuple[Point, ...]

    @property
    def varied(self) -> list[str]:
        """The parameters that have more than one value."""
        return [name for name, values in self.lists.items() if len(values) > 1]


def plan(claim: str, texts: dict[str, str], seeds: int = 1) -> Plan:
    """The sweep of a claim over lists of values as they are typed: {"n_tokens": "1e3,1e4"}.

    Values are parted by commas outside brackets; several values of one parameter that takes them are
    in square brackets, "[circle,torus],sphere". seeds: how often each combination is measured, with
    the seeds s, s + 1, ... Raises InputError where a value cannot be read, or where the claim
    refuses every combination.
    """
    fields = {f.name: f for f in dataclasses.fields(claims_.load(claim).Parameters)}
    lists = {}
    for name, text in texts.items():
        if name not in fields:
            raise InputError(f"{name}: is no parameter of {claim}, expected {', '.join(fields)}")
        lists[name] = _values(fields[name], text)
    if count("seeds", seeds, 1, MOST_POINTS) > 1:
        first = lists.get("seed", (fields["seed"].default,))
        if len(first) > 1:
            raise InputError(f"seeds: got {seeds} beside a list of --seed, expected one of the two")
        lists["seed"] = tuple(range(first[0], first[0] + seeds))
    total = 1
    for values in lists.values():
        total *= len(values)
    count("points of the sweep", total, 1, MOST_POINTS)
    points = tuple(
        _point(claim, dict(zip(lists, combination, strict=True)))
        for combination in itertools.product(*lists.values())
    )
    if all(p.refused for p in points):
        raise InputError(points[0].refused)
    return Plan(claim, lists, points)


def _point(claim, values):
    try:
        claims_.load(claim).Parameters(**values)
    except InputError as refused:
        return Point(claim, values, str(refused))
    return Point(claim, values)


def _values(field, text):
    """The values of one parameter, each once."""
    found = tuple(_value(field, part) for part in parts_of(field.name, text))
    if len(set(found)) < len(found):
        raise InputError(f"{field.name}: got {shown(text)}, expected each value once")
    return found


def _value(field, text):
    if isinstance(field.default, tuple):
        inside = text[1:-1] if text[0] == "[" and text[-1] == "]" else None
        several = [text] if inside is None else parts_of(field.name, inside)
        return tuple(_one(field.name, field.default[0], t) for t in several)
    return _one(field.name, field.default, text)


def _one(name, like, text):
    """A text as a value of the type of `like`."""
    if isinstance(like, bool):
        if text.lower() not in TRUTHS:
            raise InputError(f"{name}: got {shown(text)}, expected true or false")
        return TRUTHS[text.lower()]
    if isinstance(like, int):
        if re.fullmatch(r"[+-]?[0-9]{1,100}", text):
            return whole(name, int(text), -(2**63))  # a float would round it
        number = read_number(name, text)
        if number != round(number):
            raise InputError(f"{name}: got {shown(text)}, expected a whole number")
        return round(number)
    if isinstance(like, float):
        return read_number(name, text)
    return text


def parts_of(name: str, text: str) -> list[str]:
    """A list as it is typed, parted at commas that are in no bracket; raises InputError where a
    value is empty or a bracket is open."""
    if not isinstance(text, str):
        raise InputError(f"{name}: got {shown(text)}, expected values with commas between them")
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in OPENING) - (letter in CLOSING)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    parts = [part.strip() for part in parts]
    with value_of(name, text):
        if depth or not all(parts):
            what = "a bracket is open" if depth else "a value is empty"
            raise InputError(f"{what}, expected values with commas between them")
    return parts


def _as_typed(value):
    if isinstance(value, tuple):
        return f"[{','.join(map(str, value))}]" if len(value) != 1 else str(value[0])
    return str(value)
