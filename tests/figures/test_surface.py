"""Surfaces in the figures: what hides what."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from figures.globe import looking_from
from figures.surface import draw_cells, shaded, visible
from theory.setting.manifolds import manifold
from theory.setting.watched import cell_corners

UP = np.array([0.0, 0.0, 1.0])


def surface(name, counts=(48, 48)):
    m = manifold(name)
    u = cell_corners(m, counts)
    return m, m.embed(u.reshape(-1, 2)).reshape(*u.shape[:2], 3)


def test_half_of_a_sphere_is_seen():
    m, corners = surface("sphere")
    frame = looking_from(np.array([1.0, 0.3, 0.4]), UP)
    points = m._probe_points()
    points = m.embed(points)
    depth = points @ frame[2]
    seen = visible(frame, corners, points)
    assert seen[depth > 0.2].all() and not seen[depth < -0.2].any()


@pytest.mark.parametrize(("height", "seen"), [(0.0, False), (4.0, True)])
def test_the_tube_hides_the_inner_side_of_a_torus_from_beside_not_from_above(height, seen):
    m, corners = surface("torus")
    frame = looking_from(np.array([1.0, 0.0, height]), UP)
    # on the far tube, facing the eye: its normal alone does not say that it is hidden
    point = m.embed(np.array([[np.pi, 0.8 * np.pi]]))
    assert visible(frame, corners, point)[0] == seen


def test_the_nearest_cell_is_drawn_last():
    _, corners = surface("torus", (12, 8))
    frame = looking_from(np.array([1.0, 0.5, 0.7]), UP)
    faces = np.column_stack([np.linspace(0, 1, 96)] * 3 + [np.ones(96)])
    figure, ax = plt.subplots()
    draw_cells(ax, frame, corners, faces)
    drawn = ax.collections[0].get_facecolors()[:, 0]
    centres = (corners[:-1, :-1] + corners[1:, 1:] + corners[:-1, 1:] + corners[1:, :-1]) / 4
    depth = (centres @ frame.T)[..., 2].ravel()
    assert np.all(np.diff(depth[np.rint(drawn * 95).astype(int)]) > -1e-9)
    plt.close(figure)


def test_cells_at_a_pole_are_as_light_as_their_neighbours():
    _, corners = surface("sphere")
    light = shaded(corners, np.eye(3))[:, 0].reshape(48, 48)
    assert np.ptp(light[0]) < 0.01 and light[0, 0] == pytest.approx(light[1, 0], abs=0.01)
