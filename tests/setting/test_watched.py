"""The watched point of a surface, its line, and meshes: against lengths known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density
from theory.setting.watched import cell_centres, cell_corners, watched


@pytest.mark.parametrize("name", ["sphere", "torus"])
def test_the_line_goes_up_the_density_from_the_point(name):
    p = reference_density(name)
    place = watched(p, 41)
    near = np.abs(place.lengths) < 0.3
    up = np.polyfit(place.lengths[near], np.log(p(place.line[near])), 1)[0]
    assert up > 0.3
    assert np.allclose(place.line[20], place.point) and abs(place.lengths[20]) < 1e-9


def test_lengths_are_those_of_the_metric():
    # a great circle, and the circle of the tube of the torus, of radius 1
    for name in ("sphere", "torus"):
        place = watched(reference_density(name), 41)
        steps = np.abs(np.diff(place.lengths))
        assert np.allclose(steps, np.abs(np.diff(place.line[:, place.axis])), atol=1e-6)
    # round the torus, where the circle is as long as its distance from the axis says
    p = density(manifold("torus"), "exp(x)")
    place = watched(p, 31)
    m = p.manifold
    chords = np.linalg.norm(np.diff(m.embed(place.line), axis=0), axis=1)
    assert np.allclose(np.abs(np.diff(place.lengths)), chords, rtol=0.01)


def test_the_steepest_place_is_found():
    p = density(manifold("sphere"), "exp(2*z)")
    assert watched(p, 5).point[0, 0] == pytest.approx(np.pi / 2) and watched(p, 5).axis == 0


def test_cells_fill_the_chart():
    m = manifold("torus")
    corners, centres = cell_corners(m, (6, 4)), cell_centres(m, (6, 4))
    assert corners.shape == (7, 5, 2) and centres.shape == (24, 2)
    assert np.allclose(corners[-1, -1], 2 * np.pi)
    assert np.allclose(centres[1], [np.pi / 6, 3 * np.pi / 4])


def test_walls_are_refused():
    with pytest.raises(InputError, match="expected a closed one"):
        watched(density(manifold("interval")), 5)
