"""Identities: the library's maps, the limits of the kernel, and one map in place of two.

Here the encoder computes in float64, so that a map is known to rounding.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.experiments.trained_heads.responses import copying, exchanged, response, uniform
from simulations.heads import minilm
from simulations.heads.head import Head
from simulations.heads.matrices import symmetry_score
from simulations.heads.measures import produced
from simulations.heads.nulls import one_map
from simulations.statistics.intervals import exact
from simulations.store.quantities import Measurement, Number, Values
from theory.claims import trained_heads as claim
from theory.setting.encoder import HEADS

ROUNDING = f"float64 through the layers: claimed to {claim.ROUNDING:g}"
MOVE = f"float64, and the move of the central difference from twice its step, {claim.STEP:g}"


def exact_kernels(parameters: claim.Parameters) -> Measurement:
    texts = minilm.sentences(parameters.n_maps)
    heads = minilm.trained_heads(texts, double=True)[: HEADS * parameters.n_layers]
    return Measurement({**library_maps(heads), **limits(heads), **of_one_map(heads)})


def library_maps(heads) -> dict[str, Values | Number]:
    """The maps, and the same without the queries' bias, warmer, and with exchanged maps."""
    contexts = [c for head in heads for c in head.contexts()]
    no_bias = [c for h in heads for c in h.contexts(Head(h.head.w_q, h.head.w_k, None, h.head.b_k))]
    factor = claim.WRONG_TEMPERATURE
    warm = [replace(c, temperature=factor * c.temperature) for c in contexts]
    wrong = {
        claim.NO_BIAS: flat(c.attention for c in no_bias),
        claim.TOO_WARM: flat(c.attention for c in warm),
        claim.EXCHANGED: flat(exchanged(c).attention for c in contexts),
    }
    maps = flat(c.attention for c in contexts)
    rows = max(np.abs(c.attention.sum(axis=1) - 1).max() for c in contexts)
    return {
        claim.MAPS: Values(maps, claim.ROUNDING, ROUNDING, wrong),
        claim.ROWS: Number(exact(float(rows), claim.ROUNDING, ROUNDING)),
    }


def limits(heads) -> dict[str, Values]:
    """The first-order kernel A_0 + dA/dbeta, and the coldest, each with that of exchanged maps."""
    contexts = [c for head in heads for c in head.contexts()]

    def first_order(context, step=claim.STEP):
        return uniform(context) + response(context, step)

    found = flat(map(first_order, contexts))
    twice = flat(first_order(c, 2 * claim.STEP) for c in contexts)
    move = float(np.abs(found - twice).max() / np.abs(found).max())

    return {
        claim.RESPONSE: Values(
            found,
            claim.ROUNDING + move,
            MOVE,
            {claim.EXCHANGED: flat(first_order(exchanged(c)) for c in contexts)},
        ),
        claim.COPYING: Values(
            flat(map(copying, contexts)),
            claim.ROUNDING,
            ROUNDING,
            {claim.EXCHANGED: flat(copying(exchanged(c)) for c in contexts)},
        ),
    }


def of_one_map(heads) -> dict[str, Number]:
    """Symmetry, entropy production and imaginary eigenvalues where W_K := W_Q, b_K := b_Q: of the
    head that is farthest from symmetric. The control: the median of the trained heads."""
    ones = [one_map(h.head) for h in heads]
    one = [asymmetries(head, h.contexts(head)) for head, h in zip(ones, heads, strict=True)]
    trained = [asymmetries(h.head, h.contexts()) for h in heads]

    def known(value):
        return exact(float(value), claim.ROUNDING, ROUNDING)

    found = {}
    for place, name in enumerate((claim.SYMMETRY, claim.ENTROPY, claim.IMAGINARY)):
        # the symmetry score is 1 at most, the others are 0 at least
        far = min if name == claim.SYMMETRY else max
        control = known(np.median([each[place] for each in trained]))
        found[name] = Number(known(far(each[place] for each in one)), {claim.AS_TRAINED: control})
    return found


def asymmetries(head: Head, contexts) -> tuple[float, float, float]:
    """The symmetry score; over the texts the largest entropy production and imaginary part."""
    imaginary = [np.abs(np.linalg.eigvals(c.attention).imag).max() for c in contexts]
    return symmetry_score(head.matrix), max(map(produced, contexts)), float(max(imaginary))


def flat(arrays) -> np.ndarray:
    """Kernels (n, n) of heads and texts in their order, as one array."""
    return np.concatenate([np.ravel(a) for a in arrays])
