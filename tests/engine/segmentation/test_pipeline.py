"""Whole runs: what comes out, block by block and whole, and what stands in its metadata."""

import json
import os
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.engine.fakes import NeighbourStreams, fake_bundle
from tests.engine.memory_raster import MemoryRaster, gradient, source_of
from tests.engine.raster_cases import put, vrt_band, write_vrt
from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.flow import Message, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs.targets import Outputs
from uhrs_qgis_plugin.engine.raster import backends
from uhrs_qgis_plugin.engine.raster.metadata import read_categories
from uhrs_qgis_plugin.engine.raster.mosaic import parsing
from uhrs_qgis_plugin.engine.segmentation import DeviceChosen, Stage, StageBegun, pipeline
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning.options import Options

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # rasterio warns of rasters without georeference


def _segment(raster, folder, patch_side=32, **options):
    ratio = options.pop("ratio", None if "threshold" in options else 0.5)
    bundle = fake_bundle(patch_side=patch_side)
    report = segment(raster, bundle, outputs_in(folder), Options(ratio=ratio, **options))
    labels, info = read_whole(folder / "classes.tif")
    cells, _ = read_whole(folder / "uncertainty.tif")
    return labels[0], cells, info, report


def test_a_mosaic_is_parsed_once_in_a_run(make_raster, streams, out, tmp_path, monkeypatch):
    source = make_raster(width=100, height=90)
    path = write_vrt(tmp_path, "".join(vrt_band(band, "Byte", source) for band in (1, 2, 3)), size=(100, 90))
    parsed = []
    parse = ElementTree.fromstring
    monkeypatch.setattr(parsing.ElementTree, "fromstring", lambda text: parsed.append(text) or parse(text))
    _segment(path, out, **SMALL)
    assert len(parsed) == 1


def test_the_rasters_of_a_folder_are_opened_once_in_a_run(make_raster, streams, out, tmp_path, monkeypatch):
    folder = tmp_path / "rasters"
    for number in range(3):
        put(make_raster, folder, f"{number}.tif", 0, 40 * number, width=40, height=90)
    os.replace(write_vrt(tmp_path, vrt_band(1, "Byte", str(folder / "0.tif")), size=(40, 90)), folder / "all.vrt")
    opened, parsed = [], []
    backend = backends.backend_of("auto")
    parse, open_source = ElementTree.fromstring, backend.open_source
    monkeypatch.setattr(parsing.ElementTree, "fromstring", lambda text: parsed.append(text) or parse(text))
    monkeypatch.setattr(backend, "open_source", lambda name, path: opened.append(path) or open_source(name, path))
    labels, _, _, _ = _segment(str(folder), out, **SMALL)
    assert labels.shape == (90, 120)
    assert len(parsed) == 1
    assert sorted(path for path in opened if path.startswith(f"{folder}{os.sep}")) == [
        str(folder / f"{number}.tif") for number in range(3)
    ]


def test_low_stream_is_given_back_before_the_high_one_needs_memory(make_raster, streams, out):
    _segment(make_raster(width=200, height=150), out, **SMALL)
    (low, before), *others = streams.forgotten
    assert (low, before) == ("low", 0)
    assert others == [("high", len(streams.high_batches)), ("fuse", len(streams.high_batches))]
    assert streams.high_batches


@pytest.mark.parametrize(("height", "width"), [(200, 300), (131, 77), (20, 31), (1, 1)])
def test_small_scenes_blocks_and_batches_change_nothing(make_raster, streams, out, height, width):
    """Scenes do not overlap here: blended pixelwise features are equal up to rounding only."""
    raster = make_raster(width=width, height=height)
    whole = _segment(raster, out)
    parts = _segment(raster, out, scene_side=96, scene_overlap=0, block_side=64, batch_size=3)
    assert np.array_equal(whole[0], parts[0])
    assert np.array_equal(whole[1], parts[1])
    assert whole[0].shape == (height, width)


def test_blocks_change_nothing_when_neighbours_matter(make_raster, monkeypatch, out):
    monkeypatch.setattr(pipeline, "open_streams", lambda bundle, device, announce, precision: NeighbourStreams())
    raster = make_raster(width=300, height=222)
    whole = _segment(raster, out)
    parts = _segment(raster, out, block_side=64, batch_size=2)
    assert np.array_equal(whole[0], parts[0])
    assert np.array_equal(whole[1], parts[1])


def test_labels_are_where_their_pixels_are(streams, make_raster, out):
    """Written by hand from the fakes' rules, with K = 1 and U = mean / 255 of a plain raster."""
    data = np.full((3, 64, 64), 40, np.uint8)
    data[:, 32:, :32] = 200
    labels, cells, _, _ = _segment(make_raster(width=64, height=64, data=data), out, ratio=1.0)
    for grey, rows, cols in ((40, slice(0, 32), slice(0, 64)), (200, slice(32, 64), slice(0, 32))):
        weight = np.float32(grey / 255)
        fused = (1 - weight) * grey + weight * (grey + 37)
        assert (labels[rows, cols] == int(fused) // 8 % 3).all()
        assert (cells[0, rows.start // 8 : rows.stop // 8, : cols.stop // 8] == round(254 * grey / 255)).all()


@pytest.mark.parametrize(("ratio", "expected"), [(0.0, 0), (1.0, 70), (0.25, 18), (None, 35)])
def test_ratio(make_raster, streams, out, ratio, expected):
    report = segment(
        make_raster(width=300, height=200), fake_bundle(patch_side=32), outputs_in(out), Options(ratio=ratio, **SMALL)
    )
    assert report.patches == 70
    assert report.selected_patches == len(streams.patches) == expected
    assert report.ratio == pytest.approx(expected / 70)
    assert report.ratio_asked == (0.5 if ratio is None else ratio)


def test_threshold(make_raster, streams, out):
    data = np.full((3, 64, 96), 51, np.uint8)
    data[:, :32, 32:64] = 255
    raster = make_raster(width=96, height=64, data=data)
    for threshold, expected in ((1.0, 1), (0.21, 1), (0.2, 6), (0.0, 6)):
        report = _segment(raster, out, threshold=threshold)[3]
        assert report.selected_patches == expected
        assert (report.ratio_asked, report.threshold) == (None, threshold)


@pytest.mark.parametrize("kind", ["nodata", "alpha", "mask"])
def test_quadrant_without_data(make_raster, streams, out, kind):
    how = {"nodata": {"nodata": 0}, "alpha": {"alpha": True}, "mask": {"mask": True}}[kind]
    labels, cells, info, report = _segment(make_raster(width=256, height=128, **how), out, **SMALL, ratio=1.0)
    hole = np.zeros((128, 256), bool)
    hole[:64, :128] = True
    assert np.array_equal(labels == 255, hole)
    assert np.array_equal(cells[0] == 255, hole[::8, ::8])
    assert np.array_equal(cells[1] == 255, hole[::8, ::8])
    assert report.valid_pixels == 256 * 128 * 3 // 4
    assert (report.patches, report.selected_patches) == (24, 24)
    assert info.count == 1


def test_only_no_data(make_raster, streams, out):
    data = np.zeros((3, 64, 64), np.uint8)
    labels, cells, _, report = _segment(make_raster(width=64, height=64, data=data, nodata=0), out)
    assert (labels == 255).all()
    assert (cells == 255).all()
    assert (report.patches, report.selected_patches, report.valid_pixels, report.ratio) == (0, 0, 0, 0)
    assert streams.low_shapes == streams.fuse_shapes == []


ROTATED = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)
SOUTH_UP = (500000.0, 0.5, 0.0, 5000000.0, 0.0, 0.5)


@pytest.mark.parametrize("transform", [None, ROTATED, SOUTH_UP])
def test_georeference_is_kept(make_raster, streams, out, transform):
    raster = make_raster(width=90, height=50, transform=transform)
    _, source = read_whole(raster)
    _, _, info, report = _segment(raster, out)
    assert info.transform == pytest.approx(source.transform)
    assert info.crs_wkt == source.crs_wkt != ""
    _, coarse = read_whole(out / "uncertainty.tif")
    assert (coarse.width, coarse.height) == (12, 7)
    x, x_col, x_row, y, y_col, y_row = source.transform
    assert coarse.transform == pytest.approx((x, 8 * x_col, 8 * x_row, y, 8 * y_col, 8 * y_row))
    area = abs(x_col * y_row - x_row * y_col)
    for entry in report.classes:
        assert entry["area_m2"] == pytest.approx(entry["pixels"] * area)


def test_no_georeference(make_raster, streams, out):
    _, _, info, report = _segment(make_raster(width=90, height=50, transform=(), crs=""), out)
    assert not info.has_transform
    assert info.crs_wkt == ""
    assert report.classes[0]["area_m2"] is None
    _, coarse = read_whole(out / "uncertainty.tif")
    assert coarse.transform == (0, 8, 0, 0, 0, -8)  # where QGIS draws a raster without georeference


def test_bounds_are_a_raster_of_their_own(make_raster, streams, out):
    data = gradient(200, 300)
    raster = make_raster(width=300, height=200, data=data)
    left, top = 500000 + 0.5 * 50, 5000000 - 0.5 * 30
    labels, cells, info, report = _segment(raster, out, bounds=(left, top - 40, left + 55, top))
    assert (report.width, report.height) == (110, 80)
    assert info.transform == pytest.approx((left, 0.5, 0, top, 0, -0.5))
    part = make_raster(width=110, height=80, data=data[:, 30:110, 50:160])
    expected = _segment(part, out)
    assert np.array_equal(labels, expected[0])
    assert np.array_equal(cells, expected[1])


def test_bands_are_mapped_in_order(make_raster, streams, out):
    data = gradient(64, 64, bands=5)
    chosen = _segment(make_raster(width=64, height=64, count=5, data=data), out, bands=(5, 1, 3))
    expected = _segment(make_raster(width=64, height=64, data=data[[4, 0, 2]]), out)
    assert np.array_equal(chosen[0], expected[0])


def test_uncertainty_is_optional(make_raster, streams, out):
    segment(make_raster(), fake_bundle(), Outputs(str(out / "classes.tif")))
    assert sorted(os.listdir(out)) == ["classes.tif", "classes.tif.aux.xml"]


@pytest.mark.parametrize("cell", [1, 2, 4])
def test_finer_uncertainty(make_raster, streams, out, cell):
    raster = make_raster(width=99, height=70)
    native = _segment(raster, out)[1]
    finer = _segment(raster, out, uncertainty_cell=cell)[1]
    rows, cols = -(-70 // cell), -(-99 // cell)
    assert np.array_equal(finer, native.repeat(8 // cell, 1).repeat(8 // cell, 2)[:, :rows, :cols])


def test_outputs_say_what_they_are(make_raster, streams, out):
    raster = make_raster(width=90, height=50)
    report = _segment(raster, out)[3]
    assert read_categories(str(out / "classes.tif")) == ("class0", "class1", "class2")
    written = json.loads((out / "report.json").read_text())
    assert written == json.loads(report.to_json())
    assert written["raster"] == raster
    assert written["pixels"] == written["valid_pixels"] == 4500
    assert sum(entry["pixels"] for entry in written["classes"]) == 4500
    assert set(written["seconds"]) == {"check", "coarse", "select", "refine", "publish", "total"}
    assert written["pixels_read"]["coarse"] == 22 * 12
    assert written["device"] == "fake"
    assert written["model_sha256"] == "0" * 64
    metadata = _metadata(out / "uncertainty.tif")
    assert metadata["UHRS_MODEL"] == "fake"
    assert metadata["UHRS_MODEL_SHA256"] == "0" * 64
    assert json.loads(metadata["UHRS_OPTIONS"])["ratio"] == 0.5
    assert metadata["names"] == ["resolution-biased uncertainty (U)", "final uncertainty"]
    assert metadata["scales"] == pytest.approx([1 / 254, 1 / 254])
    assert metadata["nodata"] == 255


def _metadata(path):
    try:
        from osgeo import gdal
    except ImportError:
        import rasterio

        with rasterio.open(path) as file:
            return {**file.tags(), "names": list(file.descriptions), "scales": file.scales, "nodata": file.nodata}
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(index) for index in (1, 2)]
    return {
        **dataset.GetMetadata(),
        "names": [band.GetDescription() for band in bands],
        "scales": [band.GetScale() for band in bands],
        "nodata": bands[0].GetNoDataValue(),
    }


def test_progress_rises_to_one(make_raster, streams, out):
    shares, events = [], []
    watch = Watch(shares.append, notify=events.append)
    segment(make_raster(width=200, height=200), fake_bundle(patch_side=32), outputs_in(out), Options(**SMALL), watch)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    check, *later = (StageBegun(stage) for stage in Stage)
    told = [event for event in events if not isinstance(event, Message)]
    assert told == [check, DeviceChosen(streams.device, streams.precision), *later]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_real_model_end_to_end(make_raster, out, tmp_path, dtype):
    """The tiny bundle's graphs average, so on an even raster the classes are known."""
    data = np.full((4, 100, 200), 20, dtype)
    data[:, :, 100:] = 240
    raster = make_raster(width=200, height=100, count=4, dtype=dtype, data=data)
    path = tmp_path / "tiny.uhrs"
    write_tiny_bundle(path, bands=4, dtype=dtype)
    report = segment(raster, path, outputs_in(out), Options(device="cpu", ratio=0.5))
    labels, _ = read_whole(out / "classes.tif")
    assert (labels[0, :, :84] == 0).all()
    assert (labels[0, :, 116:] == 2).all()
    cells, _ = read_whole(out / "uncertainty.tif")
    assert (cells[0, :, :8] == round(254 * 20 / 255)).all()
    assert report.device == "cpu"
    assert report.selected_patches == 1


def test_real_model_blockwise_equals_whole(make_raster, out, tmp_path):
    raster = make_raster(width=700, height=500)
    bundle = write_tiny_bundle(tmp_path / "tiny.uhrs")
    results = []
    for side in (2048, 256):
        segment(raster, bundle, outputs_in(out), Options(device="cpu", block_side=side, batch_size=side // 128))
        results.append((read_whole(out / "classes.tif")[0], read_whole(out / "uncertainty.tif")[0]))
    assert np.array_equal(results[0][0], results[1][0])
    # Rounding 254 * U may differ by one where another array size makes onnxruntime add in another order.
    assert np.abs(results[0][1].astype(int) - results[1][1].astype(int)).max() <= 1


def test_source_reads_nothing_outside_the_window():
    raster = MemoryRaster(gradient(100, 100))
    source = source_of(raster, window=Window(10, 20, 45, 33))
    source.read_scene(Window(0, 0, 64, 64))
    source.read_full(Window(32, 32, 32, 32), None)
    assert [window for window, _ in raster.reads] == [Window(10, 20, 44, 32), Window(42, 52, 13, 1)]
