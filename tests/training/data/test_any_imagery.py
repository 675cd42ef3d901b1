"""Whatever type, band order, no-data kind, mask kind and pixel size: scenes are what a few lines of numpy say."""

import numpy as np
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import shapes
from rasterio.transform import from_origin

from tests.training.data.test_pixel_size import matrix
from tests.training.data.test_vectors import write_polygons
from training.data.arrays import IGNORE
from training.data.datasets import SceneSource, statistics

SIZE_M = 0.5
PLACE = {"crs": "EPSG:32640", "transform": from_origin(330_000, 2_790_000, SIZE_M, SIZE_M)}
COLOURS = ("3C7DC4", "D9C29C", "C44E3C")
RGB = [tuple(int(colour[i : i + 2], 16) for i in (0, 2, 4)) for colour in COLOURS]
YAML = """classes:
  - {name: water, colour: "3C7DC4", value: 11}
  - {name: ground, colour: "D9C29C", value: 0}
  - {name: roof, colour: "C44E3C", value: 5}
ignore: [255, "000000"]
"""
VALUES = np.array([11, 0, 5])
NUMBERS = {"uint8": (1, 0), "uint16": (200, 65535), "int16": (50, -32768), "float32": (0.01, -10000.0)}  # step, no data


def write(path, pixels, colours=None, roles=None, descriptions=None, mask=None, **profile):
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    options = {"driver": "GTiff", "dtype": pixels.dtype, "count": count, "height": height, "width": width}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **options, **PLACE, **profile) as file:
        if colours:
            file.write_colormap(1, colours)
        file.write(pixels)
        for band, text in enumerate(descriptions or (), 1):
            file.set_band_description(band, text)
        if mask is not None:
            file.write_mask(mask.astype(np.uint8) * 255)
    if roles:
        with rasterio.open(path, "r+") as file:
            file.colorinterp = [rasterio.enums.ColorInterp[role] for role in roles]


def write_image(path, image, hole, dtype, nodata, names, told_by):
    """An image with a hole; `names` of its bands told by "colours", "descriptions" or not at all."""
    roles, more, stored = ["undefined"] * len(image), {}, image.copy()
    number = NUMBERS[dtype][1]
    if nodata == "value":
        stored[:, hole], more = number, {"nodata": number}
    elif nodata == "nan" and dtype == "float32":
        stored[0, hole] = np.nan
    elif nodata == "mask":
        stored[:, hole], more = 0, {"mask": ~hole}
    elif nodata == "alpha":
        stored = np.concatenate([stored, np.where(hole, 0, 255).astype(dtype)[None]])
        roles = [*roles, "alpha"]
    known = {"red", "green", "blue"}
    if told_by == "colours":
        roles = [name if name in known else "undefined" for name in names] + roles[len(names) :]
    texts = [*names, *[""] * (len(roles) - len(names))] if told_by == "descriptions" else None
    write(path, stored, roles=roles, descriptions=texts, photometric="minisblack", **more)


def write_mask(folder, labels, unlabelled, kind, rng):
    """A mask of some kind; pixels of `unlabelled` bear no label."""
    values = np.where(unlabelled, 255, VALUES[labels]).astype(np.uint8)
    if kind == "values":
        write(folder / "a.tif", values[None])
    elif kind == "nodata":
        write(folder / "a.tif", np.where(unlabelled, 77, values)[None], nodata=77)
    elif kind == "palette":
        index = rng.permutation(200)[:3].astype(np.uint8)
        table = {**{n: (n, 0, 255 - n) for n in range(200)}, **dict(zip(index.tolist(), RGB, strict=True))}
        write(
            folder / "a.tif", np.where(unlabelled, 255, index[labels]).astype(np.uint8)[None], {**table, 255: (0, 0, 0)}
        )
    elif kind == "colours":
        shown = np.where(unlabelled[..., None], 0, np.array(RGB, np.uint8)[labels])
        write(folder / "a.tif", np.moveaxis(shown, -1, 0).astype(np.uint8), photometric="rgb")
    else:
        found = shapes(labels, ~unlabelled, transform=PLACE["transform"])
        named = [(("water", "0", "roof")[int(label)], shape["coordinates"]) for shape, label in found]
        write_polygons(folder / "a.gpkg", named, kind="class")


@given(
    st.sampled_from(sorted(NUMBERS)),
    st.permutations(["red", "green", "blue"]),
    st.booleans(),
    st.sampled_from(["colours", "descriptions", "nothing"]),
    st.sampled_from(["none", "value", "nan", "mask", "alpha"]),
    st.sampled_from(["values", "nodata", "palette", "colours", "polygons"]),
    st.sampled_from([None, 0.2, 0.35, 0.8, 1.3]),
    st.integers(0, 999),
)
@settings(max_examples=80, deadline=None)
def test_scenes_are_what_numpy_says(tmp_path_factory, dtype, order, infrared, told_by, nodata, kind, size_m, seed):
    root, rng = tmp_path_factory.mktemp("set"), np.random.default_rng(seed)
    height, width = rng.integers(20, 50, 2)
    labels = np.kron(rng.integers(0, 3, (7, 7)), np.ones((8, 8), int))[:height, :width].astype(np.uint8)
    hole = np.add.outer(np.arange(height), np.arange(width)) < (0 if nodata == "none" else 25)
    hole &= nodata != "nan" or dtype == "float32"
    unlabelled = np.zeros(labels.shape, bool)
    unlabelled[:, -6:] = True
    names = [*order, *(["nir"] if infrared else [])]
    image = (rng.integers(1, 250, (len(names), height, width)) * NUMBERS[dtype][0]).astype(dtype)
    (root / "classes.yaml").write_text(YAML)
    write_image(root / "train" / "images" / "a.tif", image, hole, dtype, nodata, names, told_by)
    (root / "train" / "labels").mkdir()
    write_mask(root / "train" / "labels", labels, unlabelled, kind, rng)
    (scene,) = SceneSource("folder", root, resolution_m=size_m).scenes("train")

    if told_by != "nothing" and not infrared:  # three bands that are red, green and blue are read in that order
        image = image[[names.index(colour) for colour in ("red", "green", "blue")]]
    expected = np.where(hole | unlabelled, IGNORE, labels)
    shape = (int(height), int(width))
    cells = tuple(max(1, int(n * SIZE_M / size_m + 0.5)) for n in shape) if size_m else shape
    assert all(abs(one - other) <= 1 for one, other in zip(scene.labels.shape, cells, strict=True))
    cells = scene.labels.shape  # metres of the projection are not quite those of the ground
    middle = np.ix_(*((2 * np.arange(c) + 1) * n // (2 * c) for n, c in zip(shape, cells, strict=True)))
    found = np.asarray(scene.labels)
    exact = expected[middle]
    if kind == "polygons" and size_m:  # drawn at the cells' own centres, which may lie between two pixels
        centres = [(np.arange(c) + 0.5) * n / c for n, c in zip(shape, cells, strict=True)]
        sure = np.ix_(*(np.abs(place - np.rint(place)) > 1e-6 for place in centres))
        np.testing.assert_array_equal(found[sure], exact[sure])
    else:
        np.testing.assert_array_equal(found, exact)
    there = ~hole[middle]
    assert scene.valid is not None or not hole.any()
    if scene.valid is not None:
        np.testing.assert_array_equal(np.asarray(scene.valid), there)
    rows, cols = (matrix(n, c) for n, c in zip(shape, cells, strict=True))
    weights = rows @ ~hole @ cols.T
    means = np.stack([rows @ np.where(hole, 0, band).astype(float) @ cols.T for band in image]) / np.maximum(
        weights, 1e-9
    )
    step = NUMBERS[dtype][0]
    limit = (0.51 if dtype != "float32" else 1e-4) + (3 / 256 * 250 * step if cells != shape else 0)
    pixels = np.asarray(scene.image)
    assert (pixels.shape, pixels.dtype) == ((len(names), *cells), np.dtype(dtype))
    assert np.abs(pixels - means)[:, there].max(initial=0) <= limit
    told = statistics([scene])
    np.testing.assert_allclose(told["mean"], pixels[:, there].astype(float).mean(1), rtol=1e-3, atol=1e-3)
    assert (told["data_type"], told["bands"]) == (dtype, len(names))
