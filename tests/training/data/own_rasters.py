"""A user's own rasters with three classes, in the layout of the dataset `folder`."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from training.data.datasets import folder
from training.errors import DatasetError

COLOURS = ("3C7DC4", "D9C29C", "C44E3C")


YAML = """classes:
  - {name: water, colour: "3C7DC4"}
  - {name: ground, colour: "D9C29C"}
  - {name: roof, colour: "C44E3C"}
ignore: [255, "FF00FF"]
"""


PLACE = {"crs": "EPSG:32640", "transform": from_origin(330_000, 2_790_000, 0.3, 0.3)}


RGB = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in COLOURS], np.uint8)


def write(path, pixels, colours=None, mask=None, roles=None, **profile):
    pixels = pixels if pixels.ndim == 3 else pixels[None]
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    options = {"driver": {".png": "PNG", ".jpg": "JPEG"}.get(path.suffix, "GTiff"), "dtype": pixels.dtype}
    options |= {"count": count, "height": height, "width": width, **profile}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **options) as file:
        if colours:
            file.write_colormap(1, colours)
        file.write(pixels)
        if mask is not None:
            file.write_mask(mask.astype(np.uint8) * 255)
    if roles:
        with rasterio.open(path, "r+") as file:
            file.colorinterp = [rasterio.enums.ColorInterp[role] for role in roles]
    return path


def labels_of(seed, height=64, width=80):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 3, (-(-height // 16), -(-width // 16)))
    small.flat[:3] = (0, 1, 2)
    return np.kron(small, np.ones((16, 16), np.int64))[:height, :width].astype(np.uint8)


def shown(labels, bands=3, seed=0):
    """Bytes that show their labels."""
    rng = np.random.default_rng(seed)
    return (60 + 70 * labels.astype(int) + rng.integers(0, 30, (bands, *labels.shape))).astype(np.uint8)


def pair(root, split, image, labels, name="a", **profile):
    root.mkdir(parents=True, exist_ok=True)
    (root / "classes.yaml").write_text(YAML)
    write(root / split / "images" / f"{name}.tif", image, **{"photometric": "minisblack", **profile})
    write(root / split / "labels" / f"{name}.tif", labels)


def both(root, image, labels, **profile):
    for split in ("train", "val"):
        pair(root, split, image, labels, **profile)
    return root


def refused(root, match):
    with pytest.raises(DatasetError, match=match) as error:
        [np.asarray(scene.labels) for scene in folder.load(root, "train")]
    assert "\n" not in str(error.value)
