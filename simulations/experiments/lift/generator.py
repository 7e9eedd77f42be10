"""(A - I)H of lifted attention on quadrature nodes of M x S^1, and of four wrong lifts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.attention.engines import TOLERANCE
from simulations.experiments.lift.attention import lifted_clock_and_drift, step_on_nodes
from simulations.statistics.limits import romberg, romberg_of_rates
from simulations.store.quantities import Measurement, Number, deterministic_field
from theory.claims import lift as claim

RIGHT = "the lift"


def generator_study(case: claim.Case, parameters: claim.Parameters, run) -> Measurement:
    """Drift, clock and (A - I)H/eps at every temperature, of the lift and of the wrong lifts."""
    temperatures = parameters.temperatures()
    lifts = {RIGHT: ("product", 2)} | claim.WRONG

    def study():
        watched = run.progress(temperatures, label=f"lift: {case.name}")
        levels = [[step_on_nodes(case, eps, *how) for how in lifts.values()] for eps in watched]
        return {"responses": np.array(levels)}

    responses = run.remember(f"{case.name} nodes", study)["responses"]
    found = {lift: responses[:, k] for k, lift in enumerate(lifts)}
    clocks, drifts = {}, {}
    for lift, levels in found.items():
        fits = np.array([lifted_clock_and_drift(case, response) for response in levels])
        clocks[lift], drifts[lift] = fits[:, 0] / temperatures, fits[:, 1]
    right = romberg_of_rates(drifts[RIGHT], temperatures, TOLERANCE)
    wrong = {lift: romberg(drifts[lift]) for lift in claim.WITH_DRIFT}
    quantities = {
        claim.drift(case.name): Number(right, wrong),
        claim.clock(case.name): Number(romberg_of_rates(clocks[RIGHT], temperatures, TOLERANCE)),
        claim.bias(case.name): generator_field(case, found, temperatures),
    }
    for lift in claim.WITH_DRIFT:
        quantities[claim.wrong_drift(case.name, lift)] = Number(wrong[lift])
    arrays = {f"{case.name} {lift}: drift": values for lift, values in drifts.items()}
    return Measurement(quantities, arrays)


def generator_field(case: claim.Case, found: dict, temperatures):
    """(A - I)H/eps at the probes, (levels, points, c), and the same of the wrong lifts."""
    u, mass = case.probes()
    eps = temperatures[:, None, None]
    field = deterministic_field(found[RIGHT] / eps, u, temperatures, mass)
    wrong = {lift: (found[lift] / eps)[:, None] for lift in claim.WRONG}
    return replace(field, wrong_methods=wrong)
