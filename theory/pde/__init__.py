"""Finite differences for dH/dt = L H on a manifold: grid, operator, fixed and error-controlled time integration, solution."""

from theory.pde.grid import Grid
from theory.pde.operators import Operator, conservative_operator, drift_diffusion_operator
from theory.pde.schemes import SCHEMES, Scheme
from theory.pde.solution import INTEGRATORS, Solution, evolve, integrate, integrate_to_tolerance

__all__ = [
    "INTEGRATORS", "SCHEMES", "Grid", "Operator", "Scheme", "Solution", "conservative_operator", "drift_diffusion_operator",
    "evolve", "integrate", "integrate_to_tolerance",
]  # fmt: skip
