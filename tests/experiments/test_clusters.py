"""Clusters: planted mistakes that the verdict must refute, and parameters at the door."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.dynamics import evolve
from simulations.experiments.clusters import chain, film, growth, pairs, random_tokens
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.rows import INCONCLUSIVE
from theory.claims import clusters as claim
from theory.predictions.clusters import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(fastest=6)
RUN = Run(None, True)


def rows_of(measurement):
    predicted = predict(PARAMETERS)
    chosen = {name: predicted[name] for name in measurement.quantities}
    return judge_quantities(measurement.quantities, chosen)


def refuted(measurement) -> set[str]:
    return {row.quantity for row in rows_of(measurement) if row.verdict == "refuted"}


def test_a_temperature_three_per_cent_off_is_seen(monkeypatch):
    assert refuted(growth.growth_of_modes(PARAMETERS, RUN)) == set()
    init = AttentionOperator.__init__
    monkeypatch.setattr(
        AttentionOperator,
        "__init__",
        lambda self, tokens, score, eps, **more: init(self, tokens, score, 1.03 * eps, **more),
    )
    found = refuted(growth.growth_of_modes(PARAMETERS, RUN))
    assert found == {claim.FASTEST, claim.CURVE_HEIGHT, claim.CURVE_CUT, claim.SLOW}
    assert refuted(pairs.pair_motion()) == {claim.PAIR, claim.UNEQUAL}


def test_forgotten_masses_are_seen(monkeypatch):
    assert refuted(pairs.pair_motion()) == set()
    attended = evolve._attended
    monkeypatch.setattr(
        evolve,
        "_attended",
        lambda x, f, eps, weights, period: attended(x, f, eps, np.ones(len(x)), period),
    )
    assert refuted(pairs.pair_motion()) == {claim.UNEQUAL}


def test_keys_that_stay_behind_are_seen(monkeypatch):
    """Tokens that look at where the others were before the displacement: the response is less."""

    def stay(path):
        return np.round(path, 1)

    copies = evolve._copies
    monkeypatch.setattr(evolve, "_copies", lambda x, w, period: copies(stay(x), w, period))
    everywhere = {claim.multiplier(*design) for design in claim.judged_multipliers()}
    found = refuted(chain.chain_of_clusters(OneStudy()))
    assert everywhere <= found


class OneStudy(Run):
    """A run that leaves out the plateaus of a chain."""

    def __init__(self):
        super().__init__(None, True)

    def remember(self, key, compute):
        return {"lengths": np.zeros(len(claim.DISORDER))}


def test_plateaus_are_chosen_by_positions_and_compared_with_their_pair_alone():
    # x of the pairs: 6.25 and more than 9 larger, then pairs that are not isolated
    positions, masses = np.array([0.1, 1.0, 1.5, 4.0]), np.array([1.0, 2.0, 3.0, 4.0])
    distance, pair, square, margin = random_tokens.closest_pair(positions, masses, 0.01)
    assert distance == pytest.approx(0.5) and pair.tolist() == [2.0, 3.0]
    assert square == pytest.approx(6.25) and margin == pytest.approx(0.81 / 0.04 - 6.25)
    across = random_tokens.closest_pair(np.array([0.1, 6.2, 3.0]), masses[:3], 0.01)
    assert across[0] == pytest.approx(0.1 - 6.2 + 2 * np.pi) and across[1].tolist() == [2.0, 1.0]
    rows = np.array([[0, 0, 9, 9, 6, 4, 0], [0, 0, 9, 9, 4, 4, 0], [0, 0, 9, 9, 6, 2.0, 0]])
    assert random_tokens.isolated(rows).tolist() == [True, False, False]


def test_too_few_plateaus_end_inconclusive():
    interval = random_tokens.plateau_ratio(np.ones((2, 7)))
    measurement = pairs.Measurement({claim.RANDOM: pairs.Number(interval)})
    assert [row.verdict for row in rows_of(measurement)] == [INCONCLUSIVE]


@pytest.mark.parametrize("mass", [4.0, 12.0])
def test_others_lengthen_a_life_by_their_share_at_most(mass):
    """Three clusters on a line of the circle: the third pulls, the more the heavier it is."""
    eps, positions = 0.01, np.array([2.0, 2.5, 3.1])
    masses = np.array([1.0, 1.0, mass])
    _, pair, _, _ = random_tokens.closest_pair(positions, masses, eps)
    share = random_tokens.share_of_others(positions, masses, eps)
    x, further = 0.25 / (4 * eps), 0.36 / (4 * eps)
    # of the outer pair too: 1.1 away
    outer = 1.21 / (4 * eps)
    expected = mass * (0.6 * np.exp(-further) + 1.1 * np.exp(-outer)) / (2 * 0.5 * np.exp(-x))
    assert share == pytest.approx(expected, rel=1e-12)

    def life(places, weights):
        """Until two of the places are one."""
        return random_tokens.steps_to_merge(
            places[:, None], random_tokens.GAUSSIAN, eps, 0.1, weights=weights
        )

    ratio = life(positions, masses) / life(positions[:2], pair)
    assert 1 < ratio < 1 / (1 - share)
    # the weight of the next pair over that of the closest, exp(-2.75), knows no masses
    assert (ratio < np.exp(np.exp(x - further))) == (mass == 4.0)


def test_a_ratio_whose_pairs_are_pulled_apart_is_inconclusive():
    rows = np.tile([0, 0, 9.0, 9.0, 6.0, 4.0, 0.01], (5, 1))
    name = {claim.RANDOM: pairs.Number(random_tokens.plateau_ratio(rows))}
    assert [row.kind for row in rows_of(pairs.Measurement(name))] == ["consistency"]
    rows[0, 6] = 1.2
    assert not np.isfinite(random_tokens.plateau_ratio(rows).low)


def test_a_ratio_free_of_its_bias():
    """Numerators 2 d + noise of denominators d whose estimate is biased by 1/N."""
    rng = np.random.default_rng(1)
    d = rng.exponential(size=4000)
    top = 2 * d + 0.1 * rng.standard_normal(4000)
    full = np.stack([top + 0.3, d], axis=1)
    halves = np.stack([top + 0.6, d], axis=1)
    interval = growth.jackknifed_ratio(full, halves)
    assert interval.contains(2.0) and not interval.contains(2.3)
    assert 0.001 < interval.half_width < 0.02


@pytest.mark.parametrize(
    "wrong",
    [
        {"fastest": 4},
        {"fastest": 500},
        {"n_seeds": 3},
        {"n_runs": 2},
        {"n_steps": 0},
        {"seed": -1},
        {"n_random": 5},
    ],
)
def test_parameters_are_checked(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        claim.Parameters(**wrong)


def test_points_joined_by_short_distances_are_one_place_and_keep_their_mass():
    x = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 0.1], [0.1, 0.1], [5.0, 1.0]])
    masses = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    # the first and the fourth are joined through the third
    assert film.places(x, 0.11).tolist() == [0, 1, 0, 0, 2]
    assert film.places(x, 0.09).tolist() == [0, 1, 2, 3, 4]
    points, total, labels = film.gathered(x, masses, 0.11)
    assert labels.tolist() == [0, 1, 0, 0, 2] and total.tolist() == [8.0, 2.0, 5.0]
    assert np.allclose(total @ points, masses @ x)


def test_tokens_of_the_film_move_as_the_definition_says_and_gather_without_changing_it():
    eps, share = claim.FILM_TEMPERATURE, claim.FILM_SHARE
    rng = np.random.default_rng(0)
    x = np.vstack([rng.standard_normal((30, 2)) / 3, np.tile([2.0, 0.0], (3, 1))])
    steps = (0, 1, 4, 9)
    followed, expected = film.followed(x, steps, RUN), [x]
    for _ in range(steps[-1]):
        y = expected[-1]
        weights = np.exp(-((y[:, None] - y) ** 2).sum(axis=2) / (4 * eps))
        after = weights @ y / weights.sum(axis=1, keepdims=True)
        expected.append((1 - share) * y + share * after)
    # what has gathered is nearer than a millionth
    assert np.allclose(followed, np.array(expected)[list(steps)], atol=1e-5)


def test_the_film_ends_with_few_places_and_is_the_same_again(monkeypatch):
    monkeypatch.setattr(claim, "FILM_LAST", 70)
    monkeypatch.setattr(claim, "FILM_FRAMES", 60)
    found, again = (film.filmed(PARAMETERS, RUN) for _ in range(2))
    path, labels = found["film"], found["film_places"]
    assert path.shape == (len(claim.film_steps()), claim.FILM_TOKENS, 2)
    assert labels[0].max() > 0.9 * claim.FILM_TOKENS > 10 * labels[-1].max()
    assert all(np.array_equal(found[key], again[key]) for key in found)
    # the curve shortens before tokens gather
    length = [np.linalg.norm(np.diff(x, axis=0), axis=1).sum() for x in path[:16]]
    assert length[-1] < 0.95 * length[0]


def test_the_film_shows_every_step_at_first_then_ever_fewer():
    steps = np.array(claim.film_steps())
    assert steps[0] == 0 and steps[-1] == claim.FILM_LAST
    assert set(np.diff(steps[: claim.FILM_SINGLE])) == {1} and (np.diff(steps) > 0).all()
    assert 100 <= len(steps) <= claim.FILM_FRAMES
