"""Strips: the tiles of a published file, copied from blocks or made of them, are those of the whole image."""

import numpy as np
import pytest

from tests.engine.output_cases import CLASSES, inspect, profile_of, read_back, write_plain
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs import (
    BlockFiles,
    Outputs,
    Publication,
    RefinedBlock,
    make_strip,
    strip_file,
    strips_of,
)
from uhrs_qgis_plugin.engine.outputs import block_mosaic as mosaic_module
from uhrs_qgis_plugin.engine.outputs.overviews import average, halve
from uhrs_qgis_plugin.engine.raster import finish_cog
from uhrs_qgis_plugin.engine.raster.cog import compress_tiles

CELL = 2
SIZES = [(1100, 1700, (512, 512)), (1100, 1700, (302, 334)), (1300, 2096, (128, 1024)), (300, 200, (512, 512))]


def nothing():
    pass


def profiles_of(height, width):
    size = {"width": -(-width // CELL), "height": -(-height // CELL)}
    return {
        "classes": profile_of(width=width, height=height, **CLASSES),
        "uncertainty": profile_of(2, scale=1 / 254, **size),
    }


def write_blocks(folder, height, width, shape):
    """Blocks of noise in squares, two of them without data; the files and what they show."""
    rng, profiles = np.random.default_rng(height), profiles_of(height, width)
    files = BlockFiles(folder, profiles, CELL, 3, shape)
    labels = rng.choice(np.array([0, 1, 2, 255], np.uint8), (-(-height // 8), -(-width // 8)))
    labels = labels.repeat(8, 0).repeat(8, 1)[:height, :width].copy()
    cells = rng.integers(0, 256, (2, -(-height // CELL), -(-width // CELL)), dtype=np.uint8)
    places = [(row, col) for row in range(0, height, shape[0]) for col in range(0, width, shape[1])]
    for index, (row, col) in enumerate(places):
        rows, cols = slice(row, row + shape[0]), slice(col, col + shape[1])
        part = (slice(None), slice(row // CELL, (row + shape[0]) // CELL), slice(col // CELL, (col + shape[1]) // CELL))
        empty = index in (1, 5)
        if empty:
            labels[rows, cols], cells[part] = 255, 255
        files.write(RefinedBlock(index, row, col, labels[rows, cols], cells[part], empty))
    return files, profiles, {"classes": labels[None], "uncertainty": cells}


def level_of(image, name, level):
    """The oracle: an overview of the whole."""
    for _ in range(level):
        image = np.stack([{"classes": halve, "uncertainty": average}[name](band, 255) for band in image])
    return image


@pytest.mark.parametrize(("height", "width", "shape"), SIZES)
def test_a_window_of_any_overview_is_that_of_the_whole(tmp_path, monkeypatch, height, width, shape):
    monkeypatch.setattr(mosaic_module, "PIECE", 64)
    files, _, images = write_blocks(tmp_path, height, width, shape)
    rng = np.random.default_rng(0)
    for name, image in images.items():
        with files.mosaic(name) as mosaic:
            for level in (0, 1, 3, 6, 8):
                whole = level_of(image, name, level)
                np.testing.assert_array_equal(mosaic.read(Window(0, 0, *whole.shape[1:]), level), whole)
                row, col = (int(rng.integers(0, side)) for side in whole.shape[1:])
                part = Window(row, col, 70, 90).clipped(*whole.shape[1:])
                np.testing.assert_array_equal(mosaic.read(part, level), whole[(slice(None), *part.slices())])


@pytest.mark.parametrize(("height", "width", "shape"), SIZES)
def test_tiles_are_those_of_the_whole_wherever_they_come_from(tmp_path, height, width, shape):
    files, profiles, images = write_blocks(tmp_path, height, width, shape)
    strips = strips_of(profiles)
    for strip in strips:
        whole = level_of(images[strip.name], strip.name, strip.level)[:, 512 * strip.row : 512 * (strip.row + 1)]
        assert (strip.pixels, strip.tiles) == (whole.size, -(-whole.shape[2] // 512))
        with files.mosaic(strip.name) as mosaic:
            assert list(mosaic.tiles(strip.level, strip.row, nothing)) == compress_tiles(whole, 0)
    assert [strip.level for strip in strips if strip.name == "classes"][-1] == 0


def test_tiles_of_blocks_are_copied(tmp_path, monkeypatch):
    files, _, _ = write_blocks(tmp_path, 1100, 1700, (512, 512))
    made = []
    monkeypatch.setattr(mosaic_module, "compress_tiles", lambda image, fill: made.append(image.shape) or [b""])
    with files.mosaic("classes") as mosaic:
        for row in range(3):
            list(mosaic.tiles(0, row, nothing))
    assert made == [(1, 512, 512), (1, 512, 512)]  # those without data


def published(tmp_path, files, profiles, watch=UNWATCHED):
    outputs = Outputs(str(tmp_path / "c.tif"), str(tmp_path / "u.tif"))
    mosaics = {name: files.mosaic(name) for name in profiles}
    strips = ((strip, make_strip(strip, mosaics[strip.name], "run", nothing)) for strip in strips_of(profiles))
    with Publication(outputs, profiles) as publication:
        publication.assemble(strips, watch)
        publication.publish("")
    return outputs


@pytest.mark.parametrize(("height", "width", "shape"), SIZES)
def test_published_files_are_what_gdal_would_write(tmp_path, height, width, shape):
    """Oracle: GDAL's own COG driver, up to overviews, for which it counts otherwise."""
    (tmp_path / "blocks").mkdir()
    files, profiles, images = write_blocks(tmp_path / "blocks", height, width, shape)
    shares = []
    outputs = published(tmp_path, files, profiles, Watch(progress=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert not list((tmp_path / "blocks").glob("strip-*"))
    for name, path in (("classes", outputs.classes), ("uncertainty", outputs.uncertainty)):
        write_plain(tmp_path / "plain.tif", profiles[name], images[name], "auto")
        finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "gdal.tif"), "nearest")
        assert inspect(path) == inspect(tmp_path / "gdal.tif")
        np.testing.assert_array_equal(read_back(path, "auto")[1], images[name])
        level = 1
        while max(images[name].shape[1:]) >> (level - 1) > 512:
            expected = level_of(images[name], name, level)
            np.testing.assert_array_equal(read_back(path, "auto", expected.shape[1:], "nearest")[1], expected)
            level += 1


def test_a_strip_that_is_there_is_not_made_again(tmp_path):
    files, profiles, _ = write_blocks(tmp_path, 300, 200, (512, 512))
    strip = strips_of(profiles)[0]
    with files.mosaic("classes") as mosaic:
        path = make_strip(strip, mosaic, "run", nothing)
    path.write_bytes(b"there")
    with files.mosaic("classes") as mosaic:
        assert make_strip(strip, mosaic, "run", nothing) == path == strip_file(tmp_path, strip)
    assert path.read_bytes() == b"there"


def test_a_block_that_is_gone_or_damaged_stops(tmp_path):
    files, profiles, _ = write_blocks(tmp_path, 1100, 1700, (302, 334))
    strip = next(strip for strip in strips_of(profiles) if strip[:3] == ("uncertainty", 0, 0))
    path = tmp_path / "block-000000-uncertainty.tiles"
    whole = path.read_bytes()
    for content, reason in ((whole[:-9], "too short"), (b"", "too short"), (None, "No such file")):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        said = f"finished part of this run.*{reason}"
        with files.mosaic("uncertainty") as mosaic, pytest.raises(OutputError, match=said):
            make_strip(strip, mosaic, "run", nothing)
    assert not list(tmp_path.glob("*strip-*"))


def test_a_cancel_and_a_full_disk_leave_no_part_of_a_strip(tmp_path, monkeypatch):
    files, profiles, _ = write_blocks(tmp_path, 1100, 1700, (302, 334))
    strip = strips_of(profiles)[-1]

    def cancel():
        raise CancelledError

    with files.mosaic(strip.name) as mosaic, pytest.raises(CancelledError):
        make_strip(strip, mosaic, "run", cancel)

    def full(image, fill):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mosaic_module, "compress_tiles", full)
    with files.mosaic(strip.name) as mosaic, pytest.raises(OutputError, match="No space left on device"):
        make_strip(strip, mosaic, "run", nothing)
    assert not list(tmp_path.glob("*strip-*"))


def test_a_cancel_while_outputs_are_put_together_leaves_nothing(tmp_path):
    (tmp_path / "blocks").mkdir()
    files, profiles, _ = write_blocks(tmp_path / "blocks", 1100, 1700, (512, 512))
    seen = []
    with pytest.raises(CancelledError):
        published(tmp_path, files, profiles, Watch(progress=seen.append, is_cancelled=lambda: len(seen) > 2))
    assert [path.name for path in tmp_path.iterdir()] == ["blocks"]
