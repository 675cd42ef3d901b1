"""Walk docs/tutorial-map.md in a real QGIS on real imagery, and draw its pictures.

    .venv-train/bin/python -m scripts.map_pictures DUBAI WHEEL docs/pictures

DUBAI is the folder of "Semantic segmentation of aerial imagery" (Humans in the Loop with the Mohammed Bin Rashid Space
Centre, CC0 1.0) with `classes.json` and `Tile 8`; WHEEL is the file of onnxruntime for the Python of QGIS. All else
goes to build/map. Prints what the story observed. Needs Xvfb and the environment of training. `unshare -rn` before the
line takes the network away, which the walk does not need.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.transform import from_origin

from scripts.desktop import run
from training.data.arrays import IGNORE
from training.data.datasets import dubai

WORK = Path(__file__).resolve().parents[1] / "build" / "map"
ORIGIN = (330_000, 2_790_000)  # made up: the imagery comes without a place
METRES = 1.0  # a pixel, as the card of the model measured it
STORY_S = 3600  # timeout of the story: the machine may be busy
COLOURS = (256, 192, 128, 96, 64, 48, 32)  # of a picture, the most that keep it small
LARGEST = 150_000  # bytes of a picture


def make_rasters(root: Path) -> None:
    """Put tile 8 together, and its labels, as rasters with a place."""
    [scene] = dubai.load(root, "test")
    write(WORK / "site.tif", scene.image, None)
    write(WORK / "labels.tif", scene.labels[None], IGNORE)


def write(path: Path, pixels: NDArray[np.uint8], nodata: int | None) -> None:
    """Write a tiled GeoTIFF."""
    how = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "DEFLATE", "nodata": nodata}
    size = {"count": pixels.shape[0], "height": pixels.shape[1], "width": pixels.shape[2]}
    place = {"crs": "EPSG:32640", "transform": from_origin(*ORIGIN, METRES, METRES)}
    with rasterio.open(path, "w", driver="GTiff", dtype="uint8", **size, **how, **place) as file:
        file.write(pixels)


def keep(source: Path, target: Path) -> None:
    """Copy a picture with as many colours as a small file can have.

    Raises:
        SystemExit: It stays too large.
    """
    picture = Image.open(source).convert("RGB")
    for colours in COLOURS:
        picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= LARGEST:
            return
    raise SystemExit(f"{target} has {target.stat().st_size} bytes, allowed are {LARGEST}.")


def main(arguments: list[str]) -> None:
    """Walk and draw.

    Raises:
        SystemExit: Wrong usage, or a step failed.
    """
    if len(arguments) != 3:
        raise SystemExit(__doc__)
    root, wheel, pictures = (Path(argument).resolve() for argument in arguments)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    make_rasters(root)
    package = run.build_zip(WORK / "plugin.zip")
    screen_folder = WORK / "screen"
    screen_folder.mkdir()
    with run.open_desktop(screen_folder, STORY_S) as screen:
        state = screen.play(
            "tutorial_map_story",
            None,
            UHRS_DESKTOP_ZIP=str(package),
            UHRS_MAP_WHEEL=str(wheel),
            UHRS_MAP_FOLDER=str(WORK),
        )
    print(json.dumps({key: value for key, value in state.items() if key != "stderr"}, indent=1))
    if "error" in state:
        raise SystemExit(state.get("stderr", 1))
    for picture in sorted(screen_folder.glob("map-*.png")):
        keep(picture, pictures / picture.name)


if __name__ == "__main__":
    main(sys.argv[1:])
