"""Results on disk: atomic, named by their parameters, reused, resumed, never overwritten by a tweak."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.store import results, sources
from simulations.experiments import option
from simulations.verdict import Interval, check
from theory.setting.checks import InputError


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(10, "")
    manifolds: tuple[str, ...] = option(("circle",), "")
    seed: int = option(1, "")


@pytest.fixture
def toy(monkeypatch):
    """An experiment of two pieces that counts how often each is computed, and can be made to fail in the second."""
    calls = {"first": 0, "second": 0, "fail": False}

    def piece(name):
        def compute():
            calls[name] += 1
            if name == "second" and calls["fail"]:
                raise KeyboardInterrupt
            return {"x": np.full(3, float(calls[name]))}

        return compute

    def run(parameters, run):
        arrays = {name: run.remember(name, piece(name))["x"] for name in ("first", "second")}
        return results.Outcome((check("q", 2.0, Interval(2.0, 1.9, 2.1), {"wrong": 2.2}),), arrays, ("table",))

    monkeypatch.setattr(sources, "digest", lambda name: calls.get("digest", "0"))
    return SimpleNamespace(Parameters=Parameters, run=run, calls=calls, __name__="toy")


def execute(toy, root, **changes):
    force = changes.pop("force", False)
    return results.execute("toy", toy, Parameters(**changes), root=root, quiet=True, force=force)


def test_a_result_holds_everything(toy, tmp_path):
    result = execute(toy, tmp_path)
    record = json.loads((result.folder / "result.json").read_text())
    assert record["verdict"] == "supported" and record["seed"] == 1
    assert record["versions"].keys() >= {"python", "numpy", "numba", "scipy"}
    assert record["command"] == "python -m simulations run toy"
    assert np.array_equal(result.arrays["first"], np.ones(3))
    assert result.check("q").predicted == 2.0
    with pytest.raises(InputError, match="got 'z'"):
        result.check("z")


def test_the_same_run_is_read_and_not_computed(toy, tmp_path):
    execute(toy, tmp_path)
    execute(toy, tmp_path)
    assert toy.calls["first"] == 1
    execute(toy, tmp_path, force=True)
    assert toy.calls["first"] == 2


def test_changed_sources_run_again(toy, tmp_path):
    execute(toy, tmp_path)
    toy.calls["digest"] = "1"
    execute(toy, tmp_path)
    assert toy.calls["first"] == 2


def test_a_tweak_has_a_folder_of_its_own(toy, tmp_path):
    reference = execute(toy, tmp_path)
    tweak = execute(toy, tmp_path, n_tokens=20, manifolds=("ellipse(a=3, b=1)", "circle"))
    assert reference.folder.name.startswith("reference-") and reference.folder.exists()
    assert tweak.folder.name.startswith("n_tokens=20,manifolds=")
    assert tweak.record["command"] == "python -m simulations run toy --n-tokens 20 --manifold 'ellipse(a=3, b=1)' --manifold circle"


def test_an_interrupted_run_resumes_where_it_stopped(toy, tmp_path):
    toy.calls["fail"] = True
    with pytest.raises(KeyboardInterrupt):
        execute(toy, tmp_path)
    assert not list(tmp_path.glob("toy/*/result.json"))
    toy.calls["fail"] = False
    execute(toy, tmp_path)
    assert toy.calls["first"] == 1 and toy.calls["second"] == 2
    assert not list(tmp_path.glob("toy/*.partial")) and not list(tmp_path.glob("toy/.*"))


def test_pieces_with_similar_names_are_kept_apart(tmp_path):
    run = results.Run(tmp_path, quiet=True)
    first, second = (run.remember(key, lambda v=v: {"x": np.array(v)}) for key, v in (("(2*u)", 1.0), ("(2/u)", 2.0)))
    assert (first["x"], second["x"]) == (1.0, 2.0)
    assert run.remember("(2*u)", lambda: {"x": np.array(3.0)})["x"] == 1.0


def test_a_failed_write_leaves_no_half_file(tmp_path):
    target = tmp_path / "a.npz"
    results.save_arrays(target, {"x": np.arange(3)})
    with pytest.raises(TypeError):
        results._atomically(target, lambda handle: handle.write("text, not bytes"))
    assert np.array_equal(results.load_arrays(target)["x"], np.arange(3))
    assert os.listdir(tmp_path) == ["a.npz"]


def test_a_folder_that_cannot_be_written_is_named(toy, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"results folder .*file.*cannot write there"):
        execute(toy, tmp_path / "file")
    assert toy.calls["first"] == 0


def test_a_full_disk_is_named(toy, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "save_arrays", full)
    with pytest.raises(InputError, match="No space left on device"):
        execute(toy, tmp_path)
    assert not list(tmp_path.glob("toy/*/result.json"))


def test_the_current_folder_is_no_folder_of_results(toy):
    with pytest.raises(InputError, match="got the current folder"):
        execute(toy, "")


def test_a_damaged_result_is_named(toy, tmp_path):
    result = execute(toy, tmp_path)
    assert results.read(result.folder) is not None
    for damaged in ("{", "{}", "null", "[1]"):
        (result.folder / "result.json").write_text(damaged)
        with pytest.raises(InputError, match="cannot be read"):
            results.read(result.folder)
    result = execute(toy, tmp_path, n_tokens=11)
    arrays = result.folder / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:100])
    with pytest.raises(InputError, match="cannot be read"):
        results.read(result.folder)


def test_a_damaged_piece_is_computed_again(toy, tmp_path):
    toy.calls["fail"] = True
    with pytest.raises(KeyboardInterrupt):
        execute(toy, tmp_path)
    (piece,) = tmp_path.glob("toy/*.partial/*.npz")
    piece.write_bytes(piece.read_bytes()[:100])
    toy.calls["fail"] = False
    assert np.array_equal(execute(toy, tmp_path).arrays["first"], np.full(3, 2.0))


def test_verdicts_list_the_headline_and_the_rest(toy, tmp_path):
    path = results.write_verdicts([execute(toy, tmp_path)], tmp_path)
    (row,) = json.loads(path.read_text())
    assert row["claim"] == "toy" and row["verdict"] == "supported"
    assert (row["predicted"], row["measured"], row["ci_low"], row["ci_high"], row["control_rejected"]) == (2.0, 2.0, 1.9, 2.1, True)
    assert len(row["checks"]) == 1


def test_options_that_may_be_repeated_are_named_in_the_singular():
    from simulations.experiments import load

    names = {f.name: results.option_name(f) for f in dataclasses.fields(load("new_metric").Parameters)}
    assert names["surfaces"] == "surface" and names["surface_densities"] == "surface-density" and names["n_seeds"] == "n-seeds"
