"""Each device that is here gives the labels of the processor in 32 bits, but for one pixel in a thousand."""

from pathlib import Path

import numpy as np
import pytest

from training.data.synthetic.rendering import render
from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.inference.devices import available_devices
from uhrs_qgis_plugin.engine.inference.sessions import open_streams

MODEL = Path(__file__).resolve().parents[3] / "uhrs_qgis_plugin" / "models" / "default.uhrs"
SIDE = 512
LEAST_EQUAL = 0.999
OTHERS = [name for name in available_devices() if name != "cpu"]


def labels_of(streams, image, patch):
    """Labels of an image that is one scene, with every second patch refined.

    Args:
        streams: The model.
        image: (3, SIDE, SIDE) uint8.
        patch: Side of a patch in pixels.
    """
    count, cells = SIDE // patch, SIDE // 8
    small = image.reshape(3, SIDE // 4, 4, SIDE // 4, 4).mean((2, 4)).round().astype(np.uint8)
    features, uncertainty = streams.low(small[None])
    patches = image.reshape(3, count, patch, count, patch).transpose(1, 3, 0, 2, 4).reshape(-1, 3, patch, patch)
    high = streams.high(np.ascontiguousarray(patches))
    high = high.reshape(count, count, -1, patch // 8, patch // 8).transpose(2, 0, 3, 1, 4).reshape(-1, cells, cells)
    selected = (np.indices((count, count)).sum(0) % 2 == 0).repeat(patch // 8, 0).repeat(patch // 8, 1)
    labels, _ = streams.fuse(features, uncertainty, (high * selected)[None], selected[None, None])
    return labels[0]


@pytest.fixture(scope="module")
def scene():
    """A generated image and its labels by the processor."""
    image, _ = render(2, Window(0, 0, SIDE, SIDE))
    bundle = read_bundle(MODEL)
    labels = labels_of(open_streams(bundle, "cpu", precision="float"), image, bundle.patch_side)
    assert len(np.unique(labels)) >= 4  # a scene of one class would prove nothing
    return bundle, image, labels


@pytest.mark.parametrize(
    "device", OTHERS or [pytest.param("none", marks=pytest.mark.skip("only the processor is here"))]
)
def test_labels_are_those_of_the_processor_in_32_bits(scene, device):
    bundle, image, expected = scene
    streams = open_streams(bundle, device, precision="float")
    if streams.device != device:
        pytest.skip(f"{device} is offered but does not work here: {streams.messages}")
    equal = (labels_of(streams, image, bundle.patch_side) == expected).mean()
    assert equal >= LEAST_EQUAL, f"{equal:.4%} of the labels are equal on {device}"
    assert streams.messages == []


def test_the_bound_is_sharp_enough_to_see_a_shift(scene):
    """The measure itself can fail: features that are off by 0.5 (bfloat16: by 0.13 at most) are found."""
    bundle, image, expected = scene
    streams = open_streams(bundle, "cpu", precision="float")
    high = streams.high
    streams.high = lambda patches: high(patches) + 0.5
    assert (labels_of(streams, image, bundle.patch_side) == expected).mean() < LEAST_EQUAL
