"""The published network with generated weights: nothing is stored but names and shapes.

Every number comes from the raw bits of a PCG64 generator (numpy guarantees them for all versions; it does not guarantee
those of its distributions) that is seeded by the name of what is generated. So the same weights, images and labels come
out on every machine.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent
EXPECTED = FOLDER / "expected.npz"
CLASSIFIER_BIASES = (
    "decode_head.conv_seg.bias",
    "auxiliary_head.conv_seg.bias",
    "refine_head.conv_seg_aux_16.conv_out.bias",
)


def unit(name: str, *shape: int) -> np.ndarray:
    """Uniform float64 numbers in [0, 1) that belong to a name."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    raw = np.random.PCG64(seed).random_raw(math.prod(shape))
    return ((raw >> np.uint64(11)) * 2.0**-53).reshape(shape)


def between(name: str, low: float, high: float, *shape: int) -> np.ndarray:
    """Uniform numbers in [low, high) that belong to a name."""
    return low + (high - low) * unit(name, *shape)


def tensor(name: str, shape: Sequence[int], scale: float = 1.0) -> torch.Tensor:
    """A tensor of the published network, in half precision as its checkpoints.

    Args:
        name: In the published naming.
        shape: Its sizes.
        scale: Of a running variance: that of the inputs. Of a classifier: what makes both classes occur.
    """
    kind = name.rsplit(".", 1)[1]
    if kind == "running_mean":
        values = between(name, -0.1, 0.1, *shape)
    elif kind == "running_var":
        values = scale * between(name, 0.6, 1.6, *shape)
    elif name in CLASSIFIER_BIASES:
        values = np.linspace(-scale, scale, *shape)
    elif kind == "bias":
        values = between(name, -0.2, 0.2, *shape)
    elif len(shape) == 1:  # weight of a normalisation
        values = between(name, 0.7, 1.3, *shape)
    else:
        bound = scale * math.prod(shape[1:]) ** -0.5
        values = between(name, -bound, bound, *shape)
    return torch.from_numpy(values).half()


def weights() -> dict[str, torch.Tensor]:
    """The state dict in the published naming, with the parts that no forward pass uses.

    A line of tensors.txt is a name, its shape (2x128x1x1) and, where it is not 1, the scale.
    """
    found = {}
    for line in (FOLDER / "tensors.txt").read_text(encoding="utf-8").splitlines():
        name, shape, *scale = line.split()
        found[name] = tensor(name, [int(side) for side in shape.split("x")], *map(float, scale))
    return found


def write_checkpoint(path: Path) -> Path:
    """Write `weights` as a file that `load_published` reads."""
    save_file(weights(), path)
    return path


def image(name: str, height: int, width: int) -> np.ndarray:
    """RGB (H, W, 3) uint8: blocks of 61, 17, 5 and 1 px, so that each way to downsample gives something else."""
    total = np.zeros((height, width, 3))
    for side, share in ((61, 110), (17, 70), (5, 50), (1, 25)):
        blocks = unit(f"{name} {side}", -(-height // side), -(-width // side), 3)
        total += share * blocks.repeat(side, 0).repeat(side, 1)[:height, :width]
    return total.astype(np.uint8)


def label(name: str, height: int, width: int) -> np.ndarray:
    """(H, W) uint8: rectangles of classes 0 and 1, and a few of 255 = ignore."""
    blocks = unit(f"{name} label", -(-height // 23), -(-width // 23))
    classes = np.where(blocks < 0.1, 255, blocks > 0.6).astype(np.uint8)
    return classes.repeat(23, 0).repeat(23, 1)[:height, :width]


# The published grid drops what remains of a division by 20 (image a: 5 rows, 10 columns); image b divides.
IMAGES = {"a": image("a1", 445, 650), "b": image("b1", 640, 480)}
LABEL = label("a", 445, 650)
_CHANGED_BY_K = ("patch_score", "selected", "f_high_first", "fused", "logits8", "full")
_WIDE = ("f_low", "f_high_first", "fused")


def trimmed(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of all arrays what the file keeps: every 16th of 64 channels; of image a at other K what K changes."""
    found = {}
    for name, value in arrays.items():
        if name.startswith(("a_k75", "a_k50")) and not name.endswith(_CHANGED_BY_K):
            continue
        found[name] = value[:, ::16] if name.endswith(_WIDE) else value
        if name.endswith("selected"):
            found[name] = value.astype(np.int16)
    return found
