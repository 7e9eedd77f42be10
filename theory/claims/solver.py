"""Claim `solver`: the finite-difference oracle converges with its orders before it is believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import SAMPLE_BYTES, TOOL, Claim, Paper, check_counts, option
from theory.setting.checks import InputError, whole, within
from theory.setting.densities import Density
from theory.setting.hypotheses import check_levels, check_manifolds, require_closed
from theory.setting.manifolds import Manifold
from theory.setting.references import reference_density

CLAIM = Claim(
    name="solver",
    rank=90,
    title="The finite-difference solver has its orders in space, with either integrator",
    statement=(
        r"The finite-difference solution of "
        r"$\partial_t H = p^{-2} \mathrm{div}(p^2 \nabla H)$, from which other claims are "
        r"predicted, tends with order 2 in the spacing, and with order 4 once extrapolated from "
        r"two grids, to the solution in smooth functions, which shares nothing with it."
    ),
    source="docs/theory.md, 'Finite differences in space' and 'Finite differences in time'",
    hypotheses="closed curve or surface; smooth metric, density and features",
    predicted="order 2 in the spacing; order 4 extrapolated",
    order="2 in the spacing",
    paper=Paper(
        TOOL,
        "No claim of the paper: the oracle that predicts for other claims is tested first.",
    ),
)

# the integrators of theory/pde that claims reach
INTEGRATORS = ("chebyshev", "shift-invert")
MOST_CELLS = 512  # of an axis: more would take minutes


def order_in_space(manifold: str, integrator: str) -> str:
    return f"{manifold}: order in the spacing, {integrator}"


def extrapolated_order(manifold: str) -> str:
    return f"{manifold}: order extrapolated from two grids"


@dataclass(frozen=True)
class Parameters:
    manifolds: tuple[str, ...] = option(
        ("sphere", "torus", "circle"), "Closed curve or surface, in any embedding."
    )
    density: str = option("reference", "Density p, a formula; 'reference' for the suite's.")
    time: float = option(0.1, "Diffusion time at which solutions are compared.")
    n_cells: int = option(
        16, "Cells of an axis of the coarsest grid, a multiple of 8.", least=8, bytes=SAMPLE_BYTES
    )
    n_levels: int = option(5, "Grids, each with twice as many cells an axis as the one before.")
    n_points: int = option(
        64, "Points at which solutions are compared.", least=8, bytes=100 * SAMPLE_BYTES
    )
    seed: int = option(20241218, "Seed of these points.")

    def __post_init__(self):
        check_counts(self)
        check_manifolds(self.manifolds)
        within("time", self.time, 1e-4, 10.0)
        if self.n_cells % 8:
            raise InputError(f"n_cells: got {self.n_cells}, expected a multiple of 8")
        check_levels("n_levels", self.n_levels)
        finest = self.n_cells * 2 ** (self.n_levels - 1)
        if finest > MOST_CELLS:
            raise InputError(
                f"n_levels: got {self.n_levels} from {self.n_cells} cells, so {finest} cells an "
                f"axis, expected at most {MOST_CELLS}"
            )
        whole("seed", self.seed, 0)
        for spec in self.manifolds:
            m = require_closed(self.tokens_density(spec).manifold, "solver")
            if m.dim > 2:
                raise InputError(f"manifold: got {spec}, expected a curve or a surface")

    def tokens_density(self, spec: str) -> Density:
        return reference_density(spec, self.density)

    def without_poles(self, spec: str) -> bool:
        """Whether the error on a grid is a series in even powers of the spacing."""
        return all(axis.kind == "periodic" for axis in self.tokens_density(spec).manifold.axes)

    def features(self, m: Manifold) -> tuple:
        """The functions that are evolved: a coordinate, and its product with another."""
        x = m.embedding
        return x[0], x[0] * x[-1]

    def cells(self, m: Manifold) -> list[tuple[int, ...]]:
        """Cells per axis at each level: half as many from pole to pole as around."""
        shape = [1 if axis.kind == "pole" else 2 for axis in m.axes]
        coarse = self.n_cells // 2
        return [tuple(coarse * n * 2**level for n in shape) for level in range(self.n_levels)]

    def steps(self) -> list[float]:
        """1/(cells of an axis) at each level."""
        return [1 / (self.n_cells * 2**level) for level in range(self.n_levels)]

    def points(self, m: Manifold) -> np.ndarray:
        """Chart points (n_points, d), each at a third of a cell of every grid.

        They see the error of interpolation, which depends on the place in a cell, with one constant
        at all levels: a third of a cell is a third, or two, of the cells half as wide.
        """
        rng = np.random.default_rng(self.seed)
        coarse = np.array(self.cells(m)[0])
        inside = rng.integers(coarse, size=(self.n_points, m.dim))
        third = rng.integers(1, 3, size=inside.shape) / 3
        low, high = np.array([(axis.low, axis.high) for axis in m.axes]).T
        return low + (high - low) * (inside + third) / coarse


SMALL = {"manifolds": ("sphere", "circle"), "n_levels": 4}
LONG = {"n_levels": 6}
