"""Heads judged: shares of known heads, nulls, the study that goes on where it stopped, the command."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from simulations.__main__ import cli, guarded
from simulations.heads import Head, ModelHead, minilm
from simulations.heads.measures import diffusion, displacement
from simulations.heads.nulls import (
    NULLS,
    RANDOM_SPREAD,
    TRAINED,
    random_head,
    score_spread,
    shuffled,
    variants,
)
from simulations.statistics.intervals import Interval
from simulations.verdict import heads_study, heads_summary
from simulations.verdict.heads import (
    SHARES,
    SUMS,
    compared,
    share_intervals,
    shares,
    text_sums,
    verdict,
)
from tests.heads.files import write
from theory import heads as predicted

D, D_K, TEXTS = 10, 4, 12


def model_head(size: float, seed: int = 0, causal: bool = False) -> ModelHead:
    rng = np.random.default_rng(seed)
    head = Head(*(size * rng.standard_normal((2, D_K, D))), *rng.standard_normal((2, D_K)))
    tokens = tuple(rng.standard_normal((n, D)) for n in rng.integers(6, 14, TEXTS))
    return ModelHead(0, 0, head, tokens, causal)


def shares_of(contexts) -> dict:
    return dict(zip(SHARES, shares(np.mean([text_sums(c) for c in contexts], axis=0)), strict=True))


def test_weak_scores_are_explained_in_full_and_only_by_the_right_force():
    found = shares_of(model_head(0.05).contexts())
    assert found["local"] > 0.99 and found["slope"] == pytest.approx(1, abs=0.02)
    assert found["swapped"] < 0.9
    assert found["transport"] < 0 and found["diffusion"] == pytest.approx(1, abs=0.05)


def test_strong_scores_are_transport():
    found = shares_of(model_head(50.0).contexts())
    assert found["transport"] > 0.95 and found["local"] < 0
    assert found["diffusion"] < 0.1 and found["slope"] < 0.1


def test_sums_by_the_gram_matrix_are_those_of_the_displacements():
    c = model_head(0.4).contexts()[0]
    found = dict(zip(SUMS, text_sums(c), strict=True))
    u = displacement(c)
    kernel = predicted.local(c.queries, c.keys, c.allowed, c.temperature)
    force = (kernel - predicted.density_alone(c.allowed)) @ c.tokens
    assert found["displacement"] == pytest.approx((u**2).sum())
    assert found["local"] == pytest.approx(((u - kernel @ c.tokens + c.tokens) ** 2).sum())
    assert found["force"] == pytest.approx((force**2).sum())
    mean = c.tokens.mean(axis=0)
    assert found["along"] == pytest.approx(((u + c.tokens - mean) * force).sum())
    assert found["diffusion"] == pytest.approx(diffusion(c).sum())
    scatter = ((c.tokens - mean) ** 2).sum()
    assert found["diffusion_predicted"] == pytest.approx(scatter)


def test_shares_are_what_their_names_say():
    sums = dict(zip(SUMS, (10.0, 5.0, 2.0, 4.0, 4.5, 6.0, 3.0, 4.0, 1.0, 8.0), strict=True))
    found = dict(zip(SHARES, shares(np.array(list(sums.values()))), strict=True))
    assert found["density_of_all"] == 0.5 and found["local_of_all"] == 0.8
    assert found["local"] == 0.6 and found["transport"] == pytest.approx(-0.2)
    assert found["one_clock"] == pytest.approx(0.1)
    assert found["slope"] == 0.75 and found["diffusion"] == 0.125


def test_a_head_beside_itself_differs_by_nothing():
    sums = np.array([text_sums(c) for c in model_head(0.3).contexts()])
    found, apart = share_intervals({"a": sums, "b": sums}, "a", np.random.default_rng(0))
    assert found["a"]["local"].low < found["a"]["local"].value < found["a"]["local"].high
    assert found["a"]["local"].value == found["b"]["local"].value
    assert apart["b"]["local"].high == apart["b"]["local"].low == 0


@pytest.mark.parametrize(
    ("ends", "word", "side"),
    [
        ((0.55, 0.7), "supported", "above"),
        ((0.45, 0.7), "inconclusive", "above"),
        ((-0.2, 0.4), "refuted", "not told apart"),
        ((-0.9, -0.4), "refuted", "below"),
    ],
)
def test_verdicts_are_those_of_the_interval(ends, word, side):
    share = Interval(sum(ends) / 2, *ends, "")
    assert (verdict(share), compared(share)) == (word, side)


def test_nulls_keep_what_they_should():
    trained = model_head(0.4)
    rng = np.random.default_rng(1)
    big = Head(*np.random.default_rng(2).standard_normal((2, 200, 300)))
    drawn = random_head(big, rng)
    assert (drawn.w_q**2).mean() == pytest.approx((big.w_q**2).mean(), rel=0.03)
    assert not drawn.b_q.any()
    mixed = shuffled(trained.tokens, rng)
    assert [len(x) for x in mixed] == [len(x) for x in trained.tokens]
    before, after = np.sort(np.concatenate(trained.tokens)), np.sort(np.concatenate(mixed))
    np.testing.assert_array_equal(np.sort(before, axis=0), np.sort(after, axis=0))
    every = variants(trained, rng, mixed)
    spreads = {name: score_spread(contexts) for name, contexts in every.items()}
    assert set(every) == {TRAINED, *NULLS}
    assert spreads[RANDOM_SPREAD] == pytest.approx(spreads[TRAINED])
    f = every["W_K = W_Q"][0].pseudo_metric
    np.testing.assert_allclose(f, f.T)


@pytest.fixture
def two_heads(monkeypatch):
    def trained_heads(texts):
        return model_head(0.3), replace(model_head(5.0, 1), index=1)

    monkeypatch.setattr(minilm, "trained_heads", trained_heads)


def test_the_study_goes_on_where_it_stopped(two_heads, tmp_path, monkeypatch):
    record = heads_study.study(tmp_path, quiet=True)
    assert [row["verdicts"]["local"] for row in record["rows"]] == ["supported", "refuted"]
    assert json.loads(heads_study.write(record, tmp_path).read_text()) == record
    assert heads_summary.lines(record)[0].startswith("layer")
    monkeypatch.setattr(heads_study, "measured", None)
    assert heads_study.study(tmp_path, quiet=True) == record


def command(*words) -> int:
    return guarded(cli, ["heads", *map(str, words)], "python -m simulations")


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(3)
    maps = rng.standard_normal((2, 8, D)).astype(np.float32) / 3
    weights = write(tmp_path / "w.safetensors", {"query.weight": maps[0], "key.weight": maps[1]})
    np.save(tmp_path / "x.npy", rng.standard_normal((9, 7, D)))
    return weights, tmp_path / "x.npy"


def test_a_file_of_weights_goes_through_with_one_command(files, capsys):
    weights, tokens = files
    words = ("--weights", weights, "--tokens", tokens, "--n-heads", 2, "--head", 1)
    assert command(*words) == 0
    shown = capsys.readouterr().out
    assert "head of d_k = 4 on D = 10: 9 texts, 63 tokens" in shown
    assert "more than 0.5: " in shown and "symmetry score" in shown
    assert command(*words, "--causal", "--rotary-base", 100) == 0
    assert "inf" in capsys.readouterr().out


def test_bad_input_is_one_line_and_exit_code_2(files, tmp_path, capsys):
    weights, tokens = files
    np.save(tmp_path / "one.npy", np.ones((1, D)))
    np.save(tmp_path / "none.npy", np.ones((0, D)))
    np.save(tmp_path / "wide.npy", np.ones((4, D + 1)))
    bad = write(tmp_path / "nan", {"w_q": np.full((2, D), np.nan), "w_k": np.ones((2, D))})
    alone = write(tmp_path / "alone", {"w_q": np.ones((2, D))})
    zero = write(tmp_path / "zero", {"w_q": np.zeros((2, D)), "w_k": np.ones((2, D))})
    cases = {
        "expected at least 2": (weights, tmp_path / "one.npy"),
        "empty text": (weights, tmp_path / "none.npy"),
        "expected (any, 10)": (weights, tmp_path / "wide.npy"),
        "no safetensors file": (tokens, tokens),
        "no .npy file": (weights, weights),
        "not finite": (bad, tokens),
        "is missing": (alone, tokens),
        "is 0": (zero, tokens),
        "No such file": (tmp_path / "nowhere", tokens),
    }
    for words, (w, x) in cases.items():
        assert command("--weights", w, "--tokens", x) == 2, words
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1 and said.startswith("error: ")
    assert command("--weights", weights) == 2
    assert "--tokens: is missing" in capsys.readouterr().err
