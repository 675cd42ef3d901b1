"""Sliding windows give what the whole image gives, where the network looks at pixels alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.conftest import TINY
from training.errors import SettingsError
from training.networks.deeplab import DeepLabV3Plus, slide, window_starts
from training.networks.settings import Settings


def test_window_starts_by_hand():
    assert window_starts(2448, 1024, 256) == [0, 768, 1424]
    assert window_starts(1024, 1024, 256) == [0]
    assert window_starts(10, 1024, 256) == [0]


@settings(max_examples=60, deadline=None)
@given(length=st.integers(1, 400), window=st.integers(2, 90), data=st.data())
def test_windows_cover_everything_and_share_enough(length, window, data):
    overlap = data.draw(st.integers(0, window - 1))
    starts = window_starts(length, window, overlap)
    assert starts[0] == 0
    assert starts[-1] + window >= length
    assert starts[-1] == max(0, length - window)
    assert all(0 < b - a <= window - overlap for a, b in zip(starts, starts[1:], strict=False))


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 12), cols=st.integers(1, 12), seed=st.integers(0, 99))
def test_slide_equals_the_whole_image_for_a_pixelwise_network(rows, cols, seed):
    image = torch.rand(2, 3, 4 * rows, 4 * cols, generator=torch.Generator().manual_seed(seed))

    def predict(window):  # one value for 4x4 pixels, each a function of these alone
        mean = torch.nn.functional.avg_pool2d(window, 4)
        return torch.cat((mean.sin(), mean**2), 1)

    made = slide(predict, 6, image, window=16, overlap=8, stride=4)
    torch.testing.assert_close(made, predict(image))


def test_slide_averages_where_windows_overlap():
    counts = iter(range(10))
    made = slide(lambda w: torch.full_like(w, next(counts)), 1, torch.zeros(1, 1, 1, 8), 4, 2, 1)
    assert made.flatten().tolist() == [0, 0, 0.5, 0.5, 1.5, 1.5, 2, 2]


def test_slide_sees_one_window_at_a_time():
    seen = []

    def predict(window):
        seen.append(window.shape)
        return window

    slide(predict, 1, torch.zeros(1, 1, 40, 100), window=16, overlap=4, stride=1)
    assert len(seen) == 3 * 8
    assert set(seen) == {(1, 1, 16, 16)}


@pytest.mark.parametrize("size", [(64, 200), (150, 80)])
def test_deeplab_sees_large_images_in_windows_and_small_ones_whole(size):
    torch.manual_seed(0)
    network = DeepLabV3Plus(Settings(classes=3, **TINY, window=64, window_overlap=32)).eval()
    image, sizes = torch.rand(1, 3, *size) * 255, []
    see = network.see
    network.see = lambda window: sizes.append(tuple(window.shape[-2:])) or see(window)
    with torch.no_grad():
        logits = network.full_logits(network(image))
        assert set(sizes) == {(64, 64)}
        sizes.clear()
        whole = network(image[:, :, :50, :64])
    assert logits.shape == (1, 3, *size)
    assert sizes == [(64, 64)]
    assert network.full_logits(whole).shape == (1, 3, 50, 64)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"window": 100}, "multiple of 16"), ({"window": 64, "window_overlap": 64}, "below the window's 64")],
)
def test_settings_say_what_is_wrong_with_windows(values, message):
    with pytest.raises(SettingsError, match=message):
        Settings(classes=3, **values)
