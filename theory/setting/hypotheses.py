"""Hypotheses of the claims, checked before anything is computed."""

from __future__ import annotations

from theory.setting.checks import InputError, whole
from theory.setting.densities import Density
from theory.setting.manifolds import Manifold

MOST_LEVELS = 16  # each level halves a step, so more would reach rounding


def require_closed(m: Manifold, claim: str) -> Manifold:
    """Raise InputError unless `m` is closed, a hypothesis of the claim."""
    if not m.closed:
        raise InputError(
            f"manifold: got {m.name}, expected a closed one: "
            f"the claim {claim!r} is false at a boundary"
        )
    return m


def require_varying(p: Density, claim: str) -> Density:
    """Raise InputError for a uniform density, whose drift cannot be measured."""
    if p.is_uniform:
        raise InputError(
            f"density: got a uniform one, expected one that varies: "
            f"the claim {claim!r} measures the drift that it causes"
        )
    return p


def check_manifolds(specs: tuple[str, ...]) -> tuple[str, ...]:
    """The manifolds of a study, each named once: results are kept by their names."""
    if not specs or len(set(specs)) < len(specs):
        given = ", ".join(specs) or "none"
        raise InputError(f"manifold: got {given}, expected one or more, each named once")
    return specs


def check_levels(name: str, value: int) -> int:
    """A number of levels of a convergence study, four to MOST_LEVELS."""
    if whole(name, value, 4) > MOST_LEVELS:
        raise InputError(
            f"{name}: got {value}, expected at most {MOST_LEVELS}: each halves the step"
        )
    return value
