"""Which integrator is expected to be fastest: a cost model with its measured constants.

Terms of the Chebyshev series grow like the square root of the last time times the spectral bound,
and cost a sweep over the cells each. A Krylov space of shift-invert costs a factorisation and a few
solutions, however stiff the operator. The first wins on grids with cells of about equal size and in
three dimensions, the second near poles. The constants are seconds on one core at 2.6 GHz, measured
by `python -m simulations.bench.pde_schemes constants`; their ratios matter.
"""

from __future__ import annotations

from theory.pde.chebyshev import groups_of_series, terms_needed
from theory.pde.krylov import groups_of, vectors_expected

TERM = 4e-7  # start of a sweep
CELL = {1: 1.3e-9, 2: 2.2e-9, 3: 2.8e-9}  # of a sweep, by dimension
ENTRY = 1.4e-9  # of a sweep over a sparse matrix, with mixed terms
# of a factorisation: (constant, factor, power of the number of cells), by dimension; of a solution
FACTOR = {1: (1.5e-3, 9e-7, 1.0), 2: (1e-3, 2.4e-8, 1.5), 3: (1e-3, 8e-9, 2.0)}
SOLVE = {1: (1e-4, 4.6e-8, 1.0), 2: (1e-4, 2.3e-7, 1.0), 3: (1e-4, 6e-8, 4 / 3)}
# beyond these cells factors outgrow the memory of a small machine
MOST_FACTOR_CELLS = {1: 2**22, 2: 2**19, 3: 2**15}


def by_cost(operator, times, tolerance: float, features: int = 1) -> list[str]:
    """The names of the integrators, the one with the least expected time first."""
    seconds = expected_seconds(operator, times, tolerance, features)
    return sorted(seconds, key=seconds.get)


def expected_seconds(operator, times, tolerance: float, features: int = 1) -> dict[str, float]:
    """Expected time of each integrator whose memory suffices, for smooth features."""
    d, n = operator.grid.manifold.dim, operator.grid.size
    sweep = TERM + (n * CELL[d] if operator.mixed is None else operator.matrix.nnz * ENTRY)
    terms = sum(
        terms_needed(t * operator.spectral_bound / 2, tolerance / 10)
        for t in groups_of_series(times)
    )
    out = {"chebyshev": features * terms * sweep}
    if n <= MOST_FACTOR_CELLS[d]:
        factor, solve = (
            constant + rate * n**power for constant, rate, power in (FACTOR[d], SOLVE[d])
        )
        solutions = features * vectors_expected(tolerance)
        out["shift-invert"] = len(groups_of(times)) * (factor + solutions * solve)
    return out
