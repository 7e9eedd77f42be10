"""Broken assumptions: planted mistakes that the verdict must refute, and parameters at the door."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.experiments.broken_assumptions import ellipse, gaps, inside, walls
from simulations.experiments.broken_assumptions.matrices import symmetric_matrix
from simulations.store.results import Run
from simulations.tokens import Tokens, iid_tokens
from simulations.verdict.join import judge_quantities
from theory.claims import broken_assumptions as claim
from theory.predictions.broken_assumptions import predict
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN

PARAMETERS = claim.Parameters(n_levels=4, n_seeds=12)
RUN = Run(None, True)


def refuted(measurement) -> set[str]:
    predicted = predict(PARAMETERS)
    chosen = {name: predicted[name] for name in measurement.quantities}
    rows = judge_quantities(measurement.quantities, chosen)
    return {row.quantity for row in rows if row.verdict == "refuted"}


def unweighted(tokens):
    return Tokens(tokens.manifold, tokens.coordinates, tokens.points)


def test_nodes_without_their_weights_are_seen_at_a_wall(monkeypatch):
    """Gauss-Legendre nodes crowd at a wall: without their weights there is another layer."""
    assert refuted(walls.layer(PARAMETERS, RUN)) == set()
    nodes = walls.quadrature_tokens
    monkeypatch.setattr(walls, "quadrature_tokens", lambda p, n: unweighted(nodes(p, n)))
    assert refuted(walls.layer(PARAMETERS, RUN)) == {claim.WALL, claim.LAYER}


def test_a_temperature_three_per_cent_off_is_seen(monkeypatch):
    init = AttentionOperator.__init__
    monkeypatch.setattr(
        AttentionOperator,
        "__init__",
        lambda self, tokens, score, eps, **more: init(self, tokens, score, 1.03 * eps, **more),
    )
    assert claim.WALL in refuted(walls.layer(PARAMETERS, RUN))
    assert claim.shortening(1) in refuted(inside.length_seen(PARAMETERS, RUN))
    assert claim.ESCAPE in refuted(gaps.two_clusters(PARAMETERS))
    assert claim.LATTICE in refuted(gaps.lattice())


def test_tokens_of_the_wrong_volume_are_seen(monkeypatch):
    """Tokens drawn with the density of the chart as if it were that of dV."""
    assert refuted(ellipse.volume(PARAMETERS)) == set()
    monkeypatch.setattr(claim, "volume_density", claim.chart_density)
    found = ellipse.volume(PARAMETERS)
    monkeypatch.undo()
    assert {claim.VOLUME_ORDER, claim.VOLUME_ROOT} <= refuted(found)


def test_a_metric_in_place_of_the_dot_product_is_seen(monkeypatch):
    monkeypatch.setattr(ellipse, "dot_score", lambda: GAUSSIAN)
    found = refuted(ellipse.dot_product(PARAMETERS, RUN))
    assert found == {claim.TRANSPORT_RATIO, claim.GROWTH, claim.LEADERS}


def test_escape_rate_lies_between_the_bounds_of_kato_and_temple():
    """The bound on F/(pi_1 pi_2), against the flow itself."""
    from theory.failures import gap_escape_rate

    for width in (3.0, 4.0, 5.0):
        gap = width * np.sqrt(2 * 0.004)
        rate, slack, rounding = gaps.gap_eigenvalue(gap, 0.004)
        flow = gap_escape_rate(claim.LENGTHS, gap, 0.004)
        assert rate - rounding <= flow <= rate + slack + rounding
        assert slack < 0.1 * rate


def test_clusters_that_are_left_as_fast_as_they_mix_are_inconclusive(monkeypatch):
    """Touching clusters are one: the bound says nothing, and no interval is made up."""
    parameters = claim.Parameters(temperature=0.01)
    assert gaps.gap_eigenvalue(0.0, parameters.temperature)[1] == np.inf
    predicted = predict(parameters)[claim.ESCAPE]
    monkeypatch.setattr(claim, "GAPS", (0.0,))
    found = gaps.two_clusters(parameters).quantities
    rows = judge_quantities(found, {claim.ESCAPE: predicted})
    assert [row.verdict for row in rows] == ["inconclusive"]
    assert "not finite" in rows[0].reason


def test_a_wrong_rate_of_decay_is_a_rival_of_the_next_order():
    """Neither (1 - mu)/tau for -log(mu)/tau nor a tenth of what it would add is accepted."""
    found = inside.length_seen(claim.Parameters(), RUN).quantities
    for k in claim.MODES:
        interval = found[claim.next_order(k)].interval
        rivals = predict(claim.Parameters())[claim.next_order(k)].rivals
        assert sorted(rivals.values()) == pytest.approx([(k * np.pi) ** 2 / c for c in (80, 8)])
        assert not any(interval.contains(value) for value in rivals.values())


def test_pieces_are_eigenvalues_one():
    tokens = iid_tokens(density(manifold("circle")), 80, np.random.default_rng(3))
    window = 0.2
    operator = AttentionOperator(tokens, GAUSSIAN, 1.0, window=2 * np.sin(window / 2))
    with pytest.warns(LonelyTokensWarning):
        matrix = symmetric_matrix(operator)
    ones = int((np.linalg.eigvalsh(matrix) > 1 - 1e-9).sum())
    angle = np.sort(tokens.coordinates[:, 0])
    apart = np.diff(np.append(angle, angle[0] + 2 * np.pi))
    assert ones == (apart > window).sum() == gaps.count_pieces(tokens, window) > 1
    assert ones != (apart > 2 * window).sum()


def test_points_at_the_walls_integrate_a_layer():
    points, weights = claim.wall_points()
    assert weights.sum() == pytest.approx(1.0, abs=1e-14)
    width = 3e-4
    layer = np.exp(-points[:, 0] / width) + np.exp(-(1 - points[:, 0]) / width)
    assert weights @ layer == pytest.approx(2 * width, rel=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": 0.1}, "temperature: got 0.1"),
        (
            {"temperature": 1e-4, "n_levels": 6},
            "temperature: got 0.0001 with n_levels 6, expected at least",
        ),
        ({"n_levels": 3}, "n_levels: got 3"),
        ({"n_seeds": 2}, "n_seeds: got 2"),
        ({"n_tokens": 5}, "n_tokens: got 5"),
    ],
)
def test_parameters_are_checked(wrong, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**wrong)
