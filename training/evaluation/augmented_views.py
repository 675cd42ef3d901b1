"""Test-time augmentation: segment several views of a scene and average their class probabilities.

Not the default, and not how the numbers of this field are published: those are of the whole image, at a single
scale, without mirroring. Every mirror at three scales costs twelve times the time.
A single scale other than 1 is no augmentation but a cheaper protocol: some papers test, and time, at 0.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.arrays import Scene
from training.evaluation.segmenters import Answer, NetworkSegmenter, Segmented, segmented
from training.networks import resize

_MIRRORS: tuple[tuple[int, ...], ...] = (
    (),
    (-1,),
    (-2,),
    (-2, -1),
)  # axes; in an image from above no direction is special


class TestTimeSegmenter:
    """Averages the probabilities of a network over views.

    Args:
        scales: magnifications of the image; logits are resized back before they become probabilities.
        flips: also mirror left and right, up and down, and both.
        long_side: the image is first resized so that its longer side has this many pixels, as some published recipes
            do; its labels keep their size, and so does what is compared with them. None keeps the image.
    """

    __test__ = False  # keeps pytest from collecting it by its name

    def __init__(
        self,
        segmenter: NetworkSegmenter,
        scales: Sequence[float] = (1.0,),
        flips: bool = False,
        long_side: int | None = None,
    ) -> None:
        self.segmenter = segmenter
        self.class_names = segmenter.class_names
        self.takes_ratio, self.takes_whole = segmenter.takes_ratio, True
        self.scales = tuple(scales)
        self.mirrors = _MIRRORS if flips else _MIRRORS[:1]
        self.long_side = long_side

    @torch.inference_mode()
    def segment(self, scene: Scene, ratio: float) -> Segmented:
        """Segment the scene; U is that of the first scale, not mirrored."""
        image = self.segmenter.image_of(scene, self.long_side)
        height, width = scene.labels.shape
        final: Tensor | None = None
        low: Tensor | None = None
        u: Tensor | None = None
        for scale in self.scales:
            scaled = _magnify(image, scale)
            for axes in self.mirrors:
                answer = self.segmenter.answer(scaled.flip(axes), ratio)
                final = self._add(final, answer.logits, (height, width), axes)
                low = low if answer.low_logits is None else self._add(low, answer.low_logits, (height, width), axes)
                u = answer.uncertainty if u is None else u
        assert final is not None  # nosec B101  # for the type checker
        return segmented(Answer(final, low, u))

    def segment_all(self, scene: Scene, ratios: Sequence[float]) -> Iterator[Segmented]:
        """Segment the scene, K by K, each time in memory as a whole."""
        return (self.segment(scene, ratio) for ratio in ratios)

    @staticmethod
    def _add(total: Tensor | None, logits: Tensor, size: tuple[int, int], axes: tuple[int, ...]) -> Tensor:
        """Add a view's probabilities, brought back to the size of the labels and to their orientation."""
        logits = logits if logits.shape[-2:] == size else resize(logits, size)
        probabilities = logits.softmax(1).flip(axes)
        return probabilities if total is None else total.add_(probabilities)


def _magnify(image: Tensor, scale: float) -> Tensor:
    """Resize (1, B, H, W) bilinearly; when it shrinks, without letting detail alias."""
    if scale == 1:
        return image
    size = [max(1, round(n * scale)) for n in image.shape[-2:]]
    return F.interpolate(image, size, mode="bilinear", align_corners=False, antialias=scale < 1)
