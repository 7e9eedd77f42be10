"""Temperatures that no quadrature resolves: one line names the option that was typed, its value,
and one that would do.
"""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest

from theory import claims as claims_
from theory.claims import claims
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.manifolds import manifold
from theory.setting.nodes import MOST_NODES, as_typed, nodes_for, rounded, sparse_nodes

SPHERE = manifold("sphere")
RULE = partial(nodes_for, SPHERE, limit=MOST_NODES)


@pytest.mark.parametrize("rule", [nodes_for, sparse_nodes])
@pytest.mark.parametrize("spec", ["circle", "sphere", "flat_torus(dim=3)"])
@pytest.mark.parametrize("temperature", [1e-308, 1e-20, 1e-9, 50.0, 1e300])
def test_the_temperature_that_would_do_does(rule, spec, temperature):
    m = manifold(spec)
    with pytest.raises(InputError) as caught:
        rule(m, temperature, 20_000)
    message = str(caught.value)
    assert message.startswith(f"temperature: got {temperature:g} on") and len(message) < 200
    right = float(re.search(r"expected at (?:least|most) ([0-9.e+-]+\d)", message)[1])
    assert rule(m, right, 20_000)


def test_the_option_that_was_typed_is_named_and_what_meets_all_its_rules():
    def typed(value, levels, most=float("inf")):
        with as_typed("time", value, "n_levels", levels, most) as ask:
            ask([value / 10 / 2**k for k in range(levels)], RULE)

    typed(0.5, 3)
    with pytest.raises(
        InputError, match=r"^time: got 0.01 with n_levels 4, expected at least 0\.0"
    ) as e:
        typed(0.01, 4)
    typed(float(re.search(r"least ([0-9.]+\d)", str(e.value))[1]), 4)
    with pytest.raises(InputError, match="with n_levels 4, expected at most 12"):
        typed(100.0, 4)
    with pytest.raises(InputError, match="expected a smaller n_levels, as no time will do"):
        typed(0.01, 4, most=0.02)
    with pytest.raises(InputError, match="expected a smaller n_levels, as no time will do"):
        typed(1.0, 30)


def test_a_limit_that_no_temperature_meets_is_told():
    with pytest.raises(InputError, match="manifold: got flat_torus3, which takes 13824 quadrature"):
        nodes_for(manifold("flat_torus(dim=3)"), 1e-3, 5000)


def test_other_errors_pass():
    with pytest.raises(InputError, match="^mine$"), as_typed("a", 1.0, "b", 2) as ask:
        ask(1e-20, partial(nodes_for, SPHERE))
        raise InputError("mine")


@pytest.mark.parametrize("value", [1.0, 0.0123456, 9.999e-9, 123456.0, 1e-300])
def test_bounds_are_rounded_to_the_side_within(value):
    assert float(rounded(value, "most")) <= value * (1 + 1e-12)
    assert float(rounded(value, "least")) >= value * (1 - 1e-12)
    assert float(rounded(value, "least")) == pytest.approx(value, rel=0.011)


@pytest.mark.parametrize("claim", claims())
def test_levels_of_every_claim_name_the_temperature_that_was_typed(claim):
    module = claims_.load(claim)
    fields = module.Parameters.__dataclass_fields__
    if not {"temperature", "n_levels"} <= set(fields):
        return
    typed = fields["temperature"].default
    with pytest.raises(InputError) as caught:
        for levels in (*range(8, 17, 4), 17):
            module.Parameters(n_levels=levels)
    message = str(caught.value)
    assert len(message) <= MOST_MESSAGE
    assert f"temperature: got {typed:g}" in message or f"n_levels: got {levels}" in message


@pytest.mark.parametrize("claim", claims())
def test_the_largest_temperature_of_every_claim_is_refused_as_the_smallest_is(claim):
    module = claims_.load(claim)
    fields = module.Parameters.__dataclass_fields__
    if not {"temperature", "n_levels"} <= set(fields) or not {"manifold", "manifolds"} & set(
        fields
    ):
        return
    if fields["temperature"].default >= 1:  # not that of a kernel narrower than the manifold
        return
    # the last of the levels is within what a manifold resolves, the first is not
    for temperature in 1.5 * 3 ** np.arange(5):
        with pytest.raises(InputError, match=f"^temperature: got {temperature:g}[ ,].*expected"):
            module.Parameters(**module.SMALL | {"temperature": temperature, "n_levels": 4})
