"""Drift coefficient and clock of i.i.d. tokens that attend to themselves by a learned metric."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.learned_metric.nodes import fitted, regressors
from simulations.observables.generator import feature_columns
from simulations.statistics.limits import seen_by_sizes
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from simulations.tokens.thinning import thinned
from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.setting.pseudo_metrics import mahalanobis
from theory.setting.references import probe_features

HALVINGS = 2  # of a sample: N, N/2 and N/4 tokens


def sampled(case: Case, nodes: dict, run) -> Measurement:
    """The limit that samples see: Romberg's on nodes, and what a sample adds at one temperature."""
    samples = run.remember(f"{case.index} samples", lambda: sample_study(case, run))["samples"]
    limits = [
        seen_by_sizes(levels, differences.T)
        for levels, differences in zip(
            nodes["fits"].T, np.moveaxis(samples - nodes["at_samples"], 2, 0), strict=True
        )
        if np.isfinite(levels).all()
    ]
    clock, drift, *wrong = limits
    methods = {"p in place of p_theta": wrong[0]} if wrong else {}
    quantities = {
        claim.sampled_drift(case.name): Number(drift, methods),
        claim.sampled_clock(case.name): Number(clock),
    }
    return Measurement(quantities)


def sample_study(case: Case, run) -> dict:
    """`fitted` of each sample and of its parts, (seeds, sizes, 3), the smallest size first."""
    f, eps, terms = mahalanobis(case.matrix), case.sample_temperature, regressors(case)
    m, features = case.density.manifold, probe_features(case.density.manifold)

    def estimate(tokens):
        h = feature_columns(m, features, tokens.coordinates)
        after = AttentionOperator(tokens, f, eps) @ h
        return fitted((after - h) / eps, terms(tokens.coordinates))

    def sample(s):
        rng = case.rng(1, s)
        sizes = [[iid_tokens(case.density, case.n_tokens, rng)]]
        for _ in range(HALVINGS):
            sizes.append([half for part in sizes[-1] for half in thinned(part, rng)])
        return [np.mean([estimate(part) for part in parts], axis=0) for parts in sizes[::-1]]

    return {
        "samples": run.over_seeds(sample, case.n_seeds, f"learned_metric, {case.name}: samples")
    }
