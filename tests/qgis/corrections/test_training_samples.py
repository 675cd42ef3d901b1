"""`uhrs:trainingsamples`: what it writes."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from osgeo import gdal

from tests.qgis.conftest import TRANSFORM
from tests.qgis.corrections.cases import DRAWN, corrected, image_of, read, write_image, write_regions
from uhrs_qgis_plugin.algorithms.corrections import training_samples as parameters
from uhrs_qgis_plugin.engine.samples import cutting as samples


def pairs(folder):
    """Row and column in the class raster, image, label."""
    for split in ("train", "val"):
        names = os.listdir(folder / split / "labels")
        assert sorted(names) == sorted(os.listdir(folder / split / "images"))
        for name in names:
            label = gdal.Open(str(folder / split / "labels" / name))
            image = gdal.Open(str(folder / split / "images" / name))
            transform = label.GetGeoTransform()
            assert image.GetGeoTransform() == transform
            assert image.GetSpatialRef().GetAuthorityCode(None) == "32633"
            row, col = round((TRANSFORM[3] - transform[3]) / 0.5), round((transform[0] - TRANSFORM[0]) / 0.5)
            yield row, col, image.ReadAsArray().reshape(-1, *label.ReadAsArray().shape), label.ReadAsArray()


def together(folder, shape):
    """The labels of all samples, put together."""
    found = np.full(shape, 255, np.uint8)
    for row, col, _, label in pairs(folder):
        part = found[row : row + label.shape[0], col : col + label.shape[1]]
        assert not ((part != 255) & (label != 255)).any()
        part[label != 255] = label[label != 255]
    return found


def test_provider_lists_the_algorithm(provider):
    """Icon, group, help for every parameter; ids are frozen; defaults are those of the engine."""
    algorithm = next(item for item in provider.algorithms() if item.id() == "uhrs:trainingsamples")
    assert algorithm.displayName() == "Training samples"
    assert algorithm.groupId() == "review"
    assert "fine-tune" in algorithm.tags()
    ids = [parameter.name() for parameter in algorithm.parameterDefinitions()]
    assert ids == ["INPUT", "CLASSES", "REGIONS", "CORRECTIONS", "BANDS", "CROP", "VALIDATION", "APPEND", "OUTPUT"]
    for parameter in algorithm.parameterDefinitions():
        assert parameter.help() in algorithm.shortHelpString()
    assert {output.name() for output in algorithm.outputDefinitions()} == {"OUTPUT", "TRAIN", "VAL", "JUDGED"}
    engine = samples.SampleOptions()
    assert (engine.side, engine.validation) == (parameters.SIDE, parameters.VALIDATION)
    assert (parameters.LEAST_SIDE, parameters.MOST_SIDE) == (samples.LEAST_SIDE, samples.MOST_SIDE)


def test_labels_are_the_judgements(cut, labels, regions, corrections, tmp_path, feedback):
    """'right' keeps the raster's class, 'wrong' and corrections bring theirs, all else is 255; images are the image."""
    results = cut(REGIONS=regions, CORRECTIONS=corrections)
    wanted, known = corrected(labels)
    found = together(tmp_path / "samples", labels.shape)
    np.testing.assert_array_equal(found, np.where(known, wanted, 255))
    image = image_of()
    for row, col, pixels, label in pairs(tmp_path / "samples"):
        assert label.shape == (96, 96)
        np.testing.assert_array_equal(pixels, image[:, row + 10 : row + 106, col + 20 : col + 116])
    assert results["JUDGED"] == known.sum()
    assert (results["TRAIN"], results["VAL"]) == tuple(
        len(os.listdir(tmp_path / "samples" / split / "labels")) for split in ("train", "val")
    )
    assert results["VAL"] >= 1
    assert any("samples for training" in line for line in feedback.lines)


def test_the_folder_says_what_it_is(cut, regions, corrections, tmp_path):
    """classes.yaml has names, colours and values; samples.json tells where all comes from."""
    cut(REGIONS=regions, CORRECTIONS=corrections)
    text = (tmp_path / "samples" / "classes.yaml").read_text()
    lines = [line.strip() for line in text.splitlines() if line.startswith("  - ")]
    assert lines == [
        '- {name: "road", colour: "C80000", value: 0}',
        '- {name: "<b>tree</b>", colour: "00C800", value: 1}',
        '- {name: "water", colour: "0000C8", value: 2}',
    ]
    assert "ignore: [255]" in text
    listed = json.loads((tmp_path / "samples" / "samples.json").read_text())
    (raster,) = listed["rasters"]
    assert (raster["right"], raster["wrong"], raster["corrections"]) == (1, 1, 2)
    assert raster["raster"] == str(tmp_path / "image.tif")
    assert raster["class_raster"] == str(tmp_path / "classes.tif")
    assert raster["bands"] == [1, 2, 3]


@pytest.mark.parametrize(("bands", "dtype"), [(4, np.uint8), (5, np.uint16)])
def test_bands_and_bits(cut, corrections, tmp_path, bands, dtype):
    """Any number of bands, 16 bits; BANDS choose, in the order that is given."""
    data = image_of(bands, dtype) * (200 if dtype == np.uint16 else 1)
    image = write_image(tmp_path / "many.tif", data)
    cut(INPUT=image, CORRECTIONS=corrections, BANDS=[bands, 1], OUTPUT=str(tmp_path / "two"))
    for row, col, pixels, _ in pairs(tmp_path / "two"):
        assert pixels.dtype == dtype
        np.testing.assert_array_equal(pixels, data[[-1, 0], row + 10 : row + 106, col + 20 : col + 116])


def test_several_rasters_make_one_set(cut, regions, corrections, labels, tmp_path):
    """Added to the folder when asked; the same raster again replaces its own samples."""
    first = cut(REGIONS=regions, CORRECTIONS=corrections)
    other = write_image(tmp_path / "other.tif", 250 - image_of())
    cut(INPUT=other, REGIONS=regions, APPEND=True)
    listed = json.loads((tmp_path / "samples" / "samples.json").read_text())
    assert len(listed["rasters"][0]["samples"]) == first["TRAIN"] + first["VAL"]
    assert len(listed["rasters"]) == 2
    cut(CORRECTIONS=corrections, APPEND=True)
    cut(INPUT=other, CORRECTIONS=corrections, APPEND=True)
    listed = json.loads((tmp_path / "samples" / "samples.json").read_text())
    counts = [len(entry["samples"]) for entry in listed["rasters"]]
    assert counts[0] == counts[1] == len(list(pairs(tmp_path / "samples"))) / 2
    assert len(DRAWN) == listed["rasters"][0]["corrections"]


def test_one_sample_is_told_to_be_few(cut, tmp_path, feedback):
    from tests.qgis.corrections.cases import wkt

    rows = [(wkt((60, 40), (70, 40), (70, 50)), {"status": "right"})]
    results = cut(REGIONS=write_regions(tmp_path / "one.gpkg", rows))
    assert (results["TRAIN"], results["VAL"]) == (1, 0)
    assert any("One sample is not enough" in line for line in feedback.warnings)


def test_temporary_folder(cut, corrections):
    """The dialog's default."""
    results = cut(CORRECTIONS=corrections, OUTPUT="TEMPORARY_OUTPUT")
    assert os.path.exists(os.path.join(results["OUTPUT"], "classes.yaml"))


def test_qgis_process_runs_it(qgis_process, image, classes, regions, labels, tmp_path):
    done = qgis_process(
        "--json", "run", "uhrs:trainingsamples", "--", f"INPUT={image}", f"CLASSES={classes}", f"REGIONS={regions}",
        "CROP=96", "VALIDATION=0.5", "BANDS=3", "BANDS=1", f"OUTPUT={tmp_path / 'samples'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["VAL"] == (results["TRAIN"] + results["VAL"]) // 2
    wanted, known = corrected(labels, drawn=[])
    np.testing.assert_array_equal(together(tmp_path / "samples", labels.shape), np.where(known, wanted, 255))
    name = next(iter((tmp_path / "samples" / "train" / "images").iterdir()))
    assert read(name).shape == (2, 96, 96)
