"""Parameters as files: what is printed is read back as the same run, and wrong files are refused."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest

from simulations.__main__ import _experiment_command, cli, guarded, parse
from simulations.config import as_toml, read_config
from simulations.options import parameters
from simulations.store.results import run_name
from theory import claims as claims_
from theory.claims import claims, optional_claims
from theory.setting.checks import InputError

EVERY = [*claims(), *optional_claims()]
ODD = 'a "quoted" \\ text,\nof two lines\tand \x7f, \x01, é, 𝄞'


def command_line(capsys, *words):
    """Exit code and what is printed by python -m simulations."""
    code = guarded(cli, list(words), "python -m simulations")
    return code, capsys.readouterr()


def printed(capsys, claim, *words):
    code, streams = command_line(capsys, "run", claim, *words, "--print-config")
    assert code == 0 and not streams.err
    return streams.out


def given(claim, *words):
    """The parameters that a command line makes."""
    names = {f.name for f in dataclasses.fields(claims_.load(claim).Parameters)}
    return parameters(claim, {k: v for k, v in parse(claim, words).items() if k in names})


@pytest.mark.parametrize("claim", EVERY)
def test_what_is_printed_is_read_as_the_same_run(claim, capsys, tmp_path):
    reference = claims_.load(claim).Parameters()
    small = dataclasses.replace(reference, **claims_.load(claim).SMALL)
    path = tmp_path / "run.toml"
    path.write_text(as_toml(claim, small))
    read = given(claim, "--config", str(path))
    assert run_name(read, reference) == run_name(small, reference)
    assert printed(capsys, claim, "--config", str(path)).strip() == path.read_text()


def test_a_file_holds_values_as_toml_reads_them():
    text = as_toml("generator", claims_.load("generator").Parameters(density="exp(x1)"), {})
    found = tomllib.loads(text)
    assert found.pop("claim") == "generator"
    expected = dataclasses.asdict(claims_.load("generator").Parameters(density="exp(x1)"))
    assert {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()} == expected


def test_any_text_and_number_comes_back(tmp_path):
    @dataclasses.dataclass
    class Odd:
        density: str = ODD
        temperature: float = 0.1 + 0.2

    path = tmp_path / "odd.toml"
    path.write_text(as_toml("generator", Odd()), encoding="utf-8")
    assert read_config("generator", path) == dataclasses.asdict(Odd())


def test_what_is_typed_wins(capsys, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('n-tokens = 700\ntemperature = 0.03\nmanifold = ["circle"]\nbudget = "2m"\n')
    words = ("--config", str(path), "--temperature", "0.02", "--manifold", "sphere")
    found = tomllib.loads(printed(capsys, "generator", *words))
    assert found["temperature"] == 0.02 and found["manifolds"] == ["sphere"]
    assert found["n_tokens"] == 700 and found["budget"] == "2m"
    # in either order, and a typed default wins as well
    words = ("--temperature", "0.01", "--config", str(path))
    assert given("generator", *words).temperature == 0.01


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n_tokn = 3", "the nearest is n_tokens"),
        ("manifods = []", "the nearest is manifolds"),
        ("qqqq = 3", "expected one of manifolds, density"),
        ("n_tokens = 3.0", "n_tokens: got 3.0, expected a whole number"),
        ("n_tokens = true", "n_tokens: got True, expected a whole number"),
        ("temperature = '0.1'", "temperature: got '0.1', expected a number"),
        ("temperature = 1979-05-27", "expected a number"),
        ("density = 3", "density: got 3, expected a text"),
        ("manifolds = 'circle'", "expected a list of texts"),
        ("manifolds = [1]", "expected a list of texts"),
        ("[manifolds]\nx = 1", "expected a list of texts"),
        ("n_tokens = 700\nn-tokens = 800", "n_tokens is there twice"),
        ("claim = 'evolution'", "is of the claim 'evolution', expected generator"),
        ("n_tokens", "is no TOML"),
        ("x = " + "[" * 5000, "is no TOML"),
        ("n_tokens = " + "9" * 5000, "is no TOML"),
        ("temperature = nan", "temperature: got nan"),
        ("temperature = 1e400", "temperature: got inf"),
        ("n_tokens = " + "9" * 400, "n-tokens: got about 1e"),
    ],
)
def test_a_wrong_file_is_one_line(text, expected, capsys, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    code, streams = command_line(capsys, "run", "generator", "--config", str(path))
    assert code == 2 and not streams.out
    assert streams.err.startswith("error: ") and streams.err.count("\n") == 1
    assert expected in streams.err


def test_a_file_may_begin_with_the_mark_of_its_encoding(tmp_path):
    path = tmp_path / "marked.toml"
    path.write_text("n_tokens = 700", encoding="utf-8-sig")
    assert read_config("generator", path) == {"n_tokens": 700}


def test_a_file_that_is_none_is_one_line(capsys, tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.toml", "bytes.toml", "."):
        path = tmp_path / name
        code, streams = command_line(capsys, "run", "generator", "--config", str(path))
        assert code == 2 and str(path)[:20] in streams.err and streams.err.count("\n") == 1


def test_what_is_printed_was_checked(capsys):
    words = ("run", "generator", "--n-tokens", "5", "--print-config")
    code, streams = command_line(capsys, *words)
    assert code == 2 and not streams.out and "--n-tokens: got 5" in streams.err


def test_a_file_is_no_parameter_of_the_run():
    assert not {"config", "print_config"} & set(parse("generator", []))
    with pytest.raises(InputError):
        _experiment_command("generator").make_context("generator", ["--config", "none.toml"])
