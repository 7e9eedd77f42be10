"""The law of A H(x) as the effective neighbours become few: coverage, skewness, kurtosis."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.central_limit.standardised import limit_and_noise, shape_intervals
from simulations.statistics.intervals import mean_interval
from simulations.store.quantities import Measurement, Number
from simulations.tokens.samples import samples
from theory.claims import central_limit as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def law_at_few_neighbours(parameters: claim.Parameters, run, d: int) -> Measurement:
    """Uniform keys, many queries, each with its own H: one that slopes there, one that is highest.

    All queries see the same law, so that their values are pooled; samples are independent.
    """
    p, n = parameters.uniform(d), parameters.n_few_tokens
    queries = p.manifold.embed(parameters.queries(d))
    slopes = claim.frames(queries)
    temperatures = [parameters.few_temperature(d, s) for s in claim.NEIGHBOURS]

    def study():
        rng, repeats = np.random.default_rng([parameters.seed, d, 1]), parameters.n_few_samples
        label = f"central_limit: few neighbours, {p.manifold.name}"
        drawn = run.progress(samples(p, n, repeats, rng), total=repeats, label=label)
        values = np.array([at_temperatures(queries, slopes, keys, temperatures) for keys in drawn])
        centres = [
            [limit_and_noise(p, queries[0], eps, along) for along in (slopes[0], queries[0])]
            for eps in temperatures
        ]
        return {"values": values, "centres": np.array(centres)}

    found = run.remember(f"few-neighbours-{d}", study)
    limits, noise = np.moveaxis(found["centres"], 2, 0)
    # (samples, S, features, queries)
    values = (found["values"] - limits[..., None]) / np.sqrt(noise / n)[..., None]
    held = np.abs(values) <= claim.normal_width(claim.FEW_LEVEL)
    # by feature, then by S
    shapes = [[shape_intervals(values[:, k, f]) for k in range(values.shape[1])] for f in (0, 1)]
    shares = [
        [mean_interval(held[:, k, f].mean(axis=1)) for k in range(values.shape[1])] for f in (0, 1)
    ]
    place = {s: k for k, s in enumerate(claim.NEIGHBOURS)}
    slope, top = range(len(claim.FEATURES))
    quantities = {
        claim.few_coverage(d, s): Number(shares[slope][place[s]]) for s in claim.JUDGED_COVERAGE
    }
    for s in claim.JUDGED_SKEWNESS[d]:
        quantities[claim.few_skewness(d, s)] = Number(shapes[top][place[s]][0])
    for s in claim.JUDGED_KURTOSIS[d]:
        quantities[claim.few_kurtosis(d, s)] = Number(shapes[slope][place[s]][1])
    quantities[claim.even_skewness(d)] = Number(shapes[slope][place[claim.JUDGED_EVEN]][0])
    arrays = {
        f"few_coverage_{d}": ends(shares),
        f"few_skewness_{d}": ends([[pair[0] for pair in row] for row in shapes]),
        f"few_kurtosis_{d}": ends([[pair[1] for pair in row] for row in shapes]),
    }
    return Measurement(quantities, arrays)


def at_temperatures(queries, slopes, keys, temperatures) -> np.ndarray:
    """A H at each query of its own two H, (temperatures, features, queries)."""
    out = []
    for eps in temperatures:
        after = AttentionOperator(queries, GAUSSIAN, eps, keys=keys) @ keys.points
        out.append([(after * along).sum(axis=1) for along in (slopes, queries)])
    return np.array(out)


def ends(rows) -> np.ndarray:
    """Value and ends of intervals, (features, S, 3)."""
    return np.array([[(i.value, i.low, i.high) for i in row] for row in rows])
