"""Weights from a safetensors file: every good way in, and every bad one named in a line."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.heads.weights import head_of, read, read_tokens
from tests.heads.files import write
from theory.setting.checks import InputError

D, D_K, HEADS = 8, 2, 4


@pytest.fixture
def maps():
    return np.random.default_rng(1).standard_normal((2, HEADS * D_K, D)).astype(np.float32)


@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
def test_tensors_come_back_as_they_were_written(tmp_path, maps, kind):
    tensors = {"w_q": maps[0].astype(kind), "w_k": maps[1].astype(kind)}
    read_back = read(write(tmp_path / "w.safetensors", tensors))
    for name, array in tensors.items():
        np.testing.assert_array_equal(read_back[name], array.astype(np.float64))


def test_bfloat16_is_the_upper_half_of_float32(tmp_path):
    exact = np.array([[1.0, -2.5], [0.15625, 3e30]], dtype=np.float32)
    upper = (exact.view(np.uint32) >> 16).astype("<u2")
    (tmp_path / "w").write_bytes(b"")
    read_back = read(write(tmp_path / "w", {"w_q": upper}, {"w_q": "BF16"}))["w_q"]
    np.testing.assert_allclose(read_back, exact, rtol=2**-8)


def test_numbers_of_8_bits_are_refused(tmp_path, maps):
    tensors = {"w_q": np.ones((2, D), dtype=np.int8), "w_k": maps[1][:2]}
    path = write(tmp_path / "w", tensors, {"w_q": "F8_E4M3"})
    with pytest.raises(InputError, match="8 bits"):
        head_of(read(path))


def test_heads_are_cut_as_the_models_cut_them(maps):
    q, k = maps
    bias = np.arange(HEADS * D_K, dtype=float)
    bert = {"query.weight": q, "key.weight": k, "query.bias": bias, "key.bias": -bias}
    of_bert = head_of({f"encoder.layer.3.attention.self.{n}": a for n, a in bert.items()}, 2, HEADS)
    np.testing.assert_array_equal(of_bert.w_q, q[4:6])
    np.testing.assert_array_equal(of_bert.b_k, -bias[4:6])
    gpt2 = {
        "h.0.attn.c_attn.weight": np.hstack([q.T, k.T, k.T]),
        "h.0.attn.c_attn.bias": np.r_[bias, -bias, bias],
    }
    fused = head_of(gpt2, 2, HEADS)
    np.testing.assert_array_equal(fused.w_k, k[4:6])
    np.testing.assert_array_equal(fused.b_q, bias[4:6])
    llama = {"self_attn.q_proj.weight": q, "self_attn.k_proj.weight": k[:4]}
    for number, rows in ((1, slice(0, 2)), (2, slice(2, 4))):
        grouped = head_of(llama, number, HEADS, rotary=True)
        np.testing.assert_array_equal(grouped.w_k, k[rows])


def test_a_layer_is_chosen_by_its_name(maps):
    tensors = {
        f"layer.{n}.{w}.weight": n + m
        for n in (1, 11)
        for w, m in zip(("query", "key"), maps, strict=True)
    }
    with pytest.raises(InputError, match="--layer"):
        head_of(tensors)
    np.testing.assert_array_equal(head_of(tensors, layer="layer.1").w_q, 1 + maps[0])
    with pytest.raises(InputError, match="no queries among"):
        head_of(tensors, layer="layer.2")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"key.weight": None}, "'key.weight' is missing"),
        ({"key.weight": np.ones((8, 5))}, "equal widths"),
        ({"key.weight": np.ones((7, D))}, "divides both"),
        ({"query.weight": np.full((8, D), np.nan)}, "query.weight: 64 of 64 entries"),
        ({"query.bias": np.ones(3)}, "query.bias: got shape"),
        ({"query.weight": None}, "no queries"),
        ({"query.weight": np.ones(8)}, "query.weight: got shape"),
        ({"alibi_slopes": np.ones(4)}, "ALiBi"),
        ({"relative_attention_bias.weight": np.ones((4, 4))}, "relative position"),
        ({"rotary.inv_freq": np.ones(4)}, "--rotary-base"),
    ],
)
def test_a_file_that_will_not_do_says_why(maps, changed, words):
    tensors = {"query.weight": maps[0], "key.weight": maps[1]} | changed
    with pytest.raises(InputError, match=words):
        head_of({n: a for n, a in tensors.items() if a is not None}, 0, HEADS)


def test_rotary_positions_of_a_llama_must_be_said(maps):
    llama = {"q_proj.weight": maps[0], "k_proj.weight": maps[1]}
    with pytest.raises(InputError, match="--rotary-base"):
        head_of(llama, 0, HEADS)
    assert head_of(llama, 0, HEADS, rotary=False).w_q.shape == (D_K, D)


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def pickled(path):
    path.write_bytes(b"\x80\x04\x95" + bytes(40))


def text(path):
    path.write_text("weights: 1, 2, 3 and a few more words")


def empty(path):
    path.write_bytes(b"")


def not_json(path):
    path.write_bytes((12).to_bytes(8, "little") + b"{'a': [1,2}}" + bytes(9))


def listed(path):
    path.write_bytes((6).to_bytes(8, "little") + b"[1, 2]")


def overlong(path):
    path.write_bytes((2**62).to_bytes(8, "little") + b"{}")


def incomplete(path):
    path.write_bytes((9).to_bytes(8, "little") + b'{"a": {}}')


@pytest.mark.parametrize(
    "damage", [cut, pickled, text, empty, not_json, listed, overlong, incomplete]
)
def test_what_is_no_safetensors_file_is_refused_in_one_line(tmp_path, maps, damage):
    path = write(tmp_path / "w.safetensors", {"w_q": maps[0], "w_k": maps[1]})
    damage(path)
    with pytest.raises(InputError, match="w.safetensors") as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_tokens_of_one_text_or_several(tmp_path):
    np.save(tmp_path / "one.npy", np.ones((5, D), dtype=np.float32))
    np.save(tmp_path / "many.npy", np.ones((3, 5, D)))
    assert [x.shape for x in read_tokens(tmp_path / "one.npy", D)] == [(5, D)]
    assert len(read_tokens(tmp_path / "many.npy", D)) == 3


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (np.ones(5), "dimensions"),
        (np.ones((5, 3)), r"expected \(any, 8\)"),
        (np.ones((0, D)), "empty text"),
        (np.full((5, D), np.inf), "not finite"),
        (np.array([{}, 1], dtype=object), "is no .npy file of numbers"),
    ],
)
def test_bad_tokens_are_named(tmp_path, tokens, words):
    np.save(tmp_path / "x.npy", tokens)
    with pytest.raises(InputError, match=words):
        read_tokens(tmp_path / "x.npy", D)
