"""SegFormer-B0: its size as published, attention by hand, and windows."""

import math

import pytest
import torch

from tests.training.conftest import TINY
from training.networks.segformer import Attention, SegFormer, as_map, as_tokens
from training.networks.settings import Settings


def test_parameters_of_the_published_network():
    """Table 1 of the paper: B0 with its decoder has 3.8 M parameters, for 150 classes."""
    network = SegFormer(Settings(classes=150, context=256))
    encoder = sum(p.numel() for p in network.stages.parameters())
    assert encoder == pytest.approx(3.3e6, rel=0.02)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(3.8e6, rel=0.02)


def test_attention_by_hand():
    torch.manual_seed(0)
    attention, x = Attention(6, 2, 1), torch.randn(1, 12, 6)
    with torch.no_grad():
        query, (key, value) = attention.query(x)[0], attention.key_value(x)[0].chunk(2, -1)
        heads = []
        for head in (slice(0, 3), slice(3, 6)):
            weight = (query[:, head] @ key[:, head].T / math.sqrt(3)).softmax(-1)
            heads.append(weight @ value[:, head])
        expected = attention.out(torch.cat(heads, -1))
        torch.testing.assert_close(attention(x, (3, 4))[0], expected)


def test_keys_stand_on_a_coarser_grid():
    torch.manual_seed(0)
    attention, seen = Attention(4, 1, 2), []
    attention.key_value.register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    attention(torch.randn(2, 8 * 6, 4), (8, 6))
    assert seen == [(2, 4 * 3, 8)]


def test_tokens_are_the_map_row_by_row():
    x = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert as_tokens(x)[0, 5].tolist() == [x[0, 0, 1, 1], x[0, 1, 1, 1]]
    assert torch.equal(as_map(as_tokens(x), (3, 4)), x)


@pytest.mark.parametrize("size", [(64, 200), (150, 80)])
def test_large_images_in_windows(size):
    torch.manual_seed(0)
    network = SegFormer(Settings(classes=3, **TINY, window=64, window_overlap=32)).eval()
    image, sizes = torch.rand(1, 3, *size) * 255, set()
    see = network.see
    network.see = lambda window: sizes.add(tuple(window.shape[-2:])) or see(window)
    with torch.no_grad():
        assert network.full_logits(network(image)).shape == (1, 3, *size)
    assert sizes == {(64, 64)}
