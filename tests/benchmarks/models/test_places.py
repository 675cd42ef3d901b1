"""benchmarks/models/places.py: a model that finds classes by brightness, on a raster whose labels are known."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from benchmarks.models import places
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine import Options, Outputs, segment


def write(path, pixels):
    size = {"count": len(pixels), "height": pixels.shape[1], "width": pixels.shape[2]}
    transform = from_origin(330_000, 2_790_000, 1, 1)
    with rasterio.open(path, "w", driver="GTiff", dtype="uint8", crs="EPSG:32640", transform=transform, **size) as file:
        file.write(pixels)


@pytest.fixture
def scene(tmp_path):
    """An image whose labels are what the model finds."""
    image, model = tmp_path / "here.tif", str(tmp_path / "tiny.uhrs")
    write_tiny_bundle(model)
    write(image, np.random.default_rng(0).integers(0, 256, (3, 256, 384), dtype=np.uint8))
    segment(str(image), model, Outputs(str(tmp_path / "found.tif")), Options(ratio=1))
    with rasterio.open(tmp_path / "found.tif") as file:
        found = file.read(1)
    name = max(range(3), key=lambda value: (found == value).sum())
    labels = (found == name).astype(np.uint8)
    write(tmp_path / "here_labels.tif", labels[None])
    return image, model, f"class{name}", labels


def test_iou_is_that_of_the_pixels(scene, tmp_path):
    """Equal labels give 100; wrong ones lower it as counted here; unknown ones do not count."""
    image, model, name, labels = scene
    arguments = [str(image), "--model", model, "--class", name, "--ratios", "1", "--square", "128"]
    assert [row["iou"] for row in places.main(arguments)] == [100.0]
    wrong = labels.copy()
    wrong[:128, :128] = 1 - wrong[:128, :128]
    wrong[128:, 256:] = 255
    write(tmp_path / "here_labels.tif", wrong[None])
    [row] = places.main([*arguments, "--picture", str(tmp_path / "worst.png"), "--places", "1"])
    known = wrong != 255
    hits, union = ((labels == 1) & (wrong == 1))[known].sum(), ((labels == 1) | (wrong == 1))[known].sum()
    assert row["iou"] == pytest.approx(100 * hits / union, abs=0.06)
    assert row["interval"][0] < row["iou"] < row["interval"][1]
    with rasterio.open(tmp_path / "worst.png") as picture:
        drawn = picture.read()[:, :320, 320:640]
    assert np.mean(drawn[1] < drawn.max(axis=0)) > 0.9  # the wrong square: red and blue, nothing green


def test_what_cannot_be_compared_is_refused(scene, tmp_path):
    image, model, name, _ = scene
    with pytest.raises(SystemExit, match="has no class 'lake'"):
        places.main([str(image), "--model", model, "--class", "lake"])
    write(tmp_path / "here_labels.tif", np.zeros((1, 9, 9), np.uint8))
    with pytest.raises(SystemExit, match="they must be equal"):
        places.main([str(image), "--model", model, "--class", name])
