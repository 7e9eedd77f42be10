"""Tasks and runs: the answers are right, runs are paired, and nothing of test is seen early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from simulations.learn.descent import steps_to  # noqa: E402
from simulations.learn.examples import IGNORED  # noqa: E402
from simulations.learn.real_data import real_splits, shares  # noqa: E402
from simulations.learn.sequences import CYCLE, KEYS, PAIRS, nearest, recall, successor  # noqa: E402
from simulations.learn.splitting import parts  # noqa: E402
from simulations.learn.text import manual, text_splits  # noqa: E402
from simulations.learn.training import Trial, fresh, scored, trained  # noqa: E402
from theory.claims import metric_attention as claim  # noqa: E402

TRIAL = Trial("wine", "self", seed=1, number=0, steps=20)


def test_a_cold_metric_of_the_seen_coordinates_answers_nearest():
    found = nearest(50, np.random.default_rng(1))
    for tokens, labels in zip(found.tokens, found.labels, strict=True):
        x = tokens[:, :2]
        f = ((x[0] - x[1:]) ** 2).sum(-1)
        assert tokens[1:, 4:-1][f.argmin()].argmax() == labels[0]
        assert (labels[1:] == IGNORED).all()


def test_the_successor_answers_and_goes_round():
    found = successor(20, np.random.default_rng(1))
    for tokens, labels in zip(found.tokens, found.labels, strict=True):
        symbols, own = tokens[:, :CYCLE].argmax(-1), tokens[:, CYCLE:].argmax(-1)
        of = dict(zip(symbols, own, strict=True))
        assert [of[(s + 1) % CYCLE] for s in symbols] == labels.tolist()


def test_recall_answers_with_what_the_key_was_paired_with():
    found = recall(20, np.random.default_rng(1))
    for tokens, labels in zip(found.tokens, found.labels, strict=True):
        keys, values = tokens[:, :KEYS].argmax(-1), tokens[:, KEYS:-1].argmax(-1)
        of = dict(zip(keys[:PAIRS], values[:PAIRS], strict=True))
        assert len(of) == PAIRS
        assert [of[key] for key in keys[PAIRS:]] == labels[PAIRS:].tolist()
        assert (labels[:PAIRS] == IGNORED).all() and not tokens[PAIRS:, KEYS:-1].any()


def test_thirds_of_an_outcome_are_equal_shares_of_what_may_be_seen():
    outcome = np.random.default_rng(1).standard_normal(90) ** 3
    seen = np.arange(60)
    assert np.bincount(shares(outcome, seen)[seen]).tolist() == [20, 20, 20]
    ranks = shares(outcome, seen)[np.argsort(outcome)]
    assert (np.diff(ranks) >= 0).all()


def test_no_window_of_text_is_in_two_splits_and_labels_are_the_next_characters():
    a, b = text_splits(1, 0), text_splits(1, 1)
    np.testing.assert_array_equal(a.test.tokens, b.test.tokens)
    characters = a.training.tokens[..., : a.training.content].argmax(-1)
    np.testing.assert_array_equal(characters[:, 1:], a.training.labels[:, :-1])
    sets = [{tuple(row) for row in part.labels} for part in (a.training, a.validation, a.test)]
    # a few lines stand in two paragraphs
    assert all(len(sets[0] & other) < 0.02 * len(other) for other in sets[1:])
    paragraphs = [set(part) for part in parts(len(manual()), 1, 0)]
    assert sum(map(len, paragraphs)) == len(set.union(*paragraphs)) == len(set(manual()))


@pytest.mark.parametrize("name", ["digits", "wine", "breast_cancer", "diabetes"])
def test_runs_share_the_test_split_and_no_point_is_in_two(name):
    a, b = real_splits(name, 1, 0), real_splits(name, 1, 1)
    np.testing.assert_array_equal(a.test.labels, b.test.labels)
    assert not np.array_equal(a.training.labels, b.training.labels)
    content = a.training.tokens[..., : a.training.content]
    assert abs(content.mean()) < 1e-5
    sizes = [len(part.labels) for part in (a.training, a.validation, a.test)]
    assert sum(sizes) == {"digits": 1797, "wine": 178, "breast_cancer": 569, "diabetes": 442}[name]


def test_arms_of_a_run_start_from_the_same_weights_where_they_share_them():
    splits = TRIAL.splits()
    one, other = (fresh(replace(TRIAL, arm=arm), splits) for arm in ("self", "metric"))
    for name in ("embedding.weight", "head.weight"):
        assert torch.equal(one.state_dict()[name], other.state_dict()[name])
    mlp = "blocks.0.mlp.0.weight"
    assert torch.equal(one.state_dict()[mlp], other.state_dict()[mlp])


def test_a_run_twice_is_the_same_to_the_bit():
    first, second = scored(TRIAL, 1e-2), scored(TRIAL, 1e-2)
    assert first.keys() == second.keys()
    timed = (claim.SECONDS, "paces")
    for name, values in ((k, v) for k, v in first.items() if k not in timed):
        np.testing.assert_array_equal(values, second[name])


def test_a_loss_that_is_not_reached_counts_all_steps():
    losses = np.array([2.0, 1.0, 0.5])
    assert [steps_to(losses, level, 20) for level in (3.0, 1.0, 0.5, 0.1)] == [10, 10, 20, 20]


@pytest.mark.parametrize("arm", claim.ARMS)
def test_every_arm_learns(arm):
    trial = replace(TRIAL, arm=arm)
    _, losses = trained(trial, trial.splits(), 1e-2)
    assert losses[-1] < losses[0] / 2
