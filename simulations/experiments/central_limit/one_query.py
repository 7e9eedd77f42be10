"""The law of A H(x) at one query over many samples: coverage, mean, variance, kurtosis."""

from __future__ import annotations

import numpy as np
from scipy import stats

from simulations.attention import AttentionOperator
from simulations.experiments.central_limit.standardised import limit_and_noise, shape_intervals
from simulations.statistics.intervals import (
    CONFIDENCE,
    Interval,
    mean_interval,
    variance_interval,
)
from simulations.store.quantities import Measurement, Number
from simulations.tokens.samples import samples
from theory.claims import central_limit as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def law_at_a_query(parameters: claim.Parameters, run, d: int) -> Measurement:
    """Of (A H(x) of N keys - that of infinitely many) over its standard deviation, on nodes too."""
    p, eps, n = parameters.density(d), parameters.query_temperature(d), parameters.n_tokens
    query = p.manifold.embed(parameters.query(d))
    direction = np.eye(p.manifold.ambient_dim)[claim.FEATURE]

    def study():
        rng = np.random.default_rng([parameters.seed, d, 0])
        drawn = samples(p, n, parameters.n_samples, rng)
        label = f"central_limit: one query, {p.manifold.name}"
        drawn = run.progress(drawn, total=parameters.n_samples, label=label)
        operators = (AttentionOperator(query, GAUSSIAN, eps, keys=keys) for keys in drawn)
        values = [float((a @ (a.keys @ direction))[0]) for a in operators]
        limit, noise = limit_and_noise(p, query[0], eps, direction)
        return {"values": np.array(values), "limit": limit, "noise": noise}

    found = run.remember(f"one-query-{d}", study)
    values, limit, noise = found["values"], float(found["limit"]), float(found["noise"])
    standardised = (values - limit) / np.sqrt(noise / n)
    skewness, kurtosis = shape_intervals(standardised[:, None])
    quantities = {
        claim.coverage(d, level): Number(share(np.abs(standardised) <= claim.normal_width(level)))
        for level in claim.LEVELS
    } | {
        claim.below(d): Number(share(standardised <= 0)),
        claim.mean(d): Number(mean_interval((values - query[0] @ direction) / eps)),
        claim.variance(d): Number(variance_interval(values).scaled(n)),
        claim.kurtosis(d): Number(kurtosis),
    }
    law = [share(standardised <= z) for z in claim.GRID]
    arrays = {
        f"law_{d}": np.array([(i.value, i.low, i.high) for i in law]),
        f"skewness_{d}": np.array([skewness.value, skewness.low, skewness.high]),
    }
    return Measurement(quantities, arrays)


def share(hits) -> Interval:
    """The probability of independent events (n,), with its exact binomial interval.

    Of Clopper and Pearson (1934): no normal law is assumed of the count, which may be small.
    """
    n, count = len(hits), int(np.sum(hits))
    ends = stats.binomtest(count, n).proportion_ci(CONFIDENCE, "exact")
    return Interval(count / n, float(ends.low), float(ends.high), f"binomial, {n} samples")
