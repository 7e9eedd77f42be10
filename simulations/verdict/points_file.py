"""Tokens of a file, of unknown manifold and density: what the suite can say of them, and what not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulations.points.chain import Chain, chain_of
from simulations.points.reading import Points
from simulations.store.files import write_json
from simulations.verdict.bandwidth import lines as bandwidth_lines
from simulations.verdict.bandwidth import study
from theory.setting.checks import positive

RECORD = "points.json"
CANNOT = (
    "the density p: log degree smooths it over the kernel, and p is not told from the volume of the "
    "manifold",
    "the drift 2 <grad log p, grad H> apart from the Laplacian: (A - I)H/eps is their sum; a known "
    "density, or double normalisation, which leaves the Laplacian alone, would tell them apart",
    "a verdict: without p there is no equation to hold A^k H against",
    "whether tokens are independent, the manifold is closed and smooth, or noise off it is larger "
    "than the reach sqrt(2 eps): near a wall (A - I)H/eps grows like eps^(-1/2)",
)


def look(points: Points, name: str, temperature: float | None, seed: int, progress=iter) -> dict:
    """The record of `bandwidth`, and the chain at a temperature: by default the middle of the plateau,
    where there is none the published choice."""
    if temperature is not None:
        positive("temperature", temperature)
    record = study(points, name, progress)
    eps, middle = record["temperatures"], record["plateau"][1]
    default = eps[record["published"] if middle is None else middle]
    chain = chain_of(points.points, default if temperature is None else temperature, seed)
    return record | {"chain": as_dict(chain, record)}


def as_dict(chain: Chain, record: dict) -> dict:
    """The chain, with numbers read off the grid of temperatures at its own."""
    log_eps = np.log(record["temperatures"])

    def there(key):
        if record[key] is None:
            return None
        return float(np.interp(np.log(chain.temperature), log_eps, record[key]))

    return {
        "temperature": chain.temperature,
        "row_error": chain.row_error,
        "balance": chain.balance,
        "eigenvalues": chain.eigenvalues.tolist(),
        "pieces": chain.pieces,
        "received": list(chain.received),
        "log_density": chain.log_density,
        **{key: there(key) for key in ("neighbours", "own", "clocks", "errors")},
    }


def lines(record: dict) -> list[str]:
    """What can be said, and what cannot."""
    chain = record["chain"]
    pieces = chain["pieces"]
    shown = ", ".join(f"{mu:.4f}" for mu in chain["eigenvalues"])
    received = f"{chain['received'][0]:.3g} to {chain['received'][1]:.3g}"
    said = {
        "Markov: largest |row sum - 1|": f"{chain['row_error']:.1e}",
        "reversible: |<G, A H>_pi - <A G, H>_pi|": f"{chain['balance']:.1e}; its entropy production is 0",
        "effective neighbours, 1/E sum a^2": f"{chain['neighbours']:.3g}",
        "weight of a token in its own average": f"{chain['own']:.3g}, by which the clock is slowed",
        "clock of a step over squared length": f"{chain['clocks']:.3g} (1: all tokens are one average)",
        "eigenvalues of A": shown,
        "pieces that no weight joins": f"{pieces}" + (" or more" if pieces == 8 else ""),
        "attention that a token receives": received,
        "spread of log degree": f"{chain['log_density']:.3g}, at least that of the smoothed log density",
    }
    if chain["errors"] is not None:
        said["error there by the regime map"] = f"{chain['errors']:.2g} of (A - I)H/eps"
    return [
        *bandwidth_lines(record),
        "",
        f"attention with exp(-r^2/(4 eps)) at eps = {chain['temperature']:.4g}:",
        *(f"{key:<46} {value}" for key, value in said.items()),
        "",
        "what cannot be said of tokens of unknown density:",
        *(f"- {text}" for text in CANNOT),
    ]


def write(record: dict, root: Path) -> Path:
    """results/points.json, whole or not at all."""
    path = root / RECORD
    write_json(path, record)
    return path
