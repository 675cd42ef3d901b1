"""`uhrs:basemapraster` on a server of tiles: pixels as they are, what is asked for, what does not come, whose it is."""

import os

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsTask,
)
from qgis.PyQt.QtCore import QThread

from tests.qgis.basemap.tile_server import TileServer, colours_of

EDGE = 20037508.342789244
ZOOM, X, Y = 17, 85000, 46000  # at 47 degrees north
PIXEL = 2 * EDGE / 256 / 2**ZOOM
STRETCHED = 3_40_07  # QGIS whose tiles reach beyond their pixels; some of these versions do not


@pytest.fixture(scope="module")
def serving():
    server = TileServer()
    yield server
    server.close()


@pytest.fixture
def server(serving):
    serving.statuses.clear()
    serving.everywhere, serving.side = 0, 256
    serving.asked.clear()
    return serving


_count = iter(range(10**6))


@pytest.fixture
def layer(provider, server):
    made = QgsRasterLayer(server.source(next(_count)), "aerial", "wms")
    assert made.isValid()
    return made


def extent(row=10, col=20, height=500, width=700):
    """An extent by rows and columns from the corner of tile (X, Y)."""
    left, top = (256 * X + col) * PIXEL - EDGE, EDGE - (256 * Y + row) * PIXEL
    return f"{left},{left + width * PIXEL},{top - height * PIXEL},{top} [EPSG:3857]"


def run(layer, tmp_path, context, feedback, **changes):
    parameters = {
        "INPUT": layer,
        "EXTENT": extent(),
        "PIXEL_SIZE": 0.8,
        "OUTPUT": str(tmp_path / "part.tif"),
        **changes,
    }
    return processing.run("uhrs:basemapraster", parameters, context=context, feedback=feedback)


def assert_pixels(found, row=10, col=20, side=256, valid=True):
    """Pixels, counted from the corner of tile (X, Y), are those of the tiles.

    Newer QGIS gives the outermost pixels of tiles those beside them at times.
    """
    rows, cols = np.arange(row, row + found.shape[1]) + 256 * Y, np.arange(col, col + found.shape[2]) + 256 * X
    same = (found == colours_of(rows, cols)).all(0)
    outermost = np.logical_or.outer(*((places + 1) % side <= 1 for places in (rows, cols)))
    if Qgis.versionInt() >= STRETCHED:
        shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        near = [(found == colours_of(rows + down, cols + right)).all(0) for down, right in shifts]
        same |= outermost & np.any(near, 0)
    assert (same | ~np.broadcast_to(valid, same.shape)).all()


def test_pixels_are_those_of_the_tiles(layer, server, tmp_path, context, feedback):
    results = run(layer, tmp_path, context, feedback)
    dataset = gdal.Open(results["OUTPUT"])
    pixels = dataset.ReadAsArray()
    assert_pixels(pixels[:3])
    assert (pixels[3] == 255).all()
    assert dataset.GetGeoTransform() == pytest.approx(
        ((256 * X + 20) * PIXEL - EDGE, PIXEL, 0, EDGE - (256 * Y + 10) * PIXEL, 0, -PIXEL)
    )
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "3857"
    assert [dataset.GetRasterBand(number).GetColorInterpretation() for number in (1, 2, 3, 4)] == [3, 4, 5, 6]
    assert (results["TILES"], results["MISSING_TILES"]) == (6, 0)
    assert 0.79 < results["PIXEL_SIZE_M"] < 0.83
    assert len(server.asked) == 6, "each tile once, and none beside the extent"
    assert all(path.startswith(f"/{ZOOM}/") for path in server.asked)
    assert "6 tiles are asked for" in feedback.lines[0]


@pytest.mark.parametrize("kind", ["wmts", "wmts of 512", "retina"])
def test_pixels_of_other_tiles_are_as_they_are(provider, server, tmp_path, context, feedback, kind):
    """Where a layer begins between two pixels, and where tiles have 512 pixels along a side."""
    server.side = 256 if kind == "wmts" else 512
    source = (
        f"{server.source(next(_count))}&tilePixelRatio=2" if kind == "retina" else server.tiles_source(next(_count))
    )
    layer = QgsRasterLayer(source, "aerial", "wms")
    assert layer.isValid()
    zoom, x, y = 16, 42509, 23020
    pixel = 2 * EDGE / server.side / 2**zoom
    top, left, height, width = server.side * y + 700, server.side * x + 300, 900, 1100
    server.asked.clear()
    bounds = (left * pixel - EDGE, (left + width) * pixel - EDGE, EDGE - (top + height) * pixel, EDGE - top * pixel)
    place = ",".join(map(repr, bounds)) + " [EPSG:3857]"
    results = run(layer, tmp_path, context, feedback, EXTENT=place, PIXEL_SIZE=float(pixel * np.cos(np.radians(47.1))))
    dataset = gdal.Open(results["OUTPUT"])
    pixels = dataset.ReadAsArray()
    assert_pixels(pixels[:3], top - 256 * Y, left - 256 * X, server.side)
    assert dataset.GetGeoTransform() == pytest.approx((bounds[0], pixel, 0, bounds[3], 0, -pixel))
    rows, cols = (
        (end - 1) // server.side - start // server.side + 1
        for start, end in ((top, top + height), (left, left + width))
    )
    assert results["TILES"] == rows * cols == len(server.asked) == len(set(server.asked))
    assert results["MISSING_TILES"] == 0


def test_blocks_ask_for_each_tile_once(layer, server, tmp_path, context, feedback):
    place = {"row": 700, "col": 900, "height": 1100, "width": 300}  # over the borders of blocks of 1024 pixels
    results = run(layer, tmp_path, context, feedback, EXTENT=extent(**place))
    assert_pixels(gdal.Open(results["OUTPUT"]).ReadAsArray()[:3], place["row"], place["col"])
    assert len(server.asked) == len(set(server.asked)) == results["TILES"] == 12


def test_missing_tiles_are_no_data_and_a_warning(layer, server, tmp_path, context, feedback):
    server.statuses.update({(X, Y): 404, (X + 1, Y + 1): 500})
    results = run(layer, tmp_path, context, feedback)
    pixels, valid = gdal.Open(results["OUTPUT"]).ReadAsArray(), np.ones((500, 700), bool)
    valid[:246, :236] = valid[246:502, 236:492] = False
    np.testing.assert_array_equal(pixels[3] == 255, valid)
    assert_pixels(pixels[:3], valid=valid)
    assert not pixels[:, ~valid].any()
    assert results["MISSING_TILES"] == 2
    [warning] = [text for text in feedback.warnings if "did not come" in text]
    assert "2 of 6 tiles" in warning
    assert "HTTP 404" in warning
    assert "HTTP 500" in warning


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "None of 6 tiles came: HTTP 404"), (429, "refuses to be read .HTTP 429"), (403, "HTTP 403")],
)
def test_a_service_that_gives_nothing_is_an_error(layer, server, tmp_path, context, feedback, status, reason):
    server.everywhere = status
    with pytest.raises(QgsProcessingException, match=reason):
        run(layer, tmp_path, context, feedback)
    assert os.listdir(tmp_path) == []


def test_a_refused_tile_stops_the_run(layer, server, tmp_path, context, feedback):
    server.statuses[X + 1, Y] = 429
    with pytest.raises(QgsProcessingException, match="refuses"):
        run(layer, tmp_path, context, feedback)
    assert os.listdir(tmp_path) == []


def test_too_many_tiles_are_refused_before_anything_is_fetched(layer, server, tmp_path, context, feedback):
    for changes in ({"MAX_TILES": 5}, {"EXTENT": extent(height=10**6, width=10**6)}):
        with pytest.raises(QgsProcessingException, match="MAX_TILES allows"):
            run(layer, tmp_path, context, feedback, **changes)
    assert server.asked == []
    assert run(layer, tmp_path, context, feedback, MAX_TILES=6)["TILES"] == 6


@pytest.mark.parametrize(("pixel_m", "zoom"), [(0.01, 18), (0.6, 17), (1.2, 16), (3.1, 15)])
def test_the_nearest_zoom_level_is_read(layer, server, tmp_path, context, feedback, pixel_m, zoom):
    run(layer, tmp_path, context, feedback, PIXEL_SIZE=pixel_m)
    assert {path.split("/")[1] for path in server.asked} == {str(zoom)}
    assert any("no zoom level near" in text for text in feedback.warnings) == (pixel_m == 0.01)


def test_the_attribution_is_in_the_file_and_the_key_is_not(layer, tmp_path, context, feedback):
    metadata = layer.metadata()
    metadata.setRights(["© The Survey"])
    metadata.setLicenses(["CC BY 4.0"])
    layer.setMetadata(metadata)
    path = run(layer, tmp_path, context, feedback)["OUTPUT"]
    items = gdal.Open(path).GetMetadata()
    assert items["TIFFTAG_COPYRIGHT"] == "© The Survey; CC BY 4.0"
    assert (items["TIFFTAG_IMAGEDESCRIPTION"], items["UHRS_SERVICE"]) == ("aerial", "127.0.0.1")
    with open(path, "rb") as file:
        assert b"secret" not in file.read()
    assert any("The Survey" in text for text in feedback.lines)
    assert feedback.warnings == []


def test_a_layer_without_attribution_is_named(layer, tmp_path, context, feedback):
    run(layer, tmp_path, context, feedback)
    assert any("names no attribution" in text for text in feedback.warnings)


def test_a_map_server_draws_any_pixel_size(provider, server, tmp_path, context, feedback):
    layer = QgsRasterLayer(server.map_source(), "ortho", "wms")
    assert layer.isValid()
    server.asked.clear()
    bounds = {"EXTENT": "500000.3,501500,4999000,4999999.6 [EPSG:32633]"}
    results = run(layer, tmp_path, context, feedback, PIXEL_SIZE=1.0004, MAX_TILES=100, **bounds)  # 1 m in the plane
    dataset = gdal.Open(results["OUTPUT"])
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32633"
    x, size, _, y, _, _ = dataset.GetGeoTransform()
    assert size == pytest.approx(1, abs=2e-4)
    assert (x, y) == (pytest.approx(500000, abs=size), pytest.approx(5000000, abs=size))
    pixels = dataset.ReadAsArray()
    rows = np.floor(5100000 - y + (np.arange(dataset.RasterYSize) + 0.5) * size).astype(int)
    cols = np.floor(x - 400000 + (np.arange(dataset.RasterXSize) + 0.5) * size).astype(int)
    assert (pixels[:3] == colours_of(rows, cols)).mean() > 0.99  # but where a place lies on the border of two metres
    assert (pixels[3] == 255).all()
    server.everywhere = 1
    with pytest.raises(QgsProcessingException, match="tiles came"):
        run(layer, tmp_path, context, feedback, OUTPUT=str(tmp_path / "none.tif"), PIXEL_SIZE=2, **bounds)


def test_what_is_no_basemap_is_refused(layer, raster, tmp_path, context, feedback):
    with pytest.raises(QgsProcessingException, match="is no basemap that a service draws"):
        run(raster, tmp_path, context, feedback)
    with pytest.raises(QgsProcessingException, match="EXTENT lies outside"):
        run(layer, tmp_path, context, feedback, EXTENT="3e7,3.1e7,0,10 [EPSG:3857]")


def test_a_cancel_leaves_nothing(layer, server, tmp_path, context, feedback):
    feedback.progressChanged.connect(lambda share: feedback.cancel() if share > 30 else None)
    with pytest.raises(QgsProcessingException, match="Cancelled: nothing was written"):
        run(layer, tmp_path, context, feedback, EXTENT=extent(height=4096, width=300))
    assert os.listdir(tmp_path) == []
    assert len(server.asked) < 34


def test_it_is_read_in_a_background_task(layer, tmp_path, provider, feedback):
    algorithm = QgsApplication.processingRegistry().algorithmById("uhrs:basemapraster").create()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    parameters = {"INPUT": layer, "EXTENT": extent(), "PIXEL_SIZE": 0.8, "OUTPUT": str(tmp_path / "part.tif")}
    assert algorithm.prepare(parameters, context, feedback)
    threads = []

    def work(task):
        threads.append(QThread.currentThread() is not QgsApplication.instance().thread())
        return algorithm.runPrepared(parameters, context, feedback)

    task = QgsTask.fromFunction("read", work)
    QgsApplication.taskManager().addTask(task)
    assert task.waitForFinished(20000)
    assert threads == [True]
    assert_pixels(gdal.Open(str(tmp_path / "part.tif")).ReadAsArray()[:3])


def test_segmenting_a_basemap_names_the_way(layer, server, run_segment):
    with pytest.raises(QgsProcessingException, match="uhrs:basemapraster") as stop:
        run_segment(INPUT=layer)
    assert "if its terms allow that" in str(stop.value)
    assert "\n" not in str(stop.value).split("Unable to execute algorithm")[-1].strip()
    assert server.asked == []


@pytest.fixture
def run_segment(request):
    return request.getfixturevalue("run")
