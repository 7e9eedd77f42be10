"""Folders: the current one is known by any name, and one that cannot be written is named before
the work. The tests hold for the superuser too: a file stands where a folder should be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from figures import style
from simulations.store import files
from simulations.store.folders import check_writable, own_folder, writing
from theory.setting.checks import InputError


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.parametrize(
    "name", ["", ".", "./", ".//", "inner/..", "../here", "../link", "../link/", "~", "~/", "~/."]
)
def test_the_current_folder_is_known_by_any_name(here, name):
    with pytest.raises(InputError, match="got the current folder"):
        own_folder("results", name)
    with pytest.raises(InputError, match="got the current folder"):
        own_folder("results", here)


def test_another_folder_is_taken_and_the_home_is_meant_by_its_sign(here):
    assert own_folder("results", "inner") == Path("inner")
    assert own_folder("results", "~/out") == here / "out"
    assert own_folder("results", "new/../other") == Path("new/../other")
    with pytest.raises(InputError, match="expected a folder"):
        own_folder("results", "~nobody-of-that-name/x")


@pytest.mark.parametrize("name", ["file", "file/inner"])
def test_a_file_in_place_of_a_folder_is_named(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"figures folder .*file.*cannot write there"):
        check_writable("figures folder", tmp_path / name)


@pytest.mark.parametrize(("number", "words"), [(28, "No space left"), (30, "Read-only file")])
def test_a_full_or_read_only_disk_is_found_by_the_probe(tmp_path, monkeypatch, number, words):
    def failing(*_, **__):
        raise OSError(number, os.strerror(number))

    check_writable("results folder", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []
    monkeypatch.setattr(tempfile, "TemporaryFile", failing)
    with pytest.raises(InputError, match=f"cannot write there .{words}"):
        check_writable("results folder", tmp_path)


def test_a_figure_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    figure = plt.figure()
    with pytest.raises(InputError, match="figures folder .*cannot write there"):
        style.save(figure, tmp_path / "file" / "name")
    written = style.save(figure, tmp_path / "output" / "name")
    assert [p.name for p in written] == ["name.png", "name.pdf"]
    assert written[0].read_bytes()[:4] == b"\x89PNG" and written[1].read_bytes()[:4] == b"%PDF"


def test_a_failed_write_names_its_path(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError) as refusal:
        files.write_text(tmp_path / "file" / "a.json", "{}")
    assert refusal.value.filename == str(tmp_path / "file" / "a.json")
    with pytest.raises(InputError, match="results folder"), writing("results folder", tmp_path):
        files.write_text(tmp_path / "file" / "a.json", "{}")


def test_a_folder_that_another_process_takes_away_is_made_again(tmp_path, monkeypatch):
    """Whoever finishes a run first removes the folder of its pieces."""
    real, calls = files._write_and_rename, []

    def taken_away(path, write):
        calls.append(path)
        if len(calls) < 3:
            raise FileNotFoundError(2, "No such file or directory")
        real(path, write)

    monkeypatch.setattr(files, "_write_and_rename", taken_away)
    files.write_text(tmp_path / "gone" / "a.txt", "text")
    assert (tmp_path / "gone" / "a.txt").read_text() == "text" and len(calls) == 3
