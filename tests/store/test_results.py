"""Results on disk: atomic, named by their parameters, reused, resumed, never overwritten."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.statistics.intervals import Interval
from simulations.store import files, results, sources
from simulations.store.quantities import Field, Measurement, Number, deterministic_field
from theory.claims import option, option_name
from theory.setting.checks import InputError


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(10, "")
    manifolds: tuple[str, ...] = option(("circle",), "")
    seed: int = option(1, "")


QUANTITIES = {
    "number": Number(
        Interval(2.0, 1.9, 2.1, "Student, 4 samples", 0.01, 3),
        {"wrong": Interval(3.0, 2.9, 3.1, "bound")},
    ),
    "field": Field(
        np.arange(24.0).reshape(2, 3, 2, 2),
        np.zeros((2, 1)),
        np.ones(2),
        np.array([0.2, 0.1]),
        "nodes",
        {"columns": np.ones((2, 3, 2, 2))},
    ),
    "nodes": deterministic_field(np.zeros((2, 2, 2)), np.zeros((2, 1)), [0.2, 0.1]),
}


@pytest.fixture
def toy(monkeypatch):
    """An experiment of two pieces that counts how often each is computed, and can be stopped."""
    calls = {"first": 0, "second": 0, "stop": False, "digest": "0"}

    def piece(name):
        def compute():
            calls[name] += 1
            if name == "second" and calls["stop"]:
                raise KeyboardInterrupt
            return {"x": np.full(3, float(calls[name]))}

        return compute

    def measure(parameters, run):
        arrays = {name: run.remember(name, piece(name))["x"] for name in ("first", "second")}
        return Measurement(QUANTITIES, arrays, ("table",))

    module = SimpleNamespace(measure=measure, calls=calls, __name__="toy")
    monkeypatch.setattr(sources, "digest", lambda name: calls["digest"])
    monkeypatch.setattr(results, "experiment", lambda name: module)
    claim = SimpleNamespace(Parameters=Parameters)
    monkeypatch.setattr(results.claims, "load", lambda name: claim)
    return module


def execute(root, *, force=False, **changes):
    return results.execute("toy", Parameters(**changes), root=root, quiet=True, force=force)


def test_a_result_holds_everything(toy, tmp_path):
    result = execute(tmp_path)
    record = json.loads((result.folder / "result.json").read_text())
    assert record["seed"] == 1 and record["confidence"] == 0.999
    assert record["versions"].keys() >= {"python", "numpy", "numba", "scipy"}
    assert record["commit"] and record["sources"] == "0"
    assert record["command"] == "python -m simulations run toy"
    assert np.array_equal(result.arrays["first"], np.ones(3))
    assert result.parameters == Parameters() and result.is_reference


def test_nothing_predicted_is_stored_with_a_measurement(toy, tmp_path):
    record = json.loads((execute(tmp_path).folder / "result.json").read_text())
    assert not {"verdict", "predicted", "checks"} & set(record)


def test_quantities_come_back_as_they_were(toy, tmp_path):
    read = execute(tmp_path).quantities
    assert list(read) == list(QUANTITIES)
    assert read["number"] == QUANTITIES["number"]
    for name in ("field", "nodes"):
        given, got = QUANTITIES[name], read[name]
        for key in ("values", "coordinates", "weights", "steps"):
            assert np.array_equal(getattr(given, key), getattr(got, key))
        assert given.on_nodes == got.on_nodes
        assert given.wrong_methods.keys() == got.wrong_methods.keys()
    assert np.array_equal(read["field"].wrong_methods["columns"], np.ones((2, 3, 2, 2)))


def test_the_same_run_is_read_and_not_computed(toy, tmp_path):
    execute(tmp_path)
    execute(tmp_path)
    assert toy.calls["first"] == 1
    execute(tmp_path, force=True)
    assert toy.calls["first"] == 2


def test_changed_sources_run_again(toy, tmp_path):
    execute(tmp_path)
    toy.calls["digest"] = "1"
    execute(tmp_path)
    assert toy.calls["first"] == 2


def test_a_tweak_has_a_folder_of_its_own(toy, tmp_path):
    reference = execute(tmp_path)
    tweak = execute(tmp_path, n_tokens=20, manifolds=("ellipse(a=3, b=1)", "circle"))
    assert reference.folder.exists() and not tweak.is_reference
    assert tweak.folder.name.startswith("n_tokens=20,manifolds=")
    options = "--n-tokens 20 --manifold 'ellipse(a=3, b=1)' --manifold circle"
    assert tweak.record["command"] == f"python -m simulations run toy {options}"


def test_an_interrupted_run_resumes_where_it_stopped(toy, tmp_path):
    toy.calls["stop"] = True
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path)
    assert not list(tmp_path.glob("toy/*/result.json"))
    toy.calls["stop"] = False
    execute(tmp_path)
    assert toy.calls["first"] == 1 and toy.calls["second"] == 2
    assert not list(tmp_path.glob("toy/*.partial")) and not list(tmp_path.glob("toy/.*"))


def test_pieces_with_similar_names_are_kept_apart(tmp_path):
    run = results.Run(tmp_path, quiet=True)
    first, second = (
        run.remember(key, lambda v=v: {"x": np.array(v)})
        for key, v in (("(2*u)", 1.0), ("(2/u)", 2.0))
    )
    assert (first["x"], second["x"]) == (1.0, 2.0)
    assert run.remember("(2*u)", lambda: {"x": np.array(3.0)})["x"] == 1.0


def test_a_failed_write_leaves_no_half_file(tmp_path):
    target = tmp_path / "a.npz"
    files.save_arrays(target, {"x": np.arange(3)})
    with pytest.raises(TypeError):
        files.atomically(target, lambda handle: handle.write("text, not bytes"))
    assert np.array_equal(files.load_arrays(target)["x"], np.arange(3))
    assert os.listdir(tmp_path) == ["a.npz"]


def test_a_folder_that_cannot_be_written_is_named(toy, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"results folder .*file.*cannot write there"):
        execute(tmp_path / "file")
    assert toy.calls["first"] == 0


def test_a_full_disk_is_named(toy, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "save_arrays", full)
    with pytest.raises(InputError, match="No space left on device"):
        execute(tmp_path)
    assert not list(tmp_path.glob("toy/*/result.json"))


@pytest.mark.parametrize("name", ["", ".", "./", os.getcwd()])
def test_the_current_folder_is_no_folder_of_results(toy, name):
    with pytest.raises(InputError, match="got the current folder"):
        execute(name)


@pytest.mark.parametrize("damaged", ["{", "{}", "null", "[1]", '{"claim": 3}'])
def test_a_damaged_record_is_named(toy, tmp_path, damaged):
    result = execute(tmp_path)
    (result.folder / "result.json").write_text(damaged)
    with pytest.raises(InputError, match="cannot be read"):
        results.read(result.folder)


@pytest.mark.parametrize("name", ["arrays.npz", "fields.npz"])
def test_damaged_arrays_are_named(toy, tmp_path, name):
    result = execute(tmp_path)
    path = result.folder / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="cannot be read"):
        results.read(result.folder)


def test_a_damaged_piece_is_computed_again(toy, tmp_path):
    toy.calls["stop"] = True
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path)
    (piece,) = tmp_path.glob("toy/*.partial/*.npz")
    piece.write_bytes(piece.read_bytes()[:100])
    toy.calls["stop"] = False
    with pytest.warns(results.DamagedWarning, match="this piece is computed again"):
        assert np.array_equal(execute(tmp_path).arrays["first"], np.full(3, 2.0))


def test_options_that_may_be_repeated_are_named_in_the_singular():
    names = {f.name: option_name(f) for f in dataclasses.fields(Parameters)}
    assert names == {"n_tokens": "n-tokens", "manifolds": "manifold", "seed": "seed"}


def test_a_field_of_the_wrong_shape_is_refused():
    with pytest.raises(InputError, match=r"values: got shape \(2, 2\)"):
        Field(np.zeros((2, 2)), np.zeros((2, 1)), np.ones(2), np.ones(2))
    with pytest.raises(InputError, match="wrong method 'columns'"):
        Field(
            np.zeros((2, 1, 2, 1)), np.zeros((2, 1)), np.ones(2), np.ones(2),
            wrong_methods={"columns": np.zeros(3)},
        )  # fmt: skip
