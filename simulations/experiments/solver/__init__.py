"""Measures the claim `solver`: evolved features in smooth functions, without any grid."""

from __future__ import annotations

from simulations.dynamics.spectral import spectral_solution
from simulations.store.quantities import Measurement, deterministic_field
from theory.claims import solver as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The features at fixed points, once a manifold: a field with the same values at every level.

    The grids that are held against it are the prediction's; its own error, measured by a rise of
    the degree, is told in the table.
    """
    quantities, lines = {}, ["manifold: change of the solution by the last rise of its degree"]
    for spec in run.progress(parameters.manifolds, label="solver: solution in smooth functions"):
        found = run.remember(spec, lambda spec=spec: solve(parameters, spec))
        lines.append(f"{spec}: {found['change']:.1e} (degree {found['degree']})")
        field = deterministic_field(
            [found["values"]] * parameters.n_levels, found["points"], parameters.steps()
        )
        names = [claim.order_in_space(spec, name) for name in claim.INTEGRATORS]
        if parameters.without_poles(spec):
            names.append(claim.extrapolated_order(spec))
        quantities |= dict.fromkeys(names, field)
    return Measurement(quantities, tables=("\n".join(lines),))


def solve(parameters: claim.Parameters, spec: str) -> dict:
    """H (points, functions) at the points of the claim, and how well it is known."""
    p = parameters.tokens_density(spec)
    u = parameters.points(p.manifold)
    found = spectral_solution(p, parameters.features(p.manifold), parameters.time, u)
    return {
        "points": u,
        "values": found.values,
        "change": found.change,
        "degree": found.degree,
    }
