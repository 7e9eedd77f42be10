"""A figure that moves is a film as well: written whole, and shown in the gallery."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.animation import FuncAnimation
from PIL import Image

import figures
from figures import readme, style
from theory.setting.checks import InputError

FILM = "clusters_film"


def film(n_frames: int):
    figure, ax = plt.subplots(figsize=(1, 1))
    (line,) = ax.plot([], [], "o")

    def show(frame):
        line.set_data([frame], [frame])
        return [line]

    ax.set(xlim=(0, n_frames), ylim=(0, n_frames))
    return FuncAnimation(figure, show, frames=n_frames)


def test_a_film_has_all_its_frames_and_repeats(tmp_path):
    path = style.save_animation(film(5), tmp_path / "out" / "film")
    assert path == tmp_path / "out" / "film.gif"
    with Image.open(path) as stored:
        assert stored.n_frames == 5 and stored.info["loop"] == 0
        assert stored.info["duration"] == pytest.approx(1000 / style.FILM_RATE, abs=10)
    assert [p.name for p in path.parent.iterdir()] == ["film.gif"]


def test_a_film_that_cannot_be_written_names_the_folder(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="figures folder"):
        style.save_animation(film(2), tmp_path / "out" / "film")


def test_only_figures_that_move_are_films():
    assert figures.moves(FILM) and not figures.moves("markov")
    assert readme.kinds(FILM) == ("png", "gif") and readme.kinds("markov") == ("png",)


def test_the_gallery_shows_the_film_below_its_still():
    lines = readme.gallery([]).splitlines()
    still = lines.index(f"![{FILM}]({FILM}.png)")
    assert lines[still + 2] == f"![{FILM}]({FILM}.gif)"
    assert sum(line.endswith(".gif)") for line in lines) == 1
