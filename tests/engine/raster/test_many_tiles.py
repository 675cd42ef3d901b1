"""Mosaics of many rasters and lists of them: what is kept of each, what GDAL gets to see, and which files count."""

import os
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.raster_cases import put, read_all
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import backends
from uhrs_qgis_plugin.engine.raster.mosaic import parts, windows
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
    monkeypatch.setattr(windows, "MOST_FILES", 6)
    monkeypatch.setattr(parts, "MOST_FILES", 6)
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
        assert max(sources) <= 6, "what is wider is read in parts"
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


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("kind", ["plain", "nodata", "mask"])
def test_parts_read_as_the_whole(make_raster, tmp_path, monkeypatch, backend, kind, aligned):
    """Reduced and not, over edges, gaps and overlaps of files of several sizes."""
    rng = np.random.default_rng(2)
    folder = tmp_path / "tiles"
    for number in range(30):
        row, col, height, width = (int(n) for n in (*rng.integers(0, 90, 2), *rng.integers(5, 30, 2)))
        if aligned:
            row, col, height, width = (-(-n // 4) * 4 for n in (row, col, height, width))
        data = rng.integers(0 if kind == "nodata" else 1, 6, (2, height, width)).astype(np.uint8)
        more = {"nodata": 0} if kind == "nodata" else {}
        if kind == "mask" and number % 2:
            more["mask"] = True
        put(make_raster, folder, f"{number:02}.tif", row, col, data=data, **more)
    requests = []
    for _ in range(12):
        row, col, ratio = int(rng.integers(0, 20)), int(rng.integers(0, 20)), int(rng.integers(1, 6))
        if aligned:
            row, col, ratio = row // 4 * 4, col // 4 * 4, 2 ** int(rng.integers(0, 3))
        rows, cols = int(rng.integers(1, 90 // ratio)), int(rng.integers(1, 90 // ratio))
        requests.append((Window(row, col, rows * ratio, cols * ratio), (rows, cols)))
    requests.append((Window(0, 0, 90, 90), (40, 37)))

    def answers():
        with open_raster(str(folder), backend) as reader:
            return [
                (reader.read([2, 1], window, shape), reader.read_valid([1, 2], window, shape))
                for window, shape in requests
            ]

    whole = answers()
    for name, number in (("MOST_AT_ONCE", 4), ("MOST_FILES", 4)):
        monkeypatch.setattr(windows, name, number)
    monkeypatch.setattr(parts, "MOST_FILES", 4)
    for expected, found in zip(whole, answers()):
        for one, other in zip(expected, found):
            np.testing.assert_array_equal(one, other)


def test_parts_fill_a_window_and_touch_few():
    rows, cols = np.divmod(np.arange(900), 30)
    rects = np.stack([rows * 60, cols * 60, rows * 60 + 64, cols * 60 + 64], axis=1)  # they overlap a little
    window = Window(8, 12, 1600, 1200)  # on their edges modulo 4
    filled = np.zeros((1600, 1200), np.uint8)
    for part in parts.parts_of(window, (4, 4), rects):
        assert not any(number % 4 for number in (part.row - 8, part.col - 12, part.height, part.width))
        filled[part.row - 8 : part.row_end - 8, part.col - 12 : part.col_end - 12] += 1
        assert parts._touch(rects, part).sum() <= parts.MOST_FILES
    assert (filled == 1).all()
    assert list(parts.parts_of(replace(window, row=9), (4, 4), rects)) == [replace(window, row=9)], "across edges"
    assert list(parts.parts_of(window, (5, 5), rects)) == [window], "no power of two"
    stack = np.tile([0, 0, 500, 500], (40, 1))
    assert list(parts.parts_of(Window(0, 0, 400, 400), (4, 4), stack)) == [Window(0, 0, 400, 400)]


def test_no_file_is_opened_for_a_mask_that_it_does_not_have(make_raster, tmp_path, backend):
    folder = put_grid(make_raster, tmp_path / "tiles", 2, 3)
    os.remove(tmp_path / "tiles" / "01_01.tif")
    with open_raster(folder, backend) as reader:
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        valid = reader.read_valid([1], Window(0, 0, 2 * SIDE, 3 * SIDE))
        with pytest.raises(RasterError):
            reader.read([1], Window(0, 0, 2 * SIDE, 3 * SIDE))
    expected = np.ones((2 * SIDE, 3 * SIDE), np.bool_)
    expected[SIDE:, SIDE : 2 * SIDE] = False
    np.testing.assert_array_equal(valid, expected)


def test_folders_are_not_listed_where_gdal_drops_the_list():
    many = [f"/a/{number}.tif" for number in range(1001)]
    assert parts.opening_options(many) == parts.UNLISTED
    assert parts.opening_options(many[1:]) == parts.opening_options([*many, "/b/1.tif"]) == {}


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
