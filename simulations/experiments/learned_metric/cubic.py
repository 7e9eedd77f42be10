"""Scores weighted by their key: symmetric in second order only, so that a cubic term appears."""

from __future__ import annotations

from simulations.experiments.learned_metric.nodes import view
from simulations.store.quantities import Measurement, deterministic_field
from theory.claims import learned_metric as claim
from theory.claims.learned_metric import Case
from theory.setting.references import probe_features


def cubic_fields(case: Case, run) -> Measurement:
    """(A - I)H/tau of f = w(y)|x - y|^2, and of the symmetric score with the same metric.

    At the temperatures 4 tau: the clock of f = G vv + ... is eps/4.
    """
    found = run.remember(f"{case.index} cubic", lambda: cubic_study(case))
    steps, place, weights = case.temperatures(), found["coordinates"], found["weights"]
    quantities = {
        claim.cubic_field(case.name, which): deterministic_field(
            found[which], place, steps, weights
        )
        for which in (claim.KEY_WEIGHTED, claim.SYMMETRIC)
    }
    return Measurement(quantities)


def cubic_study(case: Case) -> dict:
    """The rates of both scores, (levels, n, c)."""
    m, weighted, taus = case.density.manifold, case.weighted(), case.temperatures()
    features, found = probe_features(m), {}
    for which in (claim.KEY_WEIGHTED, claim.SYMMETRIC):
        f = claim.weighted_score(which, m.ambient_dim).pseudo_metric
        views = [view(case, weighted, f, 4 * tau, tau, taus[-1]) for tau in taus]
        found[which] = [v.jump(features) / tau for v, tau in zip(views, taus, strict=True)]
    shown = views[0].shown
    return found | {"coordinates": shown.coordinates, "weights": shown.weights}
