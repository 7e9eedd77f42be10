"""Attention of infinitely many tokens, over temperatures, by quadrature on the triangles."""

from __future__ import annotations

import numpy as np

from simulations.experiments.mesh.moments import EQUAL, TESTS, attention, evolved, moments
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens.triangles import nodes_on_triangles
from theory.claims import mesh as claim

DEGREE, LOWER = 4, 2  # of the rule, and of the one that tells its error


def on_nodes(parameters: claim.Parameters, run) -> Measurement:
    """Both fields over the levels; by how much a lower rule moves those of the last is told."""
    steps = parameters.node_steps()

    def kept(k, degree):
        return run.remember(f"nodes {degree} {k}", lambda: level(parameters, k, degree))

    found = [kept(k, DEGREE) for k in run.progress(steps, label="mesh: nodes")]
    lower = kept(steps[-1], LOWER)
    fields, moves = {}, []
    places = {"moments": (TESTS, EQUAL), "evolved": probes_of(parameters)}
    names = {"moments": claim.moments, "evolved": claim.evolved}
    for key, (coordinates, weights) in places.items():
        values = np.array([one[key] for one in found])
        fields[names[key](claim.NODES)] = deterministic_field(
            values, coordinates, 1 / np.array(steps), weights
        )
        moves.append(np.abs(found[-1][key] - lower[key]).max() / np.abs(values).max())
    told = (
        f"three nodes a triangle in place of six move (A - I)H/eps by {moves[0]:.1e} and A^k H by "
        f"{moves[1]:.1e} of the largest, at the last level"
    )
    return Measurement(fields, {"temperatures": parameters.temperatures()}, (told,))


def level(parameters: claim.Parameters, steps: int, degree: int) -> dict:
    """Both fields at one temperature, (tests, features) and (probes, 1)."""
    surface = parameters.surface()
    p = parameters.density_at(surface.vertices)
    points, weights = nodes_on_triangles(surface, p, degree)
    operator = attention(points, parameters.time / steps, steps, weights)
    return {
        "moments": moments(operator, points, weights),
        "evolved": evolved(parameters, operator, points, steps)[:, None],
    }


def probes_of(parameters: claim.Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Places (n, 3) of the probes and their weights (n,), equal."""
    places = parameters.surface().vertices[parameters.probes()]
    return places, np.full(len(places), 1 / len(places))
