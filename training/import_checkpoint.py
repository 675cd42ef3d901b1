"""Load weights that carry the names of the published (mmseg) repository.

    python training/import_checkpoint.py PUBLISHED.safetensors OUT.ckpt --entropy-constant 0.7

OUT.ckpt is a checkpoint like those of train.py: evaluate.py and export_model.py take it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.errors import command
from training.networks import faithful
from training.weights import load_published, save_trained


@command
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
    main()
