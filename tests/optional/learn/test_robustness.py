"""Corruptions, attacks and the norms of Jacobians, against closed forms and other libraries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from scipy import ndimage  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

from simulations.learn import MetricAttention, attacks, corruptions, lipschitz  # noqa: E402
from simulations.learn.examples import IGNORED, Examples  # noqa: E402
from simulations.learn.real_data import real_splits  # noqa: E402
from simulations.learn.training import Trial, fresh, trained  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402

TRIAL = Trial("digits", "metric", seed=1, number=0, steps=20)
SPLITS = TRIAL.splits()
SOME = SPLITS.test.some(np.arange(12))


def pixels(examples):
    return corruptions.images(examples)


@pytest.fixture(scope="module")
def network():
    return trained(TRIAL, SPLITS, 1e-2)[0]


def test_images_are_those_of_the_data_up_to_one_scale():
    found, right = pixels(SPLITS.test), load_digits().images
    found = (found - found.min()) / (found.max() - found.min()) * 16
    whole = {tuple(np.rint(image).astype(int).ravel()) for image in right}
    assert all(tuple(np.rint(image).astype(int).ravel()) in whole for image in found)
    back = corruptions.with_images(SPLITS.test, pixels(SPLITS.test))
    np.testing.assert_array_equal(back.tokens, SPLITS.test.tokens)


@pytest.mark.parametrize("count", [1, 2])
def test_shifts_move_whole_pixels_each_way_and_bring_in_background(count):
    start = pixels(SOME)
    right, left, down, up = (pixels(e) for e in corruptions.shifted(SOME, count))
    np.testing.assert_array_equal(right[:, :, count:], start[:, :, :-count])
    np.testing.assert_array_equal(left[:, :, :-count], start[:, :, count:])
    np.testing.assert_array_equal(down[:, count:], start[:, :-count])
    np.testing.assert_array_equal(up[:, :-count], start[:, count:])
    assert (right[:, :, :count] == start.min()).all() and (up[:, -count:] == start.min()).all()


def test_rotations_by_a_quarter_are_those_of_numpy_and_places_stay():
    turned = corruptions.rotated(SOME, 90.0)
    np.testing.assert_allclose(pixels(turned), np.rot90(pixels(SOME), axes=(1, 2)), atol=1e-5)
    np.testing.assert_array_equal(turned.tokens[..., 4:], SOME.tokens[..., 4:])
    one = ndimage.rotate(pixels(SOME)[0], 15.0, reshape=False, order=1, cval=pixels(SOME).min())
    np.testing.assert_allclose(pixels(corruptions.rotated(SOME, 15.0))[0], one, atol=1e-5)


def test_what_is_no_image_is_refused():
    with pytest.raises(InputError, match="square"):
        corruptions.rotated(real_splits("wine", 1, 0).test, 15.0)


def test_rescaled_tokens_keep_their_direction_and_change_their_norm_as_said():
    many = Examples(np.ones((400, 25, 3), dtype=np.float32), np.zeros(400, dtype=int), 2)
    found = corruptions.rescaled(many, 0.5, np.random.default_rng(1)).tokens
    assert (found[..., 0] == found[..., 1]).all() and (found[..., 2] == 1).all()
    logs = np.log(found[..., 0])
    # 10 000 factors: four standard errors
    assert abs(logs.mean()) < 4 * 0.5 / 100 and abs(logs.std() / 0.5 - 1) < 4 / np.sqrt(20_000)


@pytest.mark.parametrize("part", [0.0, 0.3, 1.0])
def test_as_many_labels_as_said_are_drawn_from_all_classes(part):
    labels = np.full((1000, 2), IGNORED)
    labels[:, 0] = 7  # none of the classes that are drawn, so that each draw is seen
    examples = Examples(np.zeros((1000, 2, 1), dtype=np.float32), labels, 1)
    found = corruptions.relabelled(examples, part, 4, np.random.default_rng(2)).labels
    assert (found[:, 1] == IGNORED).all() and (found[:, 0] != 7).sum() == 1000 * part
    drawn = np.bincount(found[found[:, 0] != 7, 0], minlength=4)
    assert (np.abs(drawn - 250 * part) <= 4 * np.sqrt(250 * part)).all()
    np.testing.assert_array_equal(examples.labels[:, 0], 7)


@pytest.mark.parametrize(
    "bad",
    [lambda: corruptions.relabelled(SOME, 1.5, 10, None),
     lambda: corruptions.rescaled(SOME, float("nan"), None),
     lambda: corruptions.shifted(SOME, 0.5), lambda: corruptions.rotated(SOME, float("inf")),
     lambda: attacks.pgd(None, SOME, 0.0, 3), lambda: attacks.pgd(None, SOME, 0.1, 0),
     lambda: attacks.fgsm(None, SOME, "much")],
)  # fmt: skip
def test_bad_sizes_of_corruptions_are_refused(bad):
    with pytest.raises(InputError):
        bad()


def loss_of(network, examples):
    x = torch.from_numpy(examples.tokens.astype(np.float64))
    return float(
        attacks.summed_loss(attacks.doubled(network), x, torch.from_numpy(examples.labels))
    )


def test_fgsm_is_the_sign_of_the_gradient_of_finite_differences(network):
    one = SOME.some([0])
    found = attacks.fgsm(network, one, 0.01).tokens - one.tokens
    step, differences = 1e-5, np.zeros_like(one.tokens, dtype=np.float64)
    for token, c in np.ndindex(one.tokens.shape[1], one.content):
        sides = []
        for sign in (1, -1):
            tokens = one.tokens.astype(np.float64)
            tokens[0, token, c] += sign * step
            sides.append(loss_of(network, replace(one, tokens=tokens)))
        differences[0, token, c] = sides[0] - sides[1]
    np.testing.assert_allclose(found, 0.01 * np.sign(differences), atol=1e-12)


def test_one_step_of_pgd_is_fgsm(network):
    one_step = attacks.pgd(network, SOME, 0.1, 1, step=0.1)
    np.testing.assert_array_equal(one_step.tokens, attacks.fgsm(network, SOME, 0.1).tokens)


@pytest.mark.parametrize("budget", [0.05, 0.2])
def test_attacks_raise_the_loss_within_the_budget_and_on_content_alone(network, budget):
    start, one = loss_of(network, SOME), attacks.fgsm(network, SOME, budget)
    more = attacks.pgd(network, SOME, budget, 10)
    assert start < loss_of(network, one) < loss_of(network, more)
    for found in (one, more):
        change = found.tokens - SOME.tokens.astype(np.float64)
        assert np.abs(change).max() <= budget + 1e-12
        assert not change[..., SOME.content :].any()


def test_an_attack_of_a_table_changes_values_and_no_empty_place():
    test = real_splits("wine", 1, 0).test
    trial = Trial("wine", "self", seed=1, number=0, steps=10)
    change = attacks.fgsm(fresh(trial, trial.splits()), test, 0.1).tokens - test.tokens
    columns = test.content
    assert (change[..., :columns] != 0).any(0).nonzero()[0].tolist() == list(range(columns))
    assert not change[..., :columns][:, ~np.eye(columns, dtype=bool)].any()


E, T = 8, 5


def layer(variant, seed=0, **options):
    torch.manual_seed(seed)
    made = MetricAttention(E, 2, variant=variant, batch_first=True, dtype=torch.float64, **options)
    return made.requires_grad_(False)


@pytest.mark.parametrize("variant", ["self", "metric", "self_masked", "l2", "cosine", "sinkhorn"])
def test_norms_are_those_of_the_full_jacobian(variant):
    rng, made = np.random.default_rng(3), layer(variant)
    x = torch.from_numpy(2 * rng.standard_normal((4, T, E)))
    found = lipschitz.norms(made, x, rng, iterations=3000, tolerance=1e-12)
    for one, norm in zip(x, found, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda t: made(t, t, t)[0], one)
        right = np.linalg.svd(jacobian.reshape(T * E, T * E).numpy(), compute_uv=False)[0]
        assert norm == pytest.approx(right, rel=1e-6)
    quick = lipschitz.norms(made, x, rng)
    assert (quick <= found * (1 + 1e-9)).all() and (quick > 0.98 * found).all()


def test_norms_of_a_network_are_taken_at_what_its_layers_get(network):
    found = lipschitz.layer_norms(network, SOME.tokens[:3], np.random.default_rng(1))
    block = attacks.doubled(network).blocks[0]
    x = block.before(network.double().embedding(torch.from_numpy(SOME.tokens[:3]).double()))
    network.float()
    right = lipschitz.norms(block.attention, x, np.random.default_rng(2))
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found[0], right, rtol=0.02)


def far(variant, distance):
    """The norm at one token in the middle of two, each that far from it."""
    made = layer(variant, 4)
    ray = torch.from_numpy(np.random.default_rng(5).standard_normal(E))
    x = torch.stack([0 * ray, distance * ray, -distance * ray])[None]
    return lipschitz.norms(made, x, np.random.default_rng(6))[0]


def test_dot_products_have_no_lipschitz_constant_and_l2_attention_has():
    """Kim, Papamakarios, Mnih 2021, theorems 3.1 and 3.2: weights of the middle token stay equal,
    so its derivative grows as the variance of what it sees."""
    assert far("self", 100.0) / far("self", 10.0) == pytest.approx(100.0, rel=0.02)
    assert far("l2", 100.0) / far("l2", 10.0) == pytest.approx(1.0, abs=0.2)
    # a token that cannot see itself has no weight to fall back on
    assert far("self_masked", 100.0) / far("self_masked", 10.0) == pytest.approx(100.0, rel=0.02)
