"""Load weights that carry the names of the published (mmseg) repository.

    python training/import_checkpoint.py PUBLISHED.safetensors OUT.ckpt --entropy-constant 0.7

OUT.ckpt is a checkpoint like those of train.py: evaluate.py and export_model.py take it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from torch import Tensor

from training.networks.dual_stream import DualStream
from training.networks.settings import Settings, faithful
from training.weights.checkpoint import CheckpointError, save_trained
from training.weights.pretrained import mismatch, read_weights
from training.weights.published_names import (
    HIGH_UNUSED,
    LOW_UNUSED,
    UNITS,
    Rule,
    every_match,
    first_match,
    high_encoder_name,
    low_encoder_name,
)

# The parts around the encoders: published name -> ours, first match wins.
_HEADS: tuple[Rule, ...] = (
    (r"^decode_head\.conv_seg\.", "deep_head.1."),
    (r"^decode_head\.dappm\.scale0\.", "dappm.scale0."),
    (r"^decode_head\.dappm\.scale(\d)\.(\d)\.", lambda m: f"dappm.scales.{int(m[1]) - 1}.{int(m[2]) - 1}."),
    (r"^decode_head\.dappm\.process(\d)\.", lambda m: f"dappm.processes.{int(m[1]) - 1}."),
    (r"^decode_head\.dappm\.", "dappm."),
    (r"^auxiliary_head\.conv_seg\.", "auxiliary_head.2."),
    (r"^auxiliary_head\.convs\.0\.", "auxiliary_head.0."),
    (r"^refine_head\.conv_seg_aux_16\.conv_out\.", "segmentation_head.2."),
    (r"^refine_head\.conv_seg_aux_16\.conv_bn_relu\.", "segmentation_head.0."),
    (r"^refine_head\.score_head\.conv_bn_relu\.", "residual.predict."),
    (r"^refine_head\.score_head\.conv_out\.", "residual.out."),
    (r"^refine_head\.reduce1\.", "high_reducer.coarse."),
    (r"^refine_head\.reduce2\.", "high_reducer.fine."),
    (r"^refine_head\.reduce3\.", "low_reducer."),
)
_LOW, _HIGH = "backbone.", "refine_head.stdc_net."
_UNUSED_HEAD = "refine_head.conv_seg."  # a classifier that no forward pass uses


def rename(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published state dict -> ours, in float32, without what no forward pass uses.

    Raises:
        ValueError: when a key is not of the published network.
    """
    ours: dict[str, Tensor] = {}
    for key, value in published.items():
        low, high = key.removeprefix(_LOW), key.removeprefix(_HIGH)
        if LOW_UNUSED.search(low) or HIGH_UNUSED.search(high) or key.startswith(_UNUSED_HEAD):
            continue
        if low != key:
            name, part = low_encoder_name(low), "low_encoder."
        elif high != key:
            name, part = high_encoder_name(high), "high_encoder."
        else:
            found, part = first_match(_HEADS, key), ""
            name = found and every_match(UNITS, found)
        if name is None:
            raise ValueError(f"Key '{key}' is not of the published dual-stream network; check the file")
        ours[part + name] = value.float()
    return ours


def load_published(path: str | Path, settings: Settings) -> DualStream:
    """A network with published weights.

    Args:
        path: a .safetensors file, or a .pth file (read without executing anything it may carry).
        settings: see `faithful`.

    Raises:
        CheckpointError: when the file cannot be read.
        ValueError: when keys are missing, left over, or of another shape; the text lists the first ones.
    """
    network = DualStream(settings)
    ours = rename(read_weights(path))
    wrong = mismatch({k: v for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}, ours)
    if wrong:
        raise ValueError(
            f"'{path}' does not fit: {wrong}. "
            "Give the number of classes and the widths that the checkpoint was trained with"
        )
    network.load_state_dict(ours, strict=False)
    return network.eval()


def main(args: Sequence[str] | None = None) -> None:
    """Import as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("published", type=Path, help=".safetensors or .pth with the published names")
    parser.add_argument("checkpoint", type=Path, help="the .ckpt to write")
    parser.add_argument("--class-names", nargs="+", default=["background", "building"])
    parser.add_argument("--class-colours", nargs="+", default=["FFFFFF", "3C1098"], metavar="RRGGBB")
    parser.add_argument("--entropy-constant", type=float, default=0.7, help="0.7, 1.946 or 2.08 as published")
    parser.add_argument("--patch-grid", type=int, default=None, help="published patches per axis; none: 128 px patches")
    options = parser.parse_args(args)
    settings = faithful(len(options.class_names), options.entropy_constant, options.patch_grid)
    network = load_published(options.published, settings)
    save_trained(options.checkpoint, network, options.class_names, options.class_colours)
    print(f"{options.checkpoint}: {len(options.class_names)} classes")


if __name__ == "__main__":
    try:
        main()
    except (CheckpointError, OSError, ValueError) as error:
        print(f"import_checkpoint.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
