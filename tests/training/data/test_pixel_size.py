"""Scenes of mixed pixel sizes at one: pixels as the engine presents them, labels of the middle of each cell."""

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from tests.training.test_end_to_end import fit
from training import export_model
from training.data import SceneData
from training.data.arrays import IGNORE, Scene, at_resolution
from training.data.datasets import SceneSource, folder
from training.errors import DatasetError, SettingsError
from uhrs_qgis_plugin.engine import Options, Outputs, segment
from uhrs_qgis_plugin.engine.bundle import read_bundle

YAML = 'classes: [{name: a, colour: "000000"}, {name: b, colour: "FFFFFF"}]\nignore: [255]\n'


def write(path, pixels, size_m, crs="EPSG:32640", **profile):
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = pixels.shape
    options = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": pixels.dtype, **profile}
    with rasterio.open(
        path, "w", crs=crs, transform=from_origin(330_000, 2_790_000, size_m, size_m), **options
    ) as file:
        file.write(pixels)


def put(root, name, size_m, height, width, split="train", seed=0, dtype="uint8", **profile):
    """A checkerboard of 8 m, bright where its label is 1."""
    (root / "classes.yaml").write_text(YAML)
    rows, cols = (np.arange(n) * size_m // 8 for n in (height, width))
    labels = ((rows[:, None] + cols) % 2).astype(np.uint8)
    noise = np.random.default_rng(seed).integers(1, 60, (3, height, width))
    image = (noise + 150 * labels).astype(dtype)
    if "nodata" in profile:
        image[:, noise[0] > 50] = profile["nodata"]
    write(root / split / "images" / f"{name}.tif", image, size_m, **profile)
    write(root / split / "labels" / f"{name}.tif", labels[None], size_m)
    return image, labels


def matrix(size, cells):
    """(cells, size): the share of each cell that lies in each pixel; linear weights where pixels are larger."""
    made = np.zeros((cells, size))
    for cell in range(cells):
        start, end = cell * size / cells, (cell + 1) * size / cells
        for pixel in range(size) if size >= cells else ():
            made[cell, pixel] = max(0.0, min(end, pixel + 1) - max(start, pixel))
        if size < cells:
            along = (start + end) / 2 - 0.5
            before = int(np.floor(along))
            for pixel, weight in ((before, before + 1 - along), (before + 1, along - before)):
                made[cell, min(max(pixel, 0), size - 1)] += weight
    return made / made.sum(1, keepdims=True)


@given(
    st.sampled_from([0.1, 0.25, 0.4, 0.5, 0.8, 1.3]),
    st.tuples(st.integers(9, 70), st.integers(9, 70)),
    st.sampled_from(["uint8", "uint16", "float32"]),
    st.sampled_from(["none", "nodata"]),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_a_scene_at_another_pixel_size_is_what_numpy_says(tmp_path_factory, size_m, shape, dtype, nodata, seed):
    root = tmp_path_factory.mktemp("set")
    image, labels = put(
        root, "a", size_m, *shape, seed=seed, dtype=dtype, **({"nodata": 3} if nodata == "nodata" else {})
    )
    valid = ~(image == 3).all(0) if nodata == "nodata" else np.ones(shape, bool)
    scene = at_resolution(folder.load(root, "train")[0], 0.5)
    cells = tuple(max(1, int(n * size_m / 0.5 + 0.5)) for n in shape)
    assert abs(scene.labels.shape[0] - cells[0]) <= 1
    cells = scene.labels.shape
    middle = np.ix_(*((2 * np.arange(c) + 1) * n // (2 * c) for n, c in zip(shape, cells, strict=True)))
    there = valid[middle]
    np.testing.assert_array_equal(np.asarray(scene.labels), np.where(there, labels[middle], IGNORE))
    if scene.valid is not None:
        np.testing.assert_array_equal(np.asarray(scene.valid), there)
    rows, cols = (matrix(n, c) for n, c in zip(shape, cells, strict=True))
    weights = rows @ valid @ cols.T
    means = np.stack([rows @ np.where(valid, band, 0).astype(float) @ cols.T for band in image]) / np.maximum(
        weights, 1e-9
    )
    found = np.asarray(scene.image)
    assert found.dtype == dtype
    assert np.abs(found - means)[:, there].max(initial=0) <= 0.51 + 2 / 256 * 255
    np.testing.assert_array_equal(scene.image[1:, 1::3, ::2], found[1:, 1::3, ::2])
    np.testing.assert_array_equal(scene.labels[1::3, ::2], np.asarray(scene.labels)[1::3, ::2])


def test_mixed_sizes_are_said_and_brought_to_one(tmp_path):
    put(tmp_path, "a", 0.25, 160, 160)
    put(tmp_path, "b", 1.0, 40, 40)
    put(tmp_path, "v", 0.5, 80, 80, "val")
    source = SceneSource("folder", tmp_path)
    source.scenes("train")
    assert source.notes == [
        "pixels of train images are 0.25 to 1 m, and things look 4.0 times larger in some than in others: "
        "--data.resolution_m 1 brings them to one size"
    ]
    source = SceneSource("folder", tmp_path, resolution_m=0.5)
    assert {scene.labels.shape for scene in source.scenes("train")} == {(80, 80)}
    assert source.scenes("val")[0].labels.shape == (80, 80)
    assert source.notes == ["pixels of train images are 0.25 to 1 m: read at 0.5 m, as the engine reads rasters"]


def test_augmentation_covers_what_the_pixel_size_promises(tmp_path):
    put(tmp_path, "a", 0.5, 80, 80)
    assert SceneData("folder", str(tmp_path)).hparams["scale"] == (1.0, 1.0)
    promised = SceneData("folder", str(tmp_path), resolution_m=0.5).hparams["scale"]
    assert promised == (1 / 1.4, 1.4)
    assert SceneData("folder", str(tmp_path), resolution_m=0.5, scale=(0.9, 1.1)).hparams["scale"] == (0.9, 1.1)


@pytest.mark.parametrize("size", [0, -1, float("nan"), float("inf")])
def test_what_is_no_size_is_refused(tmp_path, size):
    with pytest.raises(SettingsError, match="give metres above 0"):
        SceneSource("folder", tmp_path, resolution_m=size)


def test_scenes_without_a_size_or_far_from_it_are_refused(tmp_path):
    put(tmp_path, "a", 0.5, 80, 80)
    with pytest.raises(DatasetError, match=r"a.tif' has pixels of 0.5 m, too far .* give 0.0313 to 32"):
        SceneSource("folder", tmp_path, resolution_m=50).scenes("train")
    image, _ = put(tmp_path, "a", 0.5, 80, 80)
    write(tmp_path / "train" / "images" / "a.tif", image, 0.5, crs=None)
    problems = []
    assert SceneSource("folder", tmp_path, resolution_m=1).scenes("train", problems) == []
    assert "has no georeference with a unit of length" in problems[0]
    with pytest.raises(DatasetError, match="'made' has no georeference"):
        at_resolution(Scene("made", np.zeros((3, 8, 8)), np.zeros((8, 8))), 1.0)


def test_training_and_inference_read_at_the_same_pixel_size(tmp_path):
    put(tmp_path, "a", 0.25, 400, 400)
    put(tmp_path, "b", 0.5, 200, 200, seed=1)
    put(tmp_path, "v", 0.25, 400, 400, "val", seed=2)
    common = ["--data.dataset=folder", f"--data.root={tmp_path}", "--data.resolution_m=0.5", "--data.crop=96"]
    fit(tmp_path / "run", *common, "--trainer.max_epochs=1", "--data.steps=2")
    export_model.main([str(tmp_path / "run" / "last.ckpt"), str(tmp_path / "m.uhrs")])
    bundle = read_bundle(tmp_path / "m.uhrs")
    assert bundle.resolution_m == 0.5
    source = str(tmp_path / "val" / "images" / "v.tif")
    outputs = Outputs(str(tmp_path / "c.tif"), str(tmp_path / "u.tif"))
    segment(source, bundle, outputs, Options(ratio=1.0))
    with rasterio.open(outputs.classes) as file:
        assert (
            file.shape == SceneSource("folder", tmp_path, resolution_m=0.5).scenes("val")[0].labels.shape == (200, 200)
        )


def test_a_bundle_states_the_pixel_size_of_its_images(tmp_path, capsys):
    """Else the engine would read rasters of other pixels as they are, where things look larger or smaller."""
    put(tmp_path, "a", 0.25, 160, 160)
    put(tmp_path, "v", 0.25, 160, 160, "val")
    data = {"dataset": "folder", "root": str(tmp_path)}
    assert export_model.common_pixel_m(data) == 0.25
    put(tmp_path, "b", 0.5, 80, 80)
    assert export_model.common_pixel_m(data) is None
    assert "several: give --resolution-m" in capsys.readouterr().out
    assert export_model.common_pixel_m({**data, "root": str(tmp_path / "gone")}) is None
    assert export_model.common_pixel_m({}) is None


def test_stale_overviews_are_left_aside(tmp_path):
    image, _ = put(tmp_path, "a", 0.25, 600, 600)
    path = tmp_path / "train" / "images" / "a.tif"
    write(path, image, 0.25, tiled=True, blockxsize=128, blockysize=128)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4], rasterio.enums.Resampling.average)
    kept = np.asarray(at_resolution(folder.load(tmp_path, "train")[0], 1.0).image)
    with rasterio.open(path, "r+") as file:  # GDAL keeps the overviews of the first image
        file.write(255 - image)
    found = np.asarray(at_resolution(folder.load(tmp_path, "train")[0], 1.0).image)
    assert np.abs(found.astype(int) - (255 - kept.astype(int))).max() <= 2
