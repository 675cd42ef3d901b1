"""Write a synthetic georeferenced orthophoto of any size, and its labels.

python training/make_raster.py OUT.tif --size 4096 --seed 0 --labels LABELS.tif
python training/make_raster.py HAZY.tif --style haze=0.4 contrast=0.7 noise=8
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":  # run from anywhere: the repository root, not training/, is searched for modules
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from training.data.synthetic import SceneOptions, Style, write_scene
from training.errors import SettingsError, command


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("out", help="image to write (GeoTIFF, 3 bands, uint8)")
    parser.add_argument("--size", type=int, default=4096, help="rows and columns, pixels (default: 4096)")
    parser.add_argument("--height", type=int, help="rows, where they differ from --size")
    parser.add_argument("--width", type=int, help="columns, where they differ from --size")
    parser.add_argument("--seed", type=int, default=0, help="which scene (default: 0)")
    parser.add_argument("--labels", help="labels to write (GeoTIFF, 1 band, 255 = no data)")
    parser.add_argument("--resolution-m", type=float, default=1.0, help="metres per pixel (default: 1)")
    parser.add_argument("--nodata-corner", action="store_true", help="leave the upper left corner without data")
    parser.add_argument("--style", nargs="+", default=[], metavar="NAME=VALUE", help="parts of the look, see `Style`")
    return parser.parse_args(arguments)


def read_style(texts: Sequence[str], seed: int) -> Style:
    """The look of a scene, with parts of it chosen.

    Args:
        texts: Such as "haze=0.4".

    Raises:
        SettingsError: A part is unknown, or its value is no number or outside its range.
    """
    style, chosen = Style.from_seed(seed), {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in style.__dataclass_fields__:
            raise SettingsError(f"--style {text}: there is no '{name}'. Use {', '.join(style.__dataclass_fields__)}.")
        try:
            chosen[name] = float(value)
        except ValueError:
            raise SettingsError(f"--style {text}: '{value}' is no number. Give one, such as {name}=0.4.") from None
    return replace(style, **chosen)


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Write what the command line asks for."""
    args = parse(arguments)
    height = args.size if args.height is None else args.height
    width = args.size if args.width is None else args.width
    style = read_style(args.style, args.seed)
    options = SceneOptions(resolution_m=args.resolution_m, nodata_corner=args.nodata_corner, style=style)
    write_scene(args.out, height, width, args.seed, args.labels, options)


if __name__ == "__main__":
    main()
