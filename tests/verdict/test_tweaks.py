"""Random tweaks: sensible, repeatable, and what is refuted is measured again."""

from __future__ import annotations

import json
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.statistics.intervals import exact
from simulations.verdict import tweaks
from simulations.verdict.rows import judged
from theory import claims as claims_
from theory.claims import claims
from theory.predictions import Value
from theory.setting.checks import InputError


def judgement(predicted):
    row = judged("q", Value(predicted), exact(1.0, 0.01, "test"))
    return SimpleNamespace(rows=(row,), verdict=row.verdict)


@pytest.mark.parametrize("claim", claims())
def test_most_tweaks_are_accepted_at_the_door(claim):
    tried = [tweaks.random_tweak(claim, np.random.default_rng(k)) for k in range(12)]
    assert all(set(changed) <= set(base) for base, changed in tried)
    # three of the twelve will do: some claims look at their whole design at the door
    accepted = (parameters for parameters in map(at_the_door(claim), tried) if parameters)
    assert len(list(islice(accepted, 3))) == 3


def at_the_door(claim):
    """A function from a tweak to its parameters, None where they are refused."""

    def parameters(tweak):
        base, changed = tweak
        try:
            return claims_.load(claim).Parameters(**(base | changed))
        except InputError:
            return None

    return parameters


def test_the_same_seed_makes_the_same_tweak():
    first, second = (tweaks.random_tweak("markov", np.random.default_rng(4)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("predictions", "verdict", "first"), [
    ((1.0,), "supported", []), ((2.0, 1.0), "supported", ["q"]), ((2.0, 2.0), "refuted", ["q"]),
])  # fmt: skip
def test_what_is_refuted_is_measured_again(tmp_path, predictions, verdict, first):
    left = list(predictions)
    seeds = []

    def answer(claim, parameters, root):
        seeds.append(parameters.seed)
        return judgement(left.pop(0))

    done = tweaks.study(1, 1, answer, tmp_path, ("markov",), report=lambda text: None)
    assert (done[0]["verdict"], done[0]["refuted_at_first"]) == (verdict, first)
    assert len(set(seeds)) == len(predictions)
    assert json.loads((tmp_path / "tweaks.json").read_text()) == done
    page = (tmp_path / "tweaks.md").read_text()
    assert f"still refuted with fresh seeds: {int(verdict == 'refuted')}" in page


def test_after_a_mend_only_what_was_refuted_runs_again(tmp_path):
    """The others keep what they said, and the page tells how many were run again."""
    false = {"markov": 2.0, "generator": 1.0}
    quiet = {"report": lambda text: None}

    def before(claim, parameters, root):
        return judgement(false[claim])

    def after(claim, parameters, root):
        assert claim == "markov"
        return judgement(1.0)

    done = tweaks.study(2, 1, before, tmp_path, tuple(false), **quiet)
    assert [d["verdict"] for d in done] == ["refuted", "supported"]
    mended = tweaks.again(after, tmp_path, **quiet)
    assert [d["verdict"] for d in mended] == ["supported", "supported"]
    mended, done = (json.loads(json.dumps(outcomes)) for outcomes in (mended, done))
    assert mended[0]["changed"] == done[0]["changed"] and mended[1] == done[1]
    assert "Of them 1 were run again" in (tmp_path / "tweaks.md").read_text()
    with pytest.raises(InputError, match="expected a study"):
        tweaks.again(after, tmp_path / "nothing", **quiet)
