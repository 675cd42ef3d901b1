"""Load weights that carry the names of the published (mmseg) repository.

    python training/import_checkpoint.py PUBLISHED.safetensors OUT.ckpt --entropy-constant 0.7

OUT.ckpt is a checkpoint like those of train.py: evaluate.py and export_model.py take it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import torch
from safetensors.torch import load_file
from torch import Tensor

from training.checkpoint import save_trained
from training.networks.dual_stream import DualStream
from training.networks.settings import Settings, faithful

# Published name -> ours, first match wins. A unit is (convolution 0, normalisation 1) in ours.
_Rule = tuple[str, str | Callable[[re.Match[str]], str]]
_RENAMES: tuple[_Rule, ...] = (
    (r"^backbone\.stem\.(\d+)\.", lambda m: f"low_encoder.stem.{int(m[1]) // 3}.{int(m[1]) % 3}."),
    (r"^backbone\.layer(\d)\.(\d)\.downsample\.", r"low_encoder.stage\1.\2.shortcut."),
    (r"^backbone\.layer(\d)\.", r"low_encoder.stage\1."),
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
    (r"^refine_head\.stdc_net\.features\.([01])\.", r"high_encoder.stem.\1."),
    (r"^refine_head\.stdc_net\.features\.([23])\.", lambda m: f"high_encoder.stage3.{int(m[1]) - 2}."),
    (r"^refine_head\.stdc_net\.features\.([45])\.", lambda m: f"high_encoder.stage4.{int(m[1]) - 4}."),
)
_UNITS: tuple[_Rule, ...] = (
    (r"\.conv_list\.(\d)\.", lambda m: f".conv{int(m[1]) + 1}."),
    (r"\.avd_layer\.", ".down."),
    (r"\.conv1?\.weight$", ".0.weight"),
    (r"\.bn1?\.", ".1."),
)
# The second copies of STDC (x2, x4 ... share their storage with `features`), its fifth stage, and a classifier
# of the refine head that no forward pass uses.
_UNUSED = re.compile(r"^refine_head\.(stdc_net\.(x\d+|conv_last|features\.[67])\.|conv_seg\.)|num_batches_tracked$")


def rename(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published state dict -> ours, in float32, without what no forward pass uses.

    Raises:
        ValueError: when a key is not of the published network.
    """
    ours: dict[str, Tensor] = {}
    for key, value in published.items():
        if _UNUSED.search(key):
            continue
        for pattern, replacement in _RENAMES:
            name, hits = re.subn(pattern, replacement, key)
            if hits:
                break
        else:
            raise ValueError(f"Key '{key}' is not of the published dual-stream network; check the file")
        if not name.startswith("low_encoder.stage"):  # the residual blocks keep conv1, bn1, conv2, bn2
            for pattern, replacement in _UNITS:
                name = re.sub(pattern, replacement, name)
        ours[name] = value.float()
    return ours


def load_published(path: str | Path, settings: Settings) -> DualStream:
    """A network with published weights.

    Args:
        path: a .safetensors file, or a .pth file (read without executing anything it may carry).
        settings: see `faithful`.

    Raises:
        ValueError: when keys are missing, left over, or of another shape; the text lists the first ones.
    """
    if str(path).endswith(".safetensors"):
        published = load_file(path)
    else:
        published = torch.load(path, map_location="cpu", weights_only=True)
        published = published.get("state_dict", published)
    network = DualStream(settings)
    wanted, ours = network.state_dict(), rename(published)
    wanted = {k: v for k, v in wanted.items() if not k.endswith("num_batches_tracked")}
    missing, unknown = sorted(wanted.keys() - ours.keys()), sorted(ours.keys() - wanted.keys())
    shapes = [k for k in wanted.keys() & ours.keys() if wanted[k].shape != ours[k].shape]
    if missing or unknown or shapes:
        raise ValueError(
            f"'{path}' does not fit: missing {missing[:3]}, unknown {unknown[:3]}, other shape {shapes[:3]}. "
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
    except (OSError, ValueError) as error:
        print(f"import_checkpoint.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
