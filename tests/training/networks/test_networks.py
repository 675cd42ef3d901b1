import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.conftest import TINY, randomise
from training.errors import SettingsError
from training.networks.dual_stream import DualStream
from training.networks.ensembler import ensemble
from training.networks.estimator import entropy
from training.networks.layers import resize
from training.networks.registry import ARCHITECTURES
from training.networks.selector import Grid, marked, mean_score, numbered, select
from training.networks.settings import Settings, faithful


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("classes", "heads", "inference", "training"),
    [
        (2, [18_562, 258, 147_714], 13_697_671, 13_845_385),
        (7, [18_727, 903, 148_039], 13_698_481, 13_846_520),
        (8, [18_760, 1_032, 148_104], 13_698_643, 13_846_747),
    ],
)
def test_parameter_counts_are_the_published_ones(classes, heads, inference, training):
    network = DualStream(faithful(classes, 0.7, 20))
    low, high = network.low_encoder, network.high_encoder
    stages = [low.stem, low.stage1, low.stage2, low.stage3, low.stage4]
    assert [count(part) for part in stages] == [28_768, 147_968, 525_568, 2_099_712, 8_393_728]
    blocks = [*high.stem, *high.stage3, *high.stage4]
    assert [count(part) for part in blocks] == [928, 18_560, 111_488, 134_656, 474_880, 537_600]
    parts = [count(low), count(network.dappm), count(high), count(network.residual)]
    assert parts == [11_195_744, 1_073_408, 1_278_112, 73_859]
    assert count(network.low_reducer) + count(network.high_reducer) == 57_728
    assert [count(h) for h in (network.segmentation_head, network.deep_head, network.auxiliary_head)] == heads
    assert count(network) - heads[2] == inference
    assert count(network) == training


@pytest.mark.parametrize("name", ["low_stream", "high_stream"])
def test_single_streams_have_the_parts_of_the_dual_stream_network(name):
    both = DualStream(Settings(classes=7)).state_dict()
    alone = ARCHITECTURES[name](Settings(classes=7)).state_dict()
    assert {key: value.shape for key, value in alone.items()}.items() <= {k: v.shape for k, v in both.items()}.items()


@pytest.mark.parametrize("bands", [1, 3, 5])
@pytest.mark.parametrize("size", [(33, 70), (64, 64), (1, 200), (129, 31)])
def test_any_size_bands_and_batch(bands, size):
    network = DualStream(Settings(classes=3, bands=bands, mean=[100.0] * bands, std=[50.0] * bands, **TINY)).eval()
    output = network(torch.rand(2, bands, *size) * 255, 0.5)
    assert network.full_logits(output).shape == (2, 3, *size)
    assert output.uncertainty.min() >= 0
    assert output.uncertainty.max() <= 1


@pytest.mark.parametrize("classes", [2, 250])
def test_any_number_of_classes(classes):
    network = DualStream(Settings(classes=classes, **TINY)).eval()
    assert network.full_logits(network(torch.zeros(1, 3, 64, 64))).shape[1] == classes


def test_published_grid_takes_non_square_images():
    network = DualStream(faithful(2, 0.7, 4)).eval()
    output = network(torch.rand(1, 3, 130, 210) * 255, 0.5)
    assert network.full_logits(output).shape == (1, 2, 130, 210)
    assert int(output.selected.sum()) == 8


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_ratio_is_a_run_time_number(tiny_network, ratio):
    output = tiny_network(torch.rand(2, 3, 256, 128) * 255, ratio)
    assert output.selected.sum(1).tolist() == [round(ratio * 32)] * 2


def test_ratio_zero_never_looks_at_full_scale(tiny_network):
    image = torch.rand(1, 3, 128, 128) * 200
    checker = image.clone()  # the same image at 1/4 scale, another one at full scale
    checker[..., ::2, ::2] += 20
    checker[..., 1::2, 1::2] += 20
    checker[..., ::2, 1::2] -= 20
    checker[..., 1::2, ::2] -= 20
    close = tiny_network(image, 0.0).logits - tiny_network(checker, 0.0).logits
    far = tiny_network(image, 1.0).logits - tiny_network(checker, 1.0).logits
    assert close.abs().max() < 1e-2 * far.abs().max()


def test_unselected_patches_do_not_depend_on_the_high_stream(tiny_network):
    image = torch.rand(1, 3, 128, 128) * 255
    half, none = tiny_network(image, 0.5), tiny_network(image, 0.0)
    outside = ~half.grid.mask8(half.selected)
    torch.testing.assert_close(half.fused[outside.expand_as(half.fused)], none.fused[outside.expand_as(none.fused)])
    assert not torch.equal(half.fused, none.fused)


@pytest.mark.parametrize("size", [(128, 128), (100, 150)])
def test_ratio_zero_is_the_low_stream_itself(tiny_network, size):
    output = tiny_network(torch.rand(1, 3, *size) * 255, 0.0)
    low = tiny_network.full_size(output, output.low.logits)
    # Interpolated once and by way of the 1/8 map: not quite the same.
    assert (tiny_network.full_logits(output).argmax(1) == low.argmax(1)).float().mean() > 0.98
    torch.testing.assert_close(output.logits, resize(output.low.logits, output.grid.size8))


def test_published_head_answers_for_unselected_patches():
    network = randomise(DualStream(Settings(classes=3, unselected="head", **TINY))).eval()
    output = network(torch.rand(1, 3, 128, 128) * 255, 0.0)
    torch.testing.assert_close(output.logits, network.segmentation_head(output.fused))


def test_downsample_average_rounds_half_up_like_the_rasters_overviews():
    network = DualStream(Settings(classes=2, **TINY))
    block = torch.zeros(1, 3, 4, 4)
    block[:, :, 0, :2] = 4  # mean 0.5
    assert network.downsample(block).flatten().tolist() == [1.0, 1.0, 1.0]


def test_downsample_nearest_takes_the_first_pixel():
    network = DualStream(Settings(classes=2, downsampling="nearest", **TINY))
    image = torch.arange(64.0).reshape(1, 1, 8, 8).expand(1, 3, 8, 8)
    assert network.downsample(image)[0, 0].tolist() == [[0.0, 4.0], [32.0, 36.0]]


def test_pixels_beyond_the_last_whole_cell_are_left_out_at_a_quarter():
    """As a raster's overviews leave them out: 9 columns are 2 cells, repeated up to the canvas."""
    image = torch.zeros(1, 3, 4, 9)
    image[..., 4:8], image[..., 8] = 40.0, 200.0
    padded, small = DualStream(Settings(classes=2, **TINY)).both_scales(image, 32)
    assert padded.shape[-2:] == (32, 32)
    assert small[0, 0].tolist() == [[0.0] + [40.0] * 7] * 8


def test_entropy_is_zero_when_sure_and_ln_c_when_uniform():
    sure = torch.tensor([100.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    assert float(entropy(sure)) == pytest.approx(0.0, abs=1e-6)
    assert float(entropy(torch.zeros(1, 3, 1, 1))) == pytest.approx(math.log(3))


def test_ensemble_by_hand():
    low, high = torch.full((1, 1, 1, 2), 10.0), torch.full((1, 1, 1, 2), 20.0)
    u = torch.full((1, 1, 1, 2), 0.3)
    selected = torch.tensor([True, False]).reshape(1, 1, 1, 2)
    assert ensemble(low, high, u, selected).flatten().tolist() == pytest.approx([13.0, 10.0])


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 5), cols=st.integers(1, 5), seed=st.integers(0, 99))
def test_assemble_puts_back_what_split_took(rows, cols, seed):
    grid = Grid.fixed(16 * rows, 16 * cols, 16)
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, 16 * rows, 16 * cols, generator=generator)
    selected = torch.rand(2, rows * cols, generator=generator) < 0.5
    patches = grid.split(image)[selected]
    small = torch.nn.functional.avg_pool2d(patches, 8)
    expected = torch.nn.functional.avg_pool2d(image, 8) * grid.mask8(selected)
    torch.testing.assert_close(grid.assemble(small, selected.flatten().nonzero()[:, 0], 2), expected)


@settings(max_examples=25, deadline=None)
@given(patches=st.integers(1, 60), ratio=st.floats(0, 1), seed=st.integers(0, 99))
def test_select_takes_the_highest(patches, ratio, seed):
    score = torch.from_numpy(np.random.default_rng(seed).permutation(patches).astype(np.float32))[None]
    chosen = select(score, ratio)[0]
    wanted = set(sorted(range(patches), key=lambda i: -float(score[0, i]))[: round(ratio * patches)])
    assert chosen.tolist() == sorted(wanted)
    assert marked(chosen[None], patches)[0].nonzero()[:, 0].tolist() == sorted(wanted)
    assert numbered(chosen.repeat(3, 1), patches).tolist() == [
        n + patches * k for k in range(3) for n in sorted(wanted)
    ]


def test_mean_score_is_the_area_mean():
    u = torch.rand(1, 1, 8, 16)
    expected = u.reshape(1, 1, 2, 4, 4, 4).mean((3, 5)).flatten(1)
    torch.testing.assert_close(mean_score(u, Grid.fixed(64 * 2, 64 * 4, 64)), expected)


def test_gradient_reaches_the_residual_through_the_fusion_but_not_the_entropy():
    torch.manual_seed(0)
    network = DualStream(Settings(classes=3, **TINY))
    output = network(torch.rand(2, 3, 64, 64) * 255, 1.0)
    output.fused.sum().backward()
    assert network.residual.out.weight.grad.abs().sum() > 0
    assert network.deep_head[1].weight.grad is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"classes": 1}, "2 to 250"),
        ({"classes": 3, "bands": 4}, "4 bands need as many means"),
        ({"classes": 3, "patch_side": 100}, "multiple of 16"),
    ],
)
def test_settings_say_what_is_wrong(values, message):
    with pytest.raises(SettingsError, match=message):
        Settings(**values)


def test_randomised_network_is_not_constant(tiny_network):
    labels = tiny_network.full_logits(tiny_network(torch.rand(1, 3, 128, 128) * 255)).argmax(1)
    assert labels.unique().numel() > 1
    assert randomise(tiny_network) is tiny_network
