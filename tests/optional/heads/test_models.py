"""heads.of: small models of every kind, equal to their own attention maps; the file's reader too."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from simulations import heads  # noqa: E402
from simulations.heads.head import rotary_angles  # noqa: E402
from simulations.heads.weights import head_of, read  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402

WIDE = {"vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2, "initializer_range": 0.5}
BODY = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64
}  # fmt: skip
SMALL = {
    "bert": ("Bert", WIDE | BODY),
    "gpt2": ("GPT2", WIDE | {"n_embd": 32, "n_layer": 2, "n_head": 4}),
    "llama": ("Llama", WIDE | BODY),
    "llama, grouped": (
        "Llama", WIDE | BODY | {"num_key_value_heads": 2, "attention_bias": True, "head_dim": 6}
    ),
}  # fmt: skip
TEXTS = [[1, 2, 3, 4, 5, 6], [9, 8], [7, 7, 7, 11, 30, 29, 28, 27, 5, 4, 3]]


def model_of(kind, **changes):
    torch.manual_seed(1)
    name, options = SMALL[kind]
    config = getattr(transformers, f"{name}Config")(**(options | changes))
    build = getattr(transformers, f"{name}Model")._from_config
    model = build(config, attn_implementation="eager").eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:
            # biases and gains that begin as 0 and 1 would hide a mistake
            parameter.data += 0.3 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("kind", SMALL)
def test_attention_is_the_models_own(kind):
    model = model_of(kind)
    found = heads.of(model, TEXTS)
    assert [(h.layer, h.index) for h in found] == [(la, k) for la in range(2) for k in range(4)]
    for number, text in enumerate(TEXTS):
        with torch.no_grad():
            maps = model(input_ids=torch.tensor([text]), output_attentions=True).attentions
        for h in found:
            ours = h.contexts()[number].attention
            assert np.abs(ours - maps[h.layer][0, h.index].numpy()).max() < 1e-5


@pytest.mark.parametrize("kind", SMALL)
def test_the_head_of_a_file_is_the_head_of_the_model(kind, tmp_path):
    save = pytest.importorskip("safetensors.torch").save_file
    model = model_of(kind)
    save({n: p.contiguous() for n, p in model.state_dict().items()}, tmp_path / "w.safetensors")
    tensors = read(tmp_path / "w.safetensors")
    layer = {"bert": "encoder.layer.1", "gpt2": "h.1"}.get(kind, "layers.1")
    for h in heads.of(model, TEXTS)[4:]:
        of_file = head_of(tensors, h.index, 4, layer, rotary=True)
        for name in ("w_q", "w_k", "b_q", "b_k"):
            np.testing.assert_array_equal(getattr(of_file, name), getattr(h.head, name))


def test_rotary_angles_are_the_models_own():
    (cos, sin), *_ = heads.of(model_of("llama"), TEXTS)[0].rotations
    ours = rotary_angles(len(TEXTS[0]), 8, 10000.0)
    np.testing.assert_allclose(ours, (cos, sin), atol=1e-6)


def test_without_its_positions_a_llama_attends_otherwise():
    first = heads.of(model_of("llama"), TEXTS)[0]
    bare = first.head.on(first.tokens[0], causal=True)
    assert np.abs(bare.attention - first.contexts()[0].attention).max() > 0.01


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("gpt2", {"scale_attn_by_inverse_layer_idx": True}, "scaled by the layer"),
        ("gpt2", {"scale_attn_weights": False}, "not scaled"),
        ("gpt2", {"add_cross_attention": True}, "cross-attention"),
        ("bert", {"is_decoder": True}, "decoder"),
    ],
)
def test_what_would_be_another_score_is_refused(kind, changes, words):
    with pytest.raises(InputError, match=words):
        heads.of(model_of(kind, **changes), TEXTS)


def test_bad_texts_and_models_are_named():
    model = model_of("bert")
    for texts, words in (
        ([], "got none"),
        (["words"], "tokenizer"),
        ([[3]], "at least 2"),
        ([[]], "at least 2"),
        ([[3, 50]], "expected 0 to 49"),
        ([[3] * 600], "at most 512"),
    ):
        with pytest.raises(InputError, match=words):
            heads.of(model, texts)
    with pytest.raises(InputError, match="empty text"):
        heads.of(model, [" "], tokenizer=lambda text: {"input_ids": [1, 2]})
    with pytest.raises(InputError, match="training mode"):
        heads.of(model.train(), TEXTS)
    with pytest.raises(InputError, match="expected one of bert, gpt2, llama"):
        heads.of(torch.nn.Linear(2, 2), TEXTS)
