"""One head of a user's own file, decomposed and judged: the lines that the command prints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulations.heads.decompose import Decomposition, decompose
from simulations.heads.head import rotary_angles
from simulations.heads.weights import head_of, read, read_tokens
from simulations.statistics.intervals import Interval
from simulations.verdict.heads import HALF, SHARES, share_intervals, shares, text_sums, verdict
from theory.setting.checks import within

ENOUGH = 8  # texts for an interval
SAID = {
    "density_of_all": "displacement explained by uniform attention",
    "local_of_all": "displacement explained by the local form",
    "transport_of_all": "displacement explained by the transport form",
    "local": "of what the score adds: explained by the local form",
    "transport": "of what the score adds: explained by the transport form",
    "swapped": "of what the score adds: local form, W_Q, W_K exchanged",
    "one_clock": "of what the score adds: local form, one clock for all",
    "slope": "force that is felt (1: all of it)",
    "diffusion": "diffusion over that of the window",
}
MEASURED = {
    "effective_keys": "effective number of keys, 1/sum a^2",
    "score_spread": "spread of f/eps over the keys",
    "norm_spread": "spread of y^T S y/(2 eps), which a key bias would mend",
    "entropy_production": "entropy production, nats a step",
    "second_modulus": "second largest |eigenvalue| of A",
    "complex_share": "share of complex eigenvalues of A",
    "largest_imaginary": "largest imaginary part of them",
    "received_least": "least attention that a key receives",
    "received_most": "most attention that a key receives",
    "triangle_violations": "share of triangles that c + f violates",
    "diagonal_spread": "spread of f(x, x)/eps",
    "asymmetry": "rms of (f(x, y) - f(y, x))/(2 eps)",
}


def lines_of_file(
    weights: Path,
    tokens: Path,
    layer: str = "",
    head: int = 0,
    n_heads: int = 1,
    rotary_base: float | None = None,
    causal: bool = False,
) -> list[str]:
    """What is found, a line each. rotary_base: 0 for no rotary positions. Raises InputError."""
    turned = None if rotary_base is None else bool(within("rotary_base", rotary_base, 0, np.inf))
    found = head_of(read(weights), head, n_heads, layer, turned)
    d_k, width = found.w_q.shape
    texts = read_tokens(tokens, width)
    rotations = [rotary_angles(len(x), d_k, rotary_base) for x in texts] if turned else None
    parts = decompose(
        found.w_q, found.w_k, texts, found.b_q, found.b_k, causal=causal, rotations=rotations
    )
    sums = np.array([text_sums(c) for c in parts.contexts])
    top = f"head of d_k = {d_k} on D = {width}: {_counted(len(texts), 'text')}"
    where = " (W_Q^T W_K at equal positions)" if turned else ""
    return [
        f"{top}, {_counted(sum(map(len, texts)), 'token')}",
        *_matrix_lines(parts, where),
        *(f"{said:<58} {parts.mean(name):.4g}" for name, said in MEASURED.items()),
        *_share_lines(sums),
    ]


def _counted(number, word):
    return f"{number} {word}" + ("s" if number != 1 else "")


def _matrix_lines(parts: Decomposition, where):
    m = parts.matrix
    signs = f"{m.positive} positive, {m.negative} negative"
    return [
        f"{f'symmetry score 2|S|^2/|M|^2 - 1{where}':<58} {m.symmetry_score:.4g}",
        f"{'|S|, |K| of M = S + K':<58} {m.symmetric_norm:.4g}, {m.antisymmetric_norm:.4g}",
        f"{'eigenvalues of S':<58} {signs}",
        f"{'share of its square below 0 (0: a squared distance)':<58} {m.negative_share:.4g}",
    ]


def _share_lines(sums):
    if len(sums) < ENOUGH:
        values = dict(zip(SHARES, shares(sums.mean(axis=0)), strict=True))
        note = f"no intervals: {_counted(len(sums), 'text')}, expected {ENOUGH} at least"
        return [*(f"{said:<58} {values[name]:.4g}" for name, said in SAID.items()), note]
    found, _ = share_intervals({"": sums}, "", np.random.default_rng(0))
    return [f"{said:<58} {_shown(found[''][name], name)}" for name, said in SAID.items()]


def _shown(share: Interval, name):
    judged = f"  more than {HALF:g}: {verdict(share)}" if name in ("local", "transport") else ""
    return f"{share.value:.4g} [{share.low:.4g}, {share.high:.4g}]{judged}"
