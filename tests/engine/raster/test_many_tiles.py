"""Mosaics of many rasters and lists of them: what is kept of each, what GDAL gets to see, and which files count."""

import os

import numpy as np
import pytest

from tests.engine.raster_cases import put, read_all
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import backends
from uhrs_qgis_plugin.engine.raster.mosaic import windows
from uhrs_qgis_plugin.engine.raster.mosaic.layout import lie_on_others
from uhrs_qgis_plugin.engine.raster.mosaic.lists import read_list
from uhrs_qgis_plugin.engine.raster.opening import open_raster

SIDE = 16


def put_grid(make_raster, folder, rows, cols):
    """Tiles of 16 x 16 pixels side by side, each of one number."""
    for row in range(rows):
        for col in range(cols):
            data = np.full((1, SIDE, SIDE), 1 + row * cols + col, np.uint8)
            put(make_raster, folder, f"{row:02}_{col:02}.tif", row * SIDE, col * SIDE, data=data)
    return str(folder)


@pytest.fixture
def sources(monkeypatch):
    """How many rasters each virtual raster that GDAL opens is made of."""
    module, counts = backends.backend_of("auto"), []
    open_source = module.open_source
    monkeypatch.setattr(
        module, "open_source", lambda name, path: counts.append(name.count("<SourceBand>")) or open_source(name, path)
    )
    return counts


def test_gdal_sees_the_rasters_of_a_window_alone(make_raster, tmp_path, monkeypatch, sources):
    folder = put_grid(make_raster, tmp_path / "tiles", 8, 8)
    whole = read_all(folder, "auto")
    monkeypatch.setattr(windows, "MOST_AT_ONCE", 6)
    monkeypatch.setattr(windows, "VIEW_SIDE", 2)
    sources.clear()
    with open_raster(folder) as reader:
        for row in range(0, 128, 8):  # half a tile: from one view into the next
            part = reader.read([1], Window(row, 8, 8, 16))
            np.testing.assert_array_equal(part, whole[:, row : row + 8, 8:24])
        assert max(sources) <= 6
        views = [count for count in sources if count]
        assert len(views) == 4, "a view serves all windows inside it"
        everything = reader.read([1], Window(0, 0, 128, 128), (32, 32))
        assert max(sources) == 64
    np.testing.assert_array_equal(everything, whole[:, ::4, ::4])


def test_a_window_of_views_lies_anywhere(make_raster, tmp_path, monkeypatch, backend):
    folder = put_grid(make_raster, tmp_path / "tiles", 5, 7)
    os.remove(tmp_path / "tiles" / "02_03.tif")
    whole = read_all(folder, backend)
    with open_raster(folder, backend) as reader:
        valid = reader.read_valid([1], Window(0, 0, 80, 112))
    monkeypatch.setattr(windows, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(windows, "VIEW_SIDE", 1)
    rng = np.random.default_rng(0)
    with open_raster(folder, backend) as reader:
        for _ in range(60):
            row, col = int(rng.integers(0, 70)), int(rng.integers(0, 100))
            window = Window(row, col, int(rng.integers(1, 81 - row)), int(rng.integers(1, 113 - col)))
            part = slice(row, window.row_end), slice(col, window.col_end)
            np.testing.assert_array_equal(reader.read_valid([1], window), valid[part])
            np.testing.assert_array_equal(reader.read([1], window)[0], whole[0][part])
    with pytest.raises(ValueError, match="has been closed"):
        reader.read([1], Window(0, 0, 4, 4))


def test_rectangles_on_others_as_by_comparing_all():
    rng = np.random.default_rng(1)
    for _ in range(50):
        starts = rng.integers(0, 60, (40, 2))
        rects = np.concatenate([starts, starts + rng.integers(1, 12, (40, 2))], axis=1)
        expected = [
            any(
                other[0] < rect[2] and other[2] > rect[0] and other[1] < rect[3] and other[3] > rect[1]
                for other in rects[:number]
            )
            for number, rect in enumerate(rects)
        ]
        np.testing.assert_array_equal(lie_on_others(rects), expected)


def test_a_list_reads_as_the_folder(make_raster, tmp_path, backend):
    folder = put_grid(make_raster, tmp_path / "tiles", 2, 3)
    names = sorted(os.listdir(folder))
    (tmp_path / "tiles.txt").write_text(
        "# tiles\n\n" + "\n".join(f"tiles/{name}" for name in names[:-1]) + f"\n{folder}/{names[-1]}\n"
    )
    np.testing.assert_array_equal(read_all(str(tmp_path / "tiles.txt"), backend), read_all(folder, backend))
    with open_raster(str(tmp_path / "tiles.txt"), backend) as reader:
        assert len(reader.info.files) == 7


def test_lists_name_paths_and_addresses_each_once(tmp_path):
    (tmp_path / "a b.tif").touch()
    path = tmp_path / "x.LST"
    path.write_bytes(
        b"\xef\xbb\xbf  a b.tif  \r\nhttps://host/b.tif?sig=1#2\r\n/vsicurl/http://host/c.tif\r\na b.tif\r\n"
    )
    assert read_list(str(path)) == (
        str(tmp_path / "a b.tif"),
        "https://host/b.tif?sig=1#2",
        "/vsicurl/http://host/c.tif",
    )


@pytest.mark.parametrize("first", ["1 2 3", "500000.5,4999999.5,17", "X Y Z", "-1e3\t2\t.5"])
def test_points_are_no_list(tmp_path, first):
    path = tmp_path / "grid.txt"
    path.write_text(f"{first}\n4 5 6\n")
    assert read_list(str(path)) is None
    assert read_list(str(tmp_path / "missing.txt")) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [("\n# a\n", "lists no raster"), ("a.tif\nb.tif\n", "Line 2 of .* names 'b.tif', which is not there")],
)
def test_lists_that_cannot_be_used(tmp_path, content, reason):
    (tmp_path / "a.tif").touch()
    path = tmp_path / "list.txt"
    path.write_text(content)
    with pytest.raises(RasterError, match=reason):
        open_raster(str(path))
