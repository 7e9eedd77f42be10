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


def received_attention(parameters: claim.Parameters) -> Measurement:
    """Floors on random scores, on metrics and in the worst case; the rate of vanishing."""
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
            claim.WORST_FLOOR: Number(worst_case()),
            **random_floors(rng),
            claim.METRIC_FLOOR: metric_floor(parameters, rng, off_sphere),
            claim.VANISHING: field,
        },
        arrays,
    )


def floor(attention) -> Interval:
    """The number of keys times the least attention that one of them receives."""
    n = len(attention)
    return rounded(float(n * attention.min()), n)


def worst_case(n: int = 50, height: float = 40.0) -> Interval:
    """One query is alone with all keys but one; all others share that one: exp(-height) is 0."""
    scores = np.full((n, n), -height)
    scores[0], scores[1:, 0] = height, 0.0
    return floor(received(doubly_normalised(scores, DOT, 1.0, keys=np.eye(n))))


def random_floors(rng) -> dict[str, Number]:
    """60 queries and 40 keys with scores that know no metric; softmax has no floor."""
    scores, keys = rng.normal(0, 3, (60, 40)), np.eye(40)
    double, softmax = (
        floor(received(normalised(scores, DOT, 0.15, keys=keys)))
        for normalised in (doubly_normalised, AttentionOperator)
    )
    return {claim.DOUBLE_FLOOR: Number(double, {"softmax of the same scores": softmax})}


def metric_floor(parameters, rng, off_sphere) -> Number:
    """The lowest floor over metrics, temperatures, tokens of a curve and heavy-tailed tokens."""
    curve = iid_tokens(parameters.tokens_density(claim.CURVE), 1000, rng)
    scores = (METRIC, *map(transformed_distance, FORMULAS))
    floors = [
        floor(received(AttentionOperator(x, f, t)))
        for x in (curve, rng.standard_t(2, (300, 3)))
        for f in scores
        for t in TEMPERATURES
    ]
    lowest = min(floors, key=lambda interval: interval.value)
    return Number(lowest, {"dot product off the sphere": off_sphere})
