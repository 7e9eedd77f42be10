"""Measures the claim `regime`: errors over tokens and temperatures, borders, tokens needed."""

from __future__ import annotations

from simulations.experiments.regime.borders import borders_on_nodes
from simulations.experiments.regime.error_map import cells, map_of_errors
from simulations.experiments.regime.many_steps import map_of_steps, step_cells
from simulations.experiments.regime.tokens_needed import finer_error, tokens_for_errors
from simulations.store.quantities import Measurement, merged
from theory.claims import regime as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """Tokens needed and their exponent, cells of the map, borders; the exponent in d = 2 first."""
    order = sorted(claim.DIMENSIONS, key=lambda d: d != claim.HEADLINE)
    return merged(part for d in order for part in one_dimension(parameters, run, d))


def one_dimension(parameters: claim.Parameters, run, d: int) -> list[Measurement]:
    """The studies of one dimension: each reads what the one before measured, and nothing else."""
    rate, on_nodes = borders_on_nodes(run, parameters, d)
    errors = map_of_errors(parameters, run, d, rate)
    return [
        tokens_for_errors(parameters, run, d, rate, errors),
        *([finer_error(parameters, run, d, rate, errors)] if d in claim.FINER else []),
        cells(parameters, errors, d),
        on_nodes,
        step_cells(parameters, run, d, rate, map_of_steps(parameters, run, d, rate)),
    ]
