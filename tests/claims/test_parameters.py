"""Parameters under which a claim says nothing are refused at the door, by the name that was typed."""

from __future__ import annotations

import dataclasses

import pytest

from theory import claims as claims_
from theory.claims import claims
from theory.setting.checks import InputError
from theory.setting.manifolds import manifold
from theory.setting.nodes import nodes_for, sparse_nodes


def hostile(default) -> tuple:
    """Values of the type of an option that no experiment can use."""
    if isinstance(default, tuple):
        return tuple((bad,) for bad in hostile(default[0])) + ((),)
    if isinstance(default, int):
        return (-1, 10**19)
    if isinstance(default, float):
        return (float("nan"), float("inf"), -1.0, 0.0, 1e300)
    return ("", "blob(", "9**", "rho + 1")


# options that bound each other may be refused by the other's name
RELATED = {"n_cells": "cells", "temperature": "smallest_radius"}
CASES = [
    (claim, field.name, value)
    for claim in claims()
    for field in dataclasses.fields(claims_.load(claim).Parameters)
    for value in hostile(field.default)
    # any whole number from 0 is a seed, however large; alphas may be 0, -1 or none at all
    if not (field.name == "seed" and value != -1)
    and not (field.name == "alphas" and value in ((), (0.0,), (-1.0,)))
]


@pytest.mark.parametrize(("claim", "name", "value"), CASES, ids=str)
def test_hostile_values_are_refused_in_one_line(claim, name, value):
    with pytest.raises(InputError) as refusal:
        claims_.load(claim).Parameters(**{name: value})
    message = str(refusal.value)
    assert "\n" not in message and len(message) < 400
    if isinstance(value, float | int):
        assert name in message or (name in RELATED and RELATED[name] in message), message


@pytest.mark.parametrize("claim", claims())
def test_the_reference_the_small_and_the_long_run_are_accepted(claim):
    module = claims_.load(claim)
    for changed in ({}, module.SMALL, getattr(module, "LONG", {})):
        module.Parameters(**changed)


@pytest.mark.parametrize("claim", claims())
def test_every_option_has_a_line_of_help(claim):
    for field in dataclasses.fields(claims_.load(claim).Parameters):
        assert len(field.metadata["help"]) > 5, field.name


@pytest.mark.parametrize("nodes", [nodes_for, sparse_nodes])
def test_a_kernel_wider_than_the_manifold_is_refused(nodes):
    assert nodes(manifold("circle"), 1.0)
    with pytest.raises(InputError, match=r"temperature: got 2 on circle, expected at most 1\.23"):
        nodes(manifold("circle"), 2.0)
