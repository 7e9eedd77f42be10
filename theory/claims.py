"""What a claim is: the statement that an experiment tests, as data. Each experiment holds its own as `CLAIM`."""

from __future__ import annotations

from dataclasses import dataclass, fields

from theory.checks import InputError


@dataclass(frozen=True)
class Claim:
    """One claim: its name, what is said, by whom, under which hypotheses, what is predicted and of which order.

    `rank` orders the claims in tables and reports; `statement` and `predicted` may hold formulas between dollars.
    """

    name: str
    rank: float
    title: str
    statement: str
    source: str
    hypotheses: str
    predicted: str
    order: str

    def __post_init__(self):
        for field in fields(self):
            if getattr(self, field.name) == "":
                raise InputError(f"claim {self.name}: {field.name} is empty, expected a text")
