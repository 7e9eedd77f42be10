"""Random damage to stored files: one line that names the file, or a clean run; never a traceback,
never another number."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from figures import readme
from simulations.statistics.intervals import Interval
from simulations.store import files, results, sources
from simulations.store.files import DamagedError, sealed, unsealed, write_json
from simulations.store.quantities import Measurement, Number, deterministic_field
from simulations.verdict.reference import ship, shipped
from theory.claims import option

TRIALS = 60  # of damage to a file


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(10, "")
    seed: int = option(1, "")


VALUES = np.random.default_rng(0).standard_normal((3, 4, 1))


def measure(parameters, run):
    found = run.remember("piece", lambda: {"x": VALUES, "words": np.array(["a", "b"])})
    field = deterministic_field(found["x"], np.zeros((4, 1)), [0.4, 0.2, 0.1])
    return Measurement({"n": Number(Interval(2.0, 1.9, 2.1, "bound")), "f": field}, found)


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(sources, "digest", lambda name: "0")
    module = SimpleNamespace(measure=measure, __name__="toy")
    monkeypatch.setattr(results, "experiment", lambda name: module)
    monkeypatch.setattr(results.claims, "load", lambda name: SimpleNamespace(Parameters=Parameters))


def execute(root):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        result = results.execute("toy", Parameters(), root=root, quiet=True)
    return result, [w for w in said if w.category is results.DamagedWarning]


def damaged(content: bytes, rng) -> bytes:
    """The content with a bit flipped, an end cut off, two parts swapped, noise or nothing in it."""
    kind, place = rng.integers(6), int(rng.integers(len(content)))
    data = bytearray(content)
    if kind <= 1:
        data[place] ^= 1 << int(rng.integers(8))
    elif kind == 2:
        del data[place:]
    elif kind == 3:
        data = data[place:] + data[:place]
    elif kind == 4:
        data[place : place + 8] = rng.bytes(8)
    else:
        del data[place]
    return bytes(data)


def one_line(error) -> bool:
    return "\n" not in str(error) and len(str(error)) < 500


def same(result) -> bool:
    return (
        result.quantities["n"] == Number(Interval(2.0, 1.9, 2.1, "bound"))
        and np.array_equal(result.quantities["f"].values[:, 0], VALUES)
        and np.array_equal(result.arrays["x"], VALUES)
    )


@pytest.mark.parametrize("name", ["result.json", "fields.npz", "arrays.npz"])
def test_a_damaged_result_is_named_by_readers_and_measured_again_by_runs(toy, tmp_path, name):
    folder = execute(tmp_path)[0].folder
    path, rng = folder / name, np.random.default_rng(len(name))
    content, refused = path.read_bytes(), 0
    for _ in range(TRIALS):
        path.write_bytes(damaged(content, rng))
        try:
            assert same(results.read(folder))
        except DamagedError as error:
            assert one_line(error) and str(path) in str(error)
            refused += 1
        path.write_bytes(content)
    assert refused > TRIALS / 2
    path.write_bytes(content[:-40])
    again, said = execute(tmp_path)
    assert same(again) and [str(path) in str(w.message) for w in said] == [True]
    assert same(results.read(folder))
    assert execute(tmp_path)[1] == []


def test_a_damaged_piece_is_computed_again_whatever_its_damage(tmp_path):
    run, rng = results.Run(tmp_path, quiet=True), np.random.default_rng(1)
    compute = {"x": VALUES}
    run.remember("piece", lambda: compute)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for _ in range(TRIALS):
        path.write_bytes(damaged(content, rng))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert np.array_equal(run.remember("piece", lambda: compute)["x"], VALUES)
            assert np.array_equal(files.load_piece(path, "piece")["x"], VALUES)


@pytest.mark.parametrize(
    "arrays",
    [
        {"y": VALUES},
        {"x": VALUES[:2]},
        {"x": VALUES.astype(np.float32)},
        {"x": VALUES + 1e-16},
        {"x": VALUES, "y": VALUES},
    ],
)
def test_a_wrong_key_shape_type_or_value_is_damage(tmp_path, arrays):
    path = tmp_path / "piece.npz"
    files.save_piece(path, "piece", {"x": VALUES})
    seal = files.load_arrays(path)[files.SEAL]
    files.save_arrays(path, arrays | {files.SEAL: seal})
    assert files.digest(arrays, "piece") != str(seal)
    with pytest.raises(DamagedError, match="not the piece"):
        files.load_piece(path, "piece")


def test_another_piece_in_its_place_is_damage(tmp_path):
    files.save_piece(tmp_path / "a.npz", "a", {"x": VALUES})
    with pytest.raises(DamagedError, match="not the piece"):
        files.load_piece(tmp_path / "a.npz", "b")


@pytest.mark.parametrize("kind", ["folder", "link to nothing"])
def test_what_is_no_file_in_place_of_a_piece_is_replaced(tmp_path, kind):
    run = results.Run(tmp_path, quiet=True)
    run.remember("a", lambda: {"x": VALUES})
    (path,) = tmp_path.iterdir()
    path.unlink()
    path.mkdir() if kind == "folder" else path.symlink_to(tmp_path / "nowhere")
    with pytest.warns(results.DamagedWarning, match="computed again"):
        run.remember("a", lambda: {"x": VALUES})
    assert np.array_equal(files.load_piece(path, "a")["x"], VALUES)


def test_a_file_in_place_of_a_result_is_replaced(toy, tmp_path):
    folder = execute(tmp_path)[0].folder
    results._remove(folder)
    folder.write_text("")
    assert same(execute(tmp_path)[0]) and folder.is_dir()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("numbers", {"n": 3}), ("numbers", {"n": {"value": "2"}}), ("numbers", []),
        ("order", {}), ("order", [1]), ("order", ["n", "g"]), ("fields", {"f": None}),
        ("parameters", 3), ("sources", None), ("seconds", "fast"), ("loops", None), ("tables", "t"),
        ("digests", {}), ("digests", {"fields": 3, "arrays": 3}), ("claim", None), ("seed", "1"),
    ],
)  # fmt: skip
def test_a_record_of_wrong_inner_types_is_one_line_though_its_digest_is_right(
    toy, tmp_path, key, value
):
    folder = execute(tmp_path)[0].folder
    path = folder / "result.json"
    record = unsealed(json.loads(path.read_text())) | {key: value}
    write_json(path, sealed(record))
    with pytest.raises(DamagedError) as refusal:
        results.read(folder)
    assert one_line(refusal.value) and str(folder) in str(refusal.value)
    assert same(execute(tmp_path)[0])


HOSTILE = (None, True, 0, -1, 1.5, np.nan, np.inf, 10**400, "x", "", [], [1], [None], {}, {"a": 1})


def places(content, before=()):
    """The keys that lead to every value inside of JSON."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in inner:
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from places(value, (*before, key))


def changed(content, place, value):
    """(a copy with another value at a place, what was there)."""
    inner = content = json.loads(json.dumps(content))
    for key in place[:-1]:
        inner = inner[key]
    was, inner[place[-1]] = inner[place[-1]], value
    return content, was


def test_whatever_type_is_where_in_a_record_that_is_read_it_is_that_of_a_run(toy, tmp_path):
    folder = execute(tmp_path)[0].folder
    record = unsealed(json.loads((folder / "result.json").read_text()))
    tried = 0
    for place in places(record):
        for value in HOSTILE:
            other, was = changed(record, place, value)
            write_json(folder / "result.json", sealed(other))
            tried += 1
            try:
                result = results.read(folder)
            except DamagedError as error:
                assert one_line(error) and str(folder) in str(error)
                continue
            numbers = all(isinstance(v, int | float) and v < 10**300 for v in (was, value))
            alike = type(was) is type(value) or numbers or place[-1] == "on_nodes"
            if place[0] in ("parameters", "claim") and json.dumps(value) != json.dumps(was):
                assert not result.is_of("toy", Parameters()), (place, value)
            else:
                if number := result.quantities.get("n"):
                    number.interval.at(0.9)
                assert alike and not (type(was) is bool) ^ (value is True), (place, value)
    assert tried > 500


@pytest.mark.parametrize("ending", [".json", ".npz", ".arrays.npz"])
def test_damage_to_a_shipped_measurement_is_named(tmp_path, ending):
    drawn = {"drawn": np.random.default_rng(1).random(200)}
    ship([SimpleNamespace(result=replace(shipped("markov"), arrays=drawn))], tmp_path)
    assert np.array_equal(shipped("markov", tmp_path).arrays["drawn"], drawn["drawn"])
    whole = shipped("markov", tmp_path).quantities
    path, rng = tmp_path / f"markov{ending}", np.random.default_rng(2)
    content, refused = path.read_bytes(), 0
    for _ in range(TRIALS):
        path.write_bytes(damaged(content, rng))
        try:
            found = shipped("markov", tmp_path).quantities
            assert list(found) == list(whole)
        except DamagedError as error:
            assert one_line(error) and str(path) in str(error) and "git checkout" in str(error)
            refused += 1
    path.unlink()
    with pytest.raises(DamagedError):
        shipped("markov", tmp_path)
    assert refused > TRIALS / 2


def test_damage_to_the_shipped_verdicts_is_named(tmp_path, monkeypatch):
    content, rng = readme.VERDICTS.read_bytes(), np.random.default_rng(3)
    path = tmp_path / "verdicts.json"
    monkeypatch.setattr(readme, "VERDICTS", path)
    for _ in range(10):
        path.write_bytes(damaged(content, rng))
        try:
            readme.records()
        except DamagedError as error:
            assert one_line(error) and str(path) in str(error)
    path.write_bytes(content.replace(b'"measured": 2', b'"measured": 3', 1))
    with pytest.raises(DamagedError, match="not what was written"):
        readme.records()
