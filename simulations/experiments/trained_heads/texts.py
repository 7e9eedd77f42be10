"""Every head on every sentence: a piece a head, kept on disk while the run lasts."""

from __future__ import annotations

import numpy as np

from simulations.experiments.trained_heads.responses import COMPARED, text_sums
from simulations.heads import minilm
from simulations.heads.decompose import of_contexts
from simulations.heads.nulls import NULLS, TRAINED, shuffled, variants
from simulations.heads.nulls import score_spread as spread_of
from simulations.heads.place import symmetric_part, text_place
from theory.claims import trained_heads as claim
from theory.setting.encoder import HEADS

EVERY = (TRAINED, *NULLS)
# what `measured_head` finds, by name
FACTS = ("matrix", "matrix_names", "measures", "spread", "place")


def texts_of_heads(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """What is found of the heads, stacked: `measured_head` and, of the sums, `compared_sums`."""
    texts = minilm.sentences(parameters.n_sentences)
    heads = minilm.trained_heads(texts)[: HEADS * parameters.n_layers]
    mixed = mixed_tokens(heads, parameters.seed)
    pieces = []
    for head in run.progress(heads, label="heads"):

        def measure(head=head):
            rng = own_rng(head, parameters.seed)
            every = variants(head, rng, mixed[head.layer])
            return measured_head(head, every, rng) | compared_sums(every)

        pieces.append(run.remember(f"layer {head.layer}, head {head.index}", measure))
    return {name: np.stack([piece[name] for piece in pieces]) for name in pieces[0]}


def mixed_tokens(heads, seed: int) -> dict[int, tuple[np.ndarray, ...]]:
    """The tokens of each layer dealt out anew among the texts."""
    tokens = {head.layer: head.tokens for head in heads}
    return {n: shuffled(x, np.random.default_rng([seed, n])) for n, x in tokens.items()}


def own_rng(head, seed: int):
    """Of the random weights of a head, then of the triples that are looked at."""
    return np.random.default_rng([seed, head.layer, head.index])


def measured_head(head, every, rng) -> dict[str, np.ndarray]:
    """Its matrix, its measures (texts, k), the spread of its scores and of its nulls' (5,), and its
    place on the map (texts, 5). every: it and its nulls on all texts, as of `variants`."""
    found = of_contexts(head.head, every[TRAINED], rng)
    symmetric = symmetric_part(head.head.matrix)
    return {
        "matrix": np.array(list(vars(found.matrix).values())),
        "matrix_names": np.array(list(vars(found.matrix))),
        "measures": found.measured,
        "spread": np.array([spread_of(every[name]) for name in EVERY]),
        "place": np.array([text_place(c, symmetric) for c in every[TRAINED]]),
    }


def compared_sums(every) -> dict[str, np.ndarray]:
    """The sums of the head and of its nulls, (texts, compared, 4)."""
    sums = [[text_sums(c) for c in every[name]] for name in COMPARED]
    return {"sums": np.array(sums).transpose(1, 0, 2)}
