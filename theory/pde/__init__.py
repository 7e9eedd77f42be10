"""Finite differences for dH/dt = L H on a manifold: grid, operator, solution, eigenvalues."""

from theory.pde.grid import Grid
from theory.pde.operators import Operator, conservative_operator, drift_diffusion_operator
from theory.pde.solution import INTEGRATORS, Solution, evolve, integrate_to_tolerance
from theory.pde.spectrum import eigenvalues

__all__ = [
    "INTEGRATORS",
    "Grid",
    "Operator",
    "Solution",
    "conservative_operator",
    "drift_diffusion_operator",
    "eigenvalues",
    "evolve",
    "integrate_to_tolerance",
]
