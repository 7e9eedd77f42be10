"""A figure that moves is a film as well: written whole, and shown in the gallery."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from PIL import Image

import figures
from figures import readme, style
from simulations.verdict.join import judge
from simulations.verdict.reference import shipped
from theory.claims import evolution as claim
from theory.setting.checks import InputError

FILM = "clusters_film"
FILMS = (FILM, "evolution_film")


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
    assert all(map(figures.moves, FILMS)) and not figures.moves("markov")
    assert readme.kinds(FILM) == ("png", "gif") and readme.kinds("markov") == ("png",)


def test_the_gallery_shows_the_film_below_its_still():
    lines = readme.gallery([]).splitlines()
    still = lines.index(f"![{FILM}]({FILM}.png)")
    assert lines[still + 2] == f"![{FILM}]({FILM}.gif)"
    assert sum(line.endswith(".gif)") for line in lines) == len(FILMS)


def test_what_stands_still_keeps_a_rare_colour_whatever_comes_and_goes(tmp_path):
    """With a palette a frame, a small patch takes the colour of what fills the others."""
    figure, ax = plt.subplots(figsize=(2, 2), layout="none")
    ax.set_position((0, 0, 1, 1))
    noise = np.random.default_rng(0).random((3, 60, 60, 3)) * (0.2, 0.4, 1.0)
    drawn = ax.imshow(noise[0], extent=(0, 1, 0, 1))
    ax.add_patch(plt.Rectangle((0.0, 0.0), 0.03, 0.03, color="#ffd000", zorder=3))
    ax.axis("off")

    def show(frame):
        drawn.set_data(noise[frame])
        return [drawn]

    path = style.save_animation(FuncAnimation(figure, show, frames=3), tmp_path / "film")
    with Image.open(path) as stored:
        for frame in range(3):
            stored.seek(frame)
            pixel = stored.convert("RGB").getpixel((1, stored.height - 2))
            assert pixel == pytest.approx((255, 208, 0), abs=16), frame


def test_the_film_of_the_evolution_is_of_what_is_stored():
    """Its last frame is the last step of the shipped measurement, beside the equation."""
    judged = judge(shipped("evolution"))
    film_of = figures.load("evolution_film")
    attention, equation, difference, missed = film_of.columns_of(judged)
    steps = len(claim.SURFACE_STEPS)
    assert np.array_equal(attention, judged.arrays["surface_attention"][:, : film_of.SHOWN])
    assert np.abs(attention - equation - difference).max() == 0
    assert np.abs(difference[0]).max() < 1e-6  # stored in single precision
    assert np.abs(missed[-1]).max() > 2 * np.abs(difference[-1]).max()
    film = figures.animate("evolution_film", judged)
    artists = film._func(film_of.HOLD * steps - 1)
    seen = film_of.View(judged).seen
    assert np.array_equal(artists[0].get_array(), attention[-1][seen])
    assert "step 24" in artists[-1].get_text()
    film._draw_was_started = True  # it is not saved
    plt.close("all")
