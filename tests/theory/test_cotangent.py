"""The cotangent Laplacian against closed forms, dense exponentials and the solver on charts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.sparse import csc_array, diags_array

from theory import cotangent
from theory.cotangent import drift_diffusion, generator_moments, stiffness, vertex_areas
from theory.pde import evolve
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.meshes.mesh import Mesh
from theory.setting.meshes.surfaces import mesh_of
from theory.setting.quadrature import chart_quadrature

L1, L2 = slice(1, 4), slice(4, 9)


def uniform(mesh):
    return drift_diffusion(mesh, np.ones(len(mesh.vertices)), 0.0)


def test_a_regular_tetrahedron_has_equal_cotangents():
    x = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
    m = Mesh(x, np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]]))
    # two triangles at each edge, cot 60 degrees = 1/sqrt 3, a half of each
    expected = (4 * np.eye(4) - 1) / np.sqrt(3)
    assert np.abs(stiffness(m).toarray() - expected).max() < 1e-14
    assert np.allclose(vertex_areas(m), m.area / 4)


def errors(make, sizes=(24, 48)):
    """Relative errors of the first two eigenvalues of the sphere, their groups' means."""
    found = []
    for n in sizes:
        values = make(mesh_of("sphere", n)).eigenvalues(9)
        assert abs(values[0]) < 1e-10
        found.append([abs(values[L1].mean() / 2 - 1), abs(values[L2].mean() / 6 - 1)])
    return np.array(found)


def test_eigenvalues_of_the_sphere_are_of_order_two():
    coarse, fine = errors(uniform)
    assert (fine < 2e-2).all()
    assert (np.log2(coarse / fine) > 1.8).all() and (np.log2(coarse / fine) < 2.2).all()


def test_other_weights_stall():
    def graph_laplacian(mesh):
        s = stiffness(mesh)
        weights = csc_array((np.where(s.data < 0, -1.0, 0.0), s.indices, s.indptr), shape=s.shape)
        full = diags_array(-weights.sum(axis=1)) + weights
        scale = stiffness(mesh).diagonal().sum() / full.diagonal().sum()
        return cotangent.MeshOperator(csc_array(scale * full), vertex_areas(mesh))

    _, fine = errors(graph_laplacian)
    assert (fine > 0.05).all()


def test_a_solution_is_the_dense_exponential():
    m = mesh_of("torus", 14)
    p = np.exp(m.vertices[:, 0] / 3)
    operator = drift_diffusion(m, p, 2.0)
    h = np.sin(m.vertices[:, 1])
    times = [0.01, 0.2, 1.5]
    dense = -operator.stiffness.toarray() / operator.mass[:, None]
    expected = [expm(t * dense) @ h for t in times]
    assert np.abs(operator.evolve(h, times) - expected).max() < 1e-8


def test_constants_stay_and_the_mean_in_p_squared_is_kept():
    m = mesh_of("torus", 20)
    p, h = np.exp(m.vertices[:, 0] / 3), np.cos(m.vertices[:, 1]) + 1
    operator = drift_diffusion(m, p, 2.0)
    after = operator.evolve(h, [0.7])[0]
    assert operator.mass @ after == pytest.approx(operator.mass @ h, rel=1e-9)
    assert np.abs(operator.evolve(np.ones(len(p)), [3.0]) - 1).max() < 1e-9
    assert h.min() < after.min() and after.max() < h.max()


@pytest.mark.parametrize(
    ("surface", "formula"), [("torus", "exp(x/4 + z/3)"), ("sphere", "exp(z)")]
)
def test_meshes_of_surfaces_agree_with_the_solver_on_charts(surface, formula):
    m, text, time = manifold(surface), "x*z + y", 0.4
    p = density(m, formula)
    solution = evolve(p, text, [time], drift_coefficient=2.0, cells=(160, 160))
    found = []
    for n in (32, 64):
        mesh = mesh_of(m, n)
        x, y, z = mesh.vertices.T
        weights = np.exp(x / 4 + z / 3) if surface == "torus" else np.exp(z)
        u = (
            np.column_stack([np.arctan2(z, np.hypot(x, y) - 2), np.arctan2(y, x)])
            if surface == "torus"
            else np.column_stack([np.arccos(np.clip(z, -1, 1)), np.arctan2(y, x)])
        )
        u = np.where((u < 0), u + 2 * np.pi, u)
        if np.abs(m.embed(u) - mesh.vertices).max() > 1e-9:
            u = u[:, ::-1]
        assert np.abs(m.embed(u) - mesh.vertices).max() < 1e-7
        expected = solution.at(u)[0]

        def error(drift, mesh=mesh, weights=weights, h=x * z + y, expected=expected):
            got = drift_diffusion(mesh, weights, drift).evolve(h, [time])[0]
            return np.sqrt(np.mean((got - expected) ** 2)) / np.ptp(expected)

        found.append([error(2.0), error(1.8), error(0.0)])
    coarse, fine = np.array(found)
    assert fine[0] < 2e-3 and 3.3 < coarse[0] / fine[0] < 4.7
    # wrong drifts stall, far above
    assert fine[1] > 2 * fine[0] and fine[2] > 20 * fine[0]
    assert coarse[1] / fine[1] < 1.7


def test_moments_are_the_integrals():
    m = manifold("sphere")
    u, w = chart_quadrature(m, (60, 60))
    x, _, z = m.embed(u).T
    p = np.exp(z)
    p /= w @ p
    # H = xz and z, psi = x and 1: Delta H = -6 xz, -2 z; <grad z, grad xz> = x - 2 x z^2, 1 - z^2
    laplacian = np.array([[-6 * x * z, -2 * z]]) * p
    gradient = np.array([[x - 2 * x * z**2, 1 - z**2]]) * p
    psi = np.array([x, np.ones_like(x)])[:, None]
    expected = [(psi * part) @ w for part in (laplacian, gradient)]
    worst = []
    for n in (32, 64):
        mesh = mesh_of(m, n)
        a, _, c = mesh.vertices.T
        q = np.exp(c)
        q /= q @ vertex_areas(mesh)
        tests, features = np.column_stack([a, np.ones_like(a)]), np.column_stack([a * c, c])
        got = generator_moments(mesh, q, tests, features)
        worst.append(max(np.abs(g - e).max() for g, e in zip(got, expected, strict=True)))
    assert worst[1] < 5e-3 and 3.4 < worst[0] / worst[1] < 4.6


def test_bad_input_is_refused():
    m = mesh_of("sphere", 12)
    with pytest.raises(InputError, match="density"):
        drift_diffusion(m, -np.ones(len(m.vertices)), 2.0)
    with pytest.raises(InputError, match="density"):
        drift_diffusion(m, np.ones(3), 2.0)
    with pytest.raises(InputError, match="values"):
        uniform(m).evolve(np.full(len(m.vertices), np.nan), [1.0])
    with pytest.raises(InputError, match="time"):
        uniform(m).evolve(np.ones(len(m.vertices)), [-1.0])
