"""The attention that a key receives from all queries: floors, and how softmax falls below them."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import doubly_normalised, log_received, received
from simulations.statistics.intervals import Interval, rounded
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.tokens import iid_tokens
from theory.claims import normalisations as claim
from theory.setting.pseudo_metrics import dot_product, squared_distance, transformed_distance

DOT = dot_product()  # on keys e_1..e_m, queries are rows of scores
METRIC = squared_distance(0.5)  # the dot product, had all tokens one norm
FORMULAS = ("r", "log(1 + r**2)", "r**2 + r**3")
TEMPERATURES = (0.03, 1.0, 30.0)
OUTSIDE = np.linspace(0.0, 5.0, 51)  # from a crowd, in units of the root of the temperature
# a score that is 3e-16 of the temperature at r = 1 and 262 times it at r = sqrt(2)
STEEP, STEEP_TEMPERATURE = transformed_distance("exp(100*r) - 1"), 1e59


def received_attention(parameters: claim.Parameters) -> Measurement:
    """Floors in the worst cases and over metrics; the rate of vanishing."""
    rng = np.random.default_rng([parameters.seed, 3])
    x = claim.received_tokens(parameters.seed)
    temperature = 0.03
    made = {
        "dot product": AttentionOperator(x, DOT, temperature),
        "metric": AttentionOperator(x, METRIC, temperature),
        "doubly normalised": doubly_normalised(x, DOT, temperature),
    }
    arrays = {f"received {name}": np.sort(np.exp(log_received(a))) for name, a in made.items()}
    rates = [-t * log_received(AttentionOperator(x, DOT, t)) for t in claim.RATE_TEMPERATURES]
    field = deterministic_field(np.array(rates)[:, :, None], x, claim.RATE_TEMPERATURES)
    off_sphere = floor(arrays["received dot product"])
    return Measurement(
        {
            claim.WORST_FLOOR: worst_case(),
            claim.METRIC_WORST_FLOOR: metric_worst_case(off_sphere),
            claim.METRIC_FLOOR: metric_floor(parameters, rng, off_sphere),
            claim.VANISHING: field,
        },
        arrays,
    )


def floor(attention, exponent: float = 1.0) -> Interval:
    """The number of keys times the least attention that one of them receives.

    exponent: the largest score over the temperature, whose rounding is one of the weight.
    """
    n = len(attention)
    least = float(n * attention.min())
    return rounded(least, n, max(exponent, 1.0) * least)


def worst_case(height: float = 40.0, bias: float = 20.0) -> Number:
    """One query is alone with all keys but one; all others share that one: exp(-height) is 0.

    The last key is lower by a bias, which double normalisation does not see and softmax does.
    """
    n = claim.WORST_TOKENS
    scores = np.full((n, n), -height)
    scores[0], scores[1:, 0] = height, 0.0
    scores[:, -1] -= bias
    double, softmax = (
        floor(received(normalised(scores, DOT, 1.0, keys=np.eye(n))), height + bias)
        for normalised in (doubly_normalised, AttentionOperator)
    )
    return Number(double, {"softmax of the same scores": softmax})


def metric_worst_case(off_sphere) -> Number:
    """A few tokens at the centre, at distance 1 of all others, which are sqrt(2) from each other:
    under a steep score those see the centre and themselves, and the centre sees all alike.

    sqrt(N) - 1 of N tokens are at the centre.
    """
    n = claim.METRIC_WORST_TOKENS
    others = n - (round(np.sqrt(n)) - 1)
    x = np.vstack([np.zeros((n - others, others)), np.eye(others)])
    attention = received(AttentionOperator(x, STEEP, STEEP_TEMPERATURE))
    return Number(floor(attention), {"dot product off the sphere": off_sphere})


def metric_floor(parameters, rng, off_sphere) -> Number:
    """The lowest floor over metrics, temperatures and tokens: of a curve, heavy-tailed, and a crowd
    in one place with one token at any distance."""
    n = claim.METRIC_TOKENS
    curve = iid_tokens(parameters.tokens_density(claim.CURVE), n, rng)
    scores = (METRIC, *map(transformed_distance, FORMULAS))
    floors = [
        floor(received(AttentionOperator(x, f, t)))
        for x in (curve, rng.standard_t(2, (n, 3)))
        for f in scores
        for t in TEMPERATURES
    ]
    for distance in OUTSIDE:
        x = np.zeros((n, 1))
        x[-1] = distance
        floors.append(floor(received(AttentionOperator(x, METRIC, 1.0))))
    lowest = min(floors, key=lambda interval: interval.value)
    return Number(lowest, {"dot product off the sphere": off_sphere})
