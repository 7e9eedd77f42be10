"""Output cosines as the number of tokens grows: their limits, and how fast they are reached."""

from __future__ import annotations

import numpy as np

from simulations.experiments.equal_cosines.step import equal_tokens, output_cosines
from simulations.statistics.limits import romberg
from simulations.statistics.orders import difference_order, limit_order
from simulations.store.quantities import Measurement, Number
from theory.claims import equal_cosines as claim


def limits(parameters: claim.Parameters, run) -> Measurement:
    """Romberg in 1/sqrt(n), which halves from size to size, and the orders in 1/n.

    Below and above, what falls is the distance from equal tokens and the change of the cosine; at
    the critical gamma, the differences of neighbouring sizes.
    """
    sizes, rho = parameters.sizes(), parameters.cosine

    def study():
        return {"cosines": np.array([cosines_at(parameters, n) for n in run.progress(sizes)]).T}

    cosines = run.remember("limits", study)["cosines"]
    by_phase, steps = dict(zip(claim.PHASES, cosines, strict=True)), np.array(sizes) ** -0.5
    orders = {
        claim.COLLAPSE: limit_order(steps, 1 - by_phase["below"]),
        claim.CRITICAL: difference_order(steps, by_phase["at"]),
        claim.KEPT: limit_order(steps, by_phase["above"] - rho),
    }
    first = {claim.limit(p): Number(romberg(by_phase[p])) for p in ("at", "below", "above")}
    # an order in 1/n is half of that in 1/sqrt(n)
    return Measurement(
        first | {name: Number(order.scaled(0.5)) for name, order in orders.items()},
        {"cosines": cosines},
    )


def cosines_at(parameters: claim.Parameters, n: int) -> list[float]:
    """The mean output cosine of every phase."""
    x = equal_tokens(n, parameters.cosine, parameters.seed)
    gammas = [parameters.gamma(share) for share in claim.PHASES.values()]
    return [float(output_cosines(x, gamma).mean()) for gamma in gammas]
