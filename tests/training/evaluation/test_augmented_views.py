"""Test-time augmentation and forbidden classes, on fake networks whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from training.data.arrays.scenes import Scene
from training.errors import DatasetError
from training.evaluation.augmented_views import TestTimeSegmenter
from training.evaluation.segmenters import NetworkSegmenter
from training.networks.settings import Settings
from training.weights.checkpoint import Trained

NAMES = ["dark", "middle", "bright"]


class Pointwise(nn.Module):
    """Looks at each pixel by itself, so mirrors cannot change what it says. Class by brightness."""

    takes_ratio = False
    settings = Settings(classes=3)
    mean = torch.zeros(1)

    def low_logits(self, output):
        return None

    def forward(self, image, ratio=1.0):
        x = image.mean(1, keepdim=True) / 255
        return torch.cat((-4 * x, -2 * (x - 0.5).abs(), 4 * x - 4), 1)

    def full_logits(self, output):
        return output


class LeftIsBright(Pointwise):
    """Answers by the column alone, as no honest network would."""

    def forward(self, image, ratio=1.0):
        column = torch.linspace(1, 0, image.shape[-1]).expand(image.shape[0], 1, *image.shape[-2:])
        return torch.cat((0 * column, 0 * column - 9, 8 * column - 4), 1)


def segmenter(network, never=()):
    return NetworkSegmenter(Trained(network, NAMES, ["000000"] * 3, {}, 0), never)


@pytest.fixture
def scene():
    image = np.random.default_rng(0).integers(0, 256, (3, 23, 37)).astype(np.uint8)
    return Scene("s", image, np.zeros((23, 37), np.uint8))


def test_mirrors_change_nothing_for_a_network_that_does_not_know_left(scene):
    plain = segmenter(Pointwise())
    assert len(np.unique(plain.segment(scene, 1.0).labels)) == 3
    flipped = TestTimeSegmenter(plain, flips=True)
    assert len(flipped.mirrors) == 4
    assert np.array_equal(flipped.segment(scene, 1.0).labels, plain.segment(scene, 1.0).labels)


def test_mirrors_are_undone_before_they_are_averaged(scene):
    """Left says bright, mirrored right says bright: the mean of both is symmetric."""
    labels = TestTimeSegmenter(segmenter(LeftIsBright()), flips=True).segment(scene, 1.0).labels
    assert np.array_equal(labels, labels[:, ::-1])
    plain = segmenter(LeftIsBright()).segment(scene, 1.0).labels
    assert plain[0, 0] == 2
    assert plain[0, -1] == 0


def test_scales_are_averaged_as_probabilities():
    """By hand: two views of one pixel, logits (0, 0, 9) and (2, 0, 0); their means differ in winner from the
    probabilities' mean when views are more sure than right."""
    views = iter([torch.tensor([0.0, 0.0, 1.0]), torch.tensor([3.0, 0.0, 2.5])])

    class Told(Pointwise):
        def forward(self, image, ratio=1.0):
            return next(views).view(1, 3, 1, 1).expand(1, 3, *image.shape[-2:]).clone()

    one = Scene("s", np.zeros((3, 8, 8), np.uint8), np.zeros((8, 8), np.uint8))
    labels = TestTimeSegmenter(segmenter(Told()), scales=(0.5, 1.0)).segment(one, 1.0).labels
    first, second = (torch.tensor(v).softmax(0) for v in ([0.0, 0.0, 1.0], [3.0, 0.0, 2.5]))
    assert (labels == int((first + second).argmax())).all()


def test_a_scale_is_what_the_network_sees(scene):
    sizes = []

    class Watched(Pointwise):
        def forward(self, image, ratio=1.0):
            sizes.append(tuple(image.shape[-2:]))
            return super().forward(image)

    made = TestTimeSegmenter(segmenter(Watched()), scales=(0.8, 1.25), flips=True).segment(scene, 1.0)
    assert sizes == [(18, 30)] * 4 + [(29, 46)] * 4
    assert made.labels.shape == (23, 37)
    assert made.uncertainty is None


def test_single_scale_without_mirrors_is_the_plain_network(scene, tiny_network):
    plain = NetworkSegmenter(Trained(tiny_network, list("abcd"), ["000000"] * 4, {}, 0))
    for ratio in (0.0, 0.5):
        expected, made = plain.segment(scene, ratio), TestTimeSegmenter(plain).segment(scene, ratio)
        assert np.array_equal(made.labels, expected.labels)
        assert np.array_equal(made.low_labels, expected.low_labels)
        assert np.array_equal(made.uncertainty, expected.uncertainty)


def test_never_predicts_what_it_must_not(scene, tiny_network):
    free = segmenter(Pointwise()).segment(scene, 1.0).labels
    bound = segmenter(Pointwise(), never=["bright"]).segment(scene, 1.0).labels
    assert (free == 2).any()
    assert np.array_equal(bound[free != 2], free[free != 2])  # the others keep their order
    assert set(np.unique(bound)) == {0, 1}
    trained = Trained(tiny_network, list("abcd"), ["000000"] * 4, {}, 0)
    common = int(np.bincount(NetworkSegmenter(trained).segment(scene, 1.0).labels.ravel()).argmax())
    made = TestTimeSegmenter(NetworkSegmenter(trained, ["abcd"[common]]), flips=True).segment(scene, 1.0)
    assert (made.labels != common).all()
    assert (made.low_labels != common).all()


def test_never_with_an_unknown_class():
    with pytest.raises(DatasetError, match=r"no class \['snow'\]; the model's classes are \['dark'"):
        segmenter(Pointwise(), never=["snow"])


def test_other_bands_are_told():
    four = Scene("s", np.zeros((4, 8, 8), np.uint8), np.zeros((8, 8), np.uint8))
    for made in (segmenter(Pointwise()), TestTimeSegmenter(segmenter(Pointwise()), flips=True)):
        with pytest.raises(DatasetError, match="Scene 's' has 4 bands, the network was trained on 3"):
            made.segment(four, 1.0)


def test_a_longer_side_resizes_the_image_alone(scene):
    sizes = []

    class Watched(Pointwise):
        def forward(self, image, ratio=1.0):
            sizes.append(tuple(image.shape[-2:]))
            return super().forward(image)

    made = TestTimeSegmenter(segmenter(Watched()), scales=(1.0, 0.5), long_side=74).segment(scene, 1.0)
    assert sizes == [(46, 74), (23, 37)]
    assert made.labels.shape == (23, 37)
