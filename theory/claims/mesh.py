"""Claim `mesh`: on a triangle mesh attention computes the cotangent Laplacian and twice the drift.

Lengths are in units of the radius of the sphere of the same area, with the centroid at the origin:
so are temperatures and times, whatever unit a file is in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from theory.claims import (
    SAMPLE_BYTES,
    TOKEN_BYTES,
    Claim,
    check_counts,
    option,
)
from theory.setting.checks import InputError, shown, whole, within
from theory.setting.expressions import compile_columns, parse
from theory.setting.meshes.files import content, is_file, read_mesh
from theory.setting.meshes.mesh import Mesh
from theory.setting.meshes.surfaces import mesh_of

CLAIM = Claim(
    name="mesh",
    rank=41,
    title="On a mesh attention computes the cotangent Laplacian and twice the drift",
    statement=(
        r"For tokens on the triangles of a closed surface, $(A - I)/\varepsilon$ tends, tested with "
        r"smooth functions, to $\Delta H + 2 \langle \nabla \log p, \nabla H \rangle$ with the "
        r"cotangent Laplacian, and $A^k H$ to the solution of its equation."
    ),
    source="Pinkall and Polthier 1993; docs/theory.md, 'Meshes'",
    hypotheses=(
        "closed surface, triangles smaller than the reach of the kernel, which is smaller than the "
        "surface's own features"
    ),
    predicted=r"drift coefficient 2 and clock $\tau = \varepsilon$",
    order=r"1 in $\tau$, as far as the triangles allow",
    needs=("trimesh",),
)

# --- the design ---

NODE_LEVELS = (0.5, 1.0, 2.0, 4.0)  # steps at N = infinity over those of the samples
PROBES = 100  # vertices at which A^k H is looked at
COARSEST = 0.7  # edge over the reach sqrt(2 eps) of the last level: beyond it triangles are seen
MOST_CONTRAST = 100.0  # largest over smallest density
NAMES = sp.symbols("x y z")
# smooth functions, as features and as tests of (A - I)H/eps
MOMENTS = ("x", "y", "z", "x*y", "y*z", "z*x", "x**2 - y**2")

# At N = infinity nothing is judged: an interval without samples is narrower than what the triangles
# leave, in the surface and in its Laplacian, of order (edge/curvature radius)^2.

# --- the names ---

SAMPLES, NODES = "i.i.d. tokens", "N = infinity"
UNIFORM = "uniform"


def moments(where: str) -> str:
    return f"(A - I)H/eps, {where}"


def evolved(where: str) -> str:
    return f"A^k H, {where}"


def drift(what: str) -> str:
    return f"drift coefficient of {what}"


def clock(what: str) -> str:
    return f"clock/eps of {what}"


@dataclass(frozen=True)
class Parameters:
    mesh: str = option("torus", "A file .obj or .ply, or a built-in surface: sphere, torus.")
    n_cells: int = option(96, "Cells along the longest axis of a built-in surface.", least=6)
    density: str = option("exp(x/2)", "Token density, a formula in x, y, z; or 'uniform'.")
    features: str = option("sin(3*x/2) + cos(2*y)/2", "Features H at time 0, in x, y, z.")
    time: float = option(0.16, "Time T at which A^k H is looked at; area 4 pi is the unit.")
    n_tokens: int = option(5000, "Tokens of a sample.", least=100, bytes=TOKEN_BYTES)
    n_steps: int = option(8, "Steps k to time T of a sample; an even number.", least=4, bytes=8)
    n_seeds: int = option(24, "Samples.", least=3, bytes=64 * SAMPLE_BYTES)
    content: str = option("", "SHA-256 of the file; filled in, and another one is refused.")
    seed: int = option(20241218, "Seed of all random numbers.")

    def __post_init__(self):
        check_counts(self)
        whole("seed", self.seed, 0)
        within("time", self.time, 1e-4, 2.0)
        if self.n_steps % 2:
            raise InputError(f"n_steps: got {self.n_steps}, expected an even number")
        self._fill_in_content()
        surface = self.surface()
        require_closed(surface)
        self._require_fine(surface)
        p = self.density_at(surface.vertices)
        contrast = p.max() / p.min()
        if contrast > MOST_CONTRAST:
            raise InputError(
                f"density: got {shown(self.density)}, which varies by {contrast:.3g} on the mesh, "
                f"expected at most {MOST_CONTRAST:g}"
            )
        if np.ptp(self.features_at(surface.vertices)) == 0:
            raise InputError(
                f"features: got {shown(self.features)}, expected a function that varies on the mesh"
            )

    def _fill_in_content(self):
        found = content(self.mesh)[1] if is_file(self.mesh) else ""
        if self.content not in ("", found):
            raise InputError(
                f"content: got {shown(self.content)}, expected {found or 'none'}, which the mesh "
                f"{self.mesh} has: the file is another one"
            )
        object.__setattr__(self, "content", found)

    def _require_fine(self, surface: Mesh):
        finest = self.temperatures()[-1]
        reach = np.sqrt(2 * finest)
        if surface.edge_length > COARSEST * reach:
            least = (surface.edge_length / COARSEST) ** 2 / 2
            raise InputError(
                f"time: got {self.time:g} in {self.n_steps} steps, whose last level has the reach "
                f"sqrt(2 eps) = {reach:.2g} on triangles of {surface.edge_length:.2g} (area 4 pi), "
                f"expected a time of at least {least * self.node_steps()[-1]:.2g}, fewer steps, or "
                "a finer mesh"
            )

    def surface(self) -> Mesh:
        """The mesh, with its centroid at the origin and the area 4 pi."""
        return _surface(self.mesh, self.n_cells, self.content)

    def density_at(self, points) -> np.ndarray:
        """p at points (n, 3), up to a factor: (n,)."""
        text = "1" if self.density == UNIFORM else self.density
        p = at("density", [text], points)[:, 0]
        if not (p > 0).all():
            raise InputError(
                f"density: got {shown(self.density)}, which is {p.min():g} somewhere on the mesh, "
                "expected numbers > 0"
            )
        return p

    def features_at(self, points) -> np.ndarray:
        """H at points (n, 3), (n,)."""
        return at("features", [self.features], points)[:, 0]

    @property
    def drifts(self) -> bool:
        """Whether the density varies, so that a drift can be measured."""
        p = self.density_at(self.surface().vertices)
        return bool(np.ptp(p) > 1e-9 * p.max())

    def node_steps(self) -> list[int]:
        """Steps of the levels at N = infinity."""
        return [round(share * self.n_steps) for share in NODE_LEVELS]

    def temperatures(self) -> np.ndarray:
        """The temperatures of these levels, (levels,)."""
        return self.time / np.array(self.node_steps())

    def probes(self) -> np.ndarray:
        """Vertices at which A^k H is looked at, (n,)."""
        n = len(self.surface().vertices)
        return np.unique(np.linspace(0, n - 1, min(PROBES, n)).astype(int))


SMALL = {"n_cells": 40, "time": 0.4, "n_tokens": 1000, "n_seeds": 4, "n_steps": 4}


def require_closed(surface: Mesh) -> Mesh:
    """Raise InputError for a mesh with a boundary, and say what holds there."""
    if surface.boundary_edges:
        raise InputError(
            f"{surface.name}: has a boundary of {surface.boundary_edges} edges, expected a closed "
            "one: at a wall (A - I)H/eps grows like eps^(-1/2), and A^k H tends to the solution "
            "without flux with order 1/2 only (claim broken_assumptions); fill the holes first"
        )
    return surface


def at(option_name: str, formulas, points) -> np.ndarray:
    """Formulas in x, y, z at points (n, 3), (n, c); raises InputError for values not finite."""
    names = {str(s): s for s in NAMES}
    expressions = [parse(option_name, text, names) for text in formulas]
    if any(isinstance(e, sp.Tuple) for e in expressions):
        raise InputError(f"{option_name}: got a tuple, expected one formula")
    values = compile_columns(NAMES, expressions)(points)
    if not np.isfinite(values).all():
        raise InputError(
            f"{option_name}: got {shown(', '.join(formulas))}, which is not finite on the mesh"
        )
    return values


@lru_cache(maxsize=4)
def _surface(name, n_cells, _content):
    surface = read_mesh(name) if is_file(name) else mesh_of(name, n_cells)
    return replace(surface.normalised(), name=surface.name)
