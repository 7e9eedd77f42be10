"""Entropy production and current of W = c I + eps B on quadrature nodes, as eps -> 0."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.engines import TOLERANCE
from simulations.observables.entropy import head_entropy, probability_current, stationary_law
from simulations.statistics.limits import richardson, romberg_of_rates
from simulations.statistics.orders import difference_order
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import Tokens, quadrature_tokens
from theory.claims import entropy_production as claim
from theory.setting.pseudo_metrics import dot_product


def limits(case: claim.Case, run) -> Measurement:
    """e/eps to eps -> 0, its order, and the current at each temperature."""
    temperatures = case.parameters.temperatures()
    rates, currents = levels(case, run, temperatures, f"limit-{case.name}")
    quantities = {
        claim.rate_limit(case.name): Number(romberg_of_rates(rates, temperatures, TOLERANCE)),
        claim.driven_current(case.name): deterministic_field(
            currents, case.points, temperatures, errors=TOLERANCE / temperatures
        ),
        claim.rate_order(case.name): Number(difference_order(temperatures, rates)),
    }
    return Measurement(quantities, {f"{case.name}_rates": rates})


def uniform_rotation(parameters: claim.Parameters, run) -> Measurement:
    """e/eps of a pure rotation of uniform tokens on the sphere, to eps -> 0."""
    case = parameters.uniform_rotation()
    temperatures = parameters.temperatures()
    rates, _ = levels(case, run, temperatures, "rotation")
    limit = romberg_of_rates(rates, temperatures, TOLERANCE)
    return Measurement({claim.ROTATION: Number(limit)}, {"rotation_rates": rates})


def current_vectors(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """Currents of B, S and K on the sphere, (3, n, 3), from two temperatures: for the figure."""
    sphere = [case for case in parameters.cases() if case.name == "sphere"]
    if not sphere:
        return {}
    case, pair = sphere[0], parameters.temperatures()[-2:]
    each = {"B": case, "S": case.alone(0), "K": case.alone(1)}
    currents = [
        richardson(*levels(part, run, pair, f"vectors {name}")[1]) for name, part in each.items()
    ]
    points = case.density.manifold.embed(case.points)
    return {"current_points": points, "currents": np.array(currents), "matrix": case.matrix}


def levels(case: claim.Case, run, temperatures, key: str) -> tuple[np.ndarray, np.ndarray]:
    """e/eps (levels,) and the current per volume and eps at the kept nodes, (levels, n, D)."""

    def study():
        tokens, law, rates, currents = quadrature_tokens(case.density, case.nodes), None, [], []
        volume = tokens.weights / case.density(tokens.coordinates)
        # weights p dV of sum 1; with the density that leaves dV up to rounding of its integral
        for eps in run.progress(temperatures, label=f"entropy_production: {key}"):
            operator = attention(case, tokens, eps)
            law = stationary_law(operator, law)
            rates.append(head_entropy(operator, law, case.weights(eps)) / eps)
            currents.append(probability_current(operator, law)[case.places])
        scale = (np.asarray(temperatures)[:, None] * volume[case.places])[:, :, None]
        return {"rates": np.array(rates), "currents": np.array(currents) / scale}

    found = run.remember(key, study)
    return found["rates"], found["currents"]


def attention(case: claim.Case, tokens: Tokens, eps: float) -> AttentionOperator:
    """Self-attention with W = c I + eps B and its key bias."""
    score = dot_product(case.weights(eps))
    return AttentionOperator(tokens, score, eps, key_bias=case.key_bias(tokens.points, eps))
