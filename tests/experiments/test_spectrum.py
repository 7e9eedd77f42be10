"""Measuring spectra and depths: mistakes that verdicts refute."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import alpha_normalised, residual
from simulations.experiments.over_smoothing import nodes as depths
from simulations.experiments.spectrum import closed_forms, limits, samples
from simulations.verdict.rows import judged
from theory.claims import over_smoothing, spectrum
from theory.predictions import over_smoothing as predicted_depths
from theory.predictions import spectrum as predicted

SMALL = spectrum.Parameters(**spectrum.SMALL)
FINE = spectrum.Parameters(n_levels=6)
SHALLOW = over_smoothing.Parameters(**over_smoothing.SMALL)


def verdicts(quantities, predictions) -> dict[str, str]:
    return {
        name: judged(name, predictions[name], number.interval, number.wrong_methods).verdict
        for name, number in quantities.items()
    }


def hotter(tokens, pseudo_metric, temperature, **options):
    return AttentionOperator(tokens, pseudo_metric, 1.03 * temperature, **options)


def drift_1(tokens, pseudo_metric, temperature):
    return alpha_normalised(tokens, pseudo_metric, temperature, 0.5)


def test_closed_forms_refute_a_temperature_three_per_cent_off(monkeypatch):
    # the three-sphere has thousands of nodes
    monkeypatch.delitem(spectrum.SPHERES, 3)
    predictions = predicted.predict(SMALL)
    found = verdicts(closed_forms.exact_eigenvalues(SMALL).quantities, predictions)
    assert set(found.values()) == {"supported"}
    monkeypatch.setattr(closed_forms, "AttentionOperator", hotter)
    found = verdicts(closed_forms.exact_eigenvalues(SMALL).quantities, predictions)
    assert set(found.values()) == {"refuted"}


def curve_limits():
    """Verdicts of the limits for any density on the circle, on nodes."""
    rng, p = np.random.default_rng(0), FINE.curve_density()
    count = max(spectrum.LIMITS_CURVE)
    levels = [
        limits.rates(limits.nodes_of(p, FINE, eps), eps, count, rng, 1e-13)
        for eps in FINE.temperatures()
    ]
    # the other places take whatever has enough columns
    nodes = {"curve": np.array(levels)} | dict.fromkeys(("circle", "line"), np.ones((6, 9)))
    found = limits.extrapolated(nodes, FINE.temperatures()).quantities
    names = [spectrum.limit(spectrum.CURVE, k) for k in spectrum.LIMITS_CURVE]
    return verdicts({name: found[name] for name in names}, predicted.predict(FINE))


@pytest.mark.parametrize("mistake", [drift_1, hotter])
def test_limits_refute_another_drift_and_another_clock(monkeypatch, mistake):
    assert set(curve_limits().values()) == {"supported"}
    monkeypatch.setattr(limits, "AttentionOperator", mistake)
    found = curve_limits()
    assert set(found.values()) == {"refuted"}


def test_gaps_count_what_is_there_not_what_is_predicted():
    assert counted_as([2.0, 2.1, 6.0, 6.1, 12.0, 12.2, 20.0, 20.1, 20.2]) == (
        [2.0, 2.0, 2.0],
        {"refuted"},
    )


def counted_as(eigenvalues):
    """Sizes of the groups in five equal samples, and their verdicts."""
    counted = samples.group_sizes(np.tile(eigenvalues, (5, 1)))
    found = verdicts(counted, predicted.predict(SMALL))
    return [number.interval.value for number in counted.values()], set(found.values())


@pytest.mark.parametrize("more", [-1, 1])
def test_the_last_judged_group_ends_at_a_gap_not_with_the_list(more):
    def levels(sizes):
        values = np.repeat([2.0, 6.0, 12.0, 20.0], sizes)
        return (values + 0.01 * np.arange(len(values)))[: spectrum.COUNTED]

    assert counted_as(levels([3, 5, 7, 9])) == ([3.0, 5.0, 7.0], {"supported"})
    sizes, found = counted_as(levels([3, 5, 7 + more, 9]))
    assert sizes == [3.0, 5.0, 7.0 + more] and found == {"supported", "refuted"}
    # as many as are asked for complete no multiplet, or the list would end where a group does
    assert spectrum.COUNTED + 1 not in np.cumsum([1, 3, 5, 7, 9, 11])


def test_depths_refute_another_residual_share_and_another_temperature(monkeypatch):
    predictions = predicted_depths.predict(SHALLOW)
    found = verdicts(depths.depths_at_temperature(SHALLOW), predictions)
    assert set(found.values()) == {"supported"}
    monkeypatch.setattr(depths, "residual", lambda a, share: residual(a, 0.9 * share))
    found = verdicts(depths.depths_at_temperature(SHALLOW), predictions)
    layer = over_smoothing.at_temperature(over_smoothing.RESIDUAL)
    assert [name for name, verdict in found.items() if verdict == "refuted"] == [layer]
    monkeypatch.setattr(depths, "AttentionOperator", hotter)
    found = verdicts(depths.depths_at_temperature(SHALLOW), predictions)
    assert set(found.values()) == {"refuted"}
