"""Training samples: what is labelled, what the images hold, and that training reads the folder."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.areas.test_polygons import closed
from tests.engine.corrections.test_apply import APPEARANCE, labels_of, write_classes
from tests.engine.samples.cases import (
    CLASSES,
    SIDE,
    expected,
    image_of,
    judgements,
    pairs,
    place_of,
    read_all,
    write_class_raster,
    write_image,
)
from tests.environments import needs
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import WorkingReader, open_raster
from uhrs_qgis_plugin.engine.samples.cutting import SampleOptions, SampleSources, cut_samples
from uhrs_qgis_plugin.engine.samples.sample_set import SampleClass


def test_samples_hold_what_was_judged_and_nothing_else(sources, labels, tmp_path):
    """Put together by their georeference the labels are the judgements, each pixel once; images are the image."""
    done = cut_samples(sources, judgements(), str(tmp_path / "set"), SampleOptions(side=SIDE))
    whole, _ = read_all(sources.image)
    found = np.full_like(labels, 255)
    count = 0
    for _, _, image, image_info, label, label_info in pairs(tmp_path / "set"):
        row, col = place_of(label_info)
        assert label_info.transform == image_info.transform
        assert label.shape == (1, SIDE, SIDE)
        part = found[row : row + SIDE, col : col + SIDE]
        assert not ((label[0] != 255) & (part != 255)).any()
        part[label[0] != 255] = label[0][label[0] != 255]
        np.testing.assert_array_equal(image, whole[:, row + 12 : row + 12 + SIDE, col + 8 : col + 8 + SIDE])
        assert label_info.nodata == (255,)
        count += 1
    np.testing.assert_array_equal(found, expected(labels))
    assert count == done.train + done.val == done.in_set == 4
    assert done.val == 1
    np.testing.assert_array_equal(done.pixels[:4], np.bincount(found[found != 255], minlength=4))
    assert done.valid_pixels == (labels != 255).sum()


def test_bands_keep_their_roles_and_pixels_without_data_stay_such(classes, tmp_path):
    """Alpha does not go into crops: what it says does, and black pixels that hold data still do."""
    data = image_of(3, 260, 340, "uint16")
    data[2] = np.where(np.add.outer(np.arange(260), np.arange(340)) % 97 < 30, 0, 65535)
    data[:2, 100:140] = 0
    image = write_image(tmp_path / "image.tif", data, names=("NIR", "Red", "Alpha"))
    cut_samples(SampleSources(image, classes, CLASSES), judgements(), str(tmp_path / "set"), SampleOptions(side=SIDE))
    for split, name, pixels, info, _, label_info in pairs(tmp_path / "set"):
        row, col = place_of(label_info)
        there = np.s_[row + 12 : row + 12 + SIDE, col + 8 : col + 8 + SIDE]
        assert info.descriptions == ("nir", "red")
        with open_raster(str(tmp_path / "set" / split / "images" / name)) as reader:
            valid = reader.read_valid([1, 2], Window(0, 0, SIDE, SIDE))
        np.testing.assert_array_equal(valid, data[2][there] > 0)
        np.testing.assert_allclose(pixels[:, valid], data[:2][(slice(None), *there)][:, valid], atol=1)


@pytest.mark.parametrize(
    ("bands", "dtype", "nodata"), [(1, "uint8", None), (4, "uint8", 0), (5, "uint16", 65535), (2, "float32", -9999.0)]
)
def test_bands_and_types(classes, tmp_path, bands, dtype, nodata):
    """Images keep their numbers, whatever they are; a fourth band is no alpha band."""
    data = image_of(bands, 260, 340, "uint16" if dtype == "float32" else dtype).astype(dtype)
    image = write_image(tmp_path / "image.tif", data, nodata=nodata)
    cut_samples(SampleSources(image, classes, CLASSES), judgements(), str(tmp_path / "set"), SampleOptions(side=SIDE))
    for _, _, found, info, label, _ in pairs(tmp_path / "set"):
        row, col = place_of(info)
        assert set(info.dtypes) == {dtype}
        assert info.nodata == (nodata,) * bands
        assert info.alpha_bands == ()
        np.testing.assert_array_equal(found, data[:, row + 12 : row + 12 + SIDE, col + 8 : col + 8 + SIDE])
        assert label.dtype == np.uint8


def test_bands_in_the_models_order(make_raster, tmp_path, labels):
    """BANDS choose and order; without, all but alpha."""
    data = np.concatenate([image_of(3, 200, 300, "uint8"), np.full((1, 200, 300), 255, np.uint8)])
    image = make_raster(data=data, alpha=True)
    classes = write_class_raster(tmp_path / "c.tif", labels, (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5))
    for options, chosen in ((SampleOptions(SIDE), [0, 1, 2]), (SampleOptions(SIDE, bands=(3, 1)), [2, 0])):
        folder = tmp_path / f"set{len(chosen)}"
        cut_samples(SampleSources(image, classes, CLASSES), judgements(), str(folder), options)
        for _, _, found, info, _, _ in pairs(folder):
            row, col = round((5000000 - info.transform[3]) * 2), round((info.transform[0] - 500000) * 2)
            np.testing.assert_array_equal(found, data[chosen, row : row + SIDE, col : col + SIDE])


def test_training_reads_the_folder(sources, labels, tmp_path):
    """Through training's own reader: classes, colours, ignored pixels."""
    needs("torch")
    from training.data.datasets import folder

    cut_samples(sources, judgements(), str(tmp_path / "set"), SampleOptions(side=SIDE))
    classes = folder.read_classes(tmp_path / "set")
    assert classes.names == APPEARANCE.names
    assert classes.colours == ("0000FF", "C86400", "00A000", "5A5A5A")
    scenes = folder.load(tmp_path / "set", "train") + folder.load(tmp_path / "set", "val")
    every = np.concatenate([np.asarray(scene.labels).ravel() for scene in scenes])
    wanted = expected(labels)
    np.testing.assert_array_equal(np.bincount(every, minlength=256)[:4], np.bincount(wanted.ravel(), minlength=256)[:4])


def test_names_that_yaml_could_misread(sources, tmp_path):
    """Quotes, colons, accents, numbers, 'no'; and values that are not places."""
    needs("torch")
    from training.data.datasets import folder

    names = ['a "roof": {x}', "no", "été # 1", "7"]
    odd = tuple(SampleClass(value, name, (1, 2, 3)) for value, name in zip((0, 1, 2, 3), names))
    cut_samples(
        SampleSources(sources.image, sources.classes, odd), judgements(), str(tmp_path / "set"), SampleOptions(SIDE)
    )
    assert list(folder.read_classes(tmp_path / "set").names) == names


def test_inputs_that_do_not_fit(sources, classes, image, labels, tmp_path):
    shifted = write_class_raster(tmp_path / "s.tif", labels, (500004.2, 0.5, 0.0, 4999994.0, 0.0, -0.5))
    coarse = write_class_raster(tmp_path / "r.tif", labels, (500004.0, 0.6, 0.0, 4999994.0, 0.0, -0.6))
    beyond = write_class_raster(tmp_path / "b.tif", labels, (500100.0, 0.5, 0.0, 4999994.0, 0.0, -0.5))
    for other in (shifted, coarse, beyond):
        with pytest.raises(RasterError, match="does not lie on the pixels"):
            cut_samples(SampleSources(image, other, CLASSES), judgements(), str(tmp_path / "set"), SampleOptions(SIDE))
    with pytest.raises(OptionsError, match=r"hold the classes \[3\]"):
        cut_samples(
            SampleSources(image, classes, CLASSES[:3]), judgements(), str(tmp_path / "set"), SampleOptions(SIDE)
        )
    with pytest.raises(OptionsError, match="different names"):
        cut_samples(SampleSources(image, classes, CLASSES[:1] * 2), judgements(), str(tmp_path / "set"))
    with pytest.raises(OptionsError, match=r"bands=\[4\] but"):
        cut_samples(sources, judgements(), str(tmp_path / "set"), SampleOptions(SIDE, bands=(4,)))
    for wrong in ({"side": 10}, {"side": 100_000}, {"validation": 0.7}):
        with pytest.raises(OptionsError, match="not allowed"):
            SampleOptions(**wrong)
    assert not (tmp_path / "set").exists()


def test_rotated_classes_without_crs(tmp_path):
    """The georeference of a crop is exact for rotated rasters too."""
    labels = labels_of(100, 120)
    classes = write_classes(tmp_path / "c.tif", labels)
    turned = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)
    data = image_of(3, 100, 120, "uint8")
    image = write_image(tmp_path / "i.tif", data, turned)
    square = [(1, [[closed((80, 60), (110, 60), (110, 90), (80, 90))]])]
    cut_samples(
        SampleSources(image, classes, CLASSES), judgements(square), str(tmp_path / "set"), SampleOptions(side=64)
    )
    ((_, _, found, info, _, _),) = pairs(tmp_path / "set")
    x, y = info.transform[0] - turned[0], info.transform[3] - turned[3]
    col, row = np.linalg.solve([[0.4, 0.3], [0.3, -0.4]], [x, y])
    row, col = round(row), round(col)
    np.testing.assert_array_equal(found, data[:, row : row + 64, col : col + 64])


def test_classes_at_another_pixel_size(make_raster, tmp_path):
    """Where the raster was read at the model's pixel size, samples are cut at that one."""
    path = make_raster(width=403, height=300, overviews=(2, 4))
    transform = (500000.0 + 201.5 / 202 * 16, 201.5 / 202, 0.0, 5000000.0 - 8, 0.0, -1.0)
    labels = np.arange(120 * 150).reshape(120, 150).astype(np.uint8) % 4
    class_path = write_class_raster(tmp_path / "c.tif", labels, transform)
    sources = SampleSources(path, class_path, CLASSES)
    done = cut_samples(sources, judgements(), str(tmp_path / "set"), SampleOptions(side=SIDE))
    assert done.train + done.val > 0
    with WorkingReader(open_raster(path), 150, 202) as reader:
        expected = reader.read([1, 2, 3], Window(8, 16, 120, 150))
    images = sorted((tmp_path / "set").glob("*/images/*.tif"))
    for image in images:
        pixels, info = read_all(image)
        col, row = round((info.transform[0] - transform[0]) / transform[1]), round(transform[3] - info.transform[3])
        np.testing.assert_array_equal(pixels, expected[:, row : row + info.height, col : col + info.width])
