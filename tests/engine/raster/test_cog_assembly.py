"""Cloud-optimised GeoTIFFs put together of tiles: every tag and every tile is what GDAL's own driver writes."""

import struct

import numpy as np
import pytest

from tests.engine.output_cases import CLASSES, inspect, labels_of, profile_of, read_back, write_plain
from tests.engine.raster_cases import HAS_GDAL, ROTATED
from uhrs_qgis_plugin.engine.errors import CancelledError, OutputError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import finish_cog
from uhrs_qgis_plugin.engine.raster.cog import CogAssembly, TileFile, assembly, compress_tiles, write_tiles
from uhrs_qgis_plugin.engine.raster.cog.tags import TILE_BYTES, TILE_OFFSETS, read_tags
from uhrs_qgis_plugin.engine.raster.types import IDENTITY

CASES = {
    "classes": {**CLASSES, "width": 1300, "height": 1100},
    "quantities": {"count": 2, "scale": 1 / 254, "width": 700, "height": 600},
    "three bands": {"count": 3, "width": 90, "height": 30, "band_names": ("a", "b", "c")},
    "nowhere": {"transform": IDENTITY, "crs_wkt": "", "width": 514, "height": 20},
    "rotated": {"transform": ROTATED, "nodata": None, "width": 30, "height": 600},
}


def nothing():
    pass


def halves(image):
    """Every second pixel, so often that all fit into a tile: the oracle's overviews are GDAL's nearest ones."""
    images = [image]
    while max(images[-1].shape[1:]) > 512:
        images.append(images[-1][:, ::2, ::2])
    return images


def assemble(tmp_path, profile, images, path="out.tif", check=nothing):
    with CogAssembly(str(tmp_path / path), profile, [image.shape[1:] for image in images[1:]]) as cog:
        for level in reversed(range(len(images))):
            for row in range(0, images[level].shape[1], 512):
                tiles = compress_tiles(images[level][:, row : row + 512], 0)
                write_tiles(tmp_path / "strip.tiles", "run", len(tiles), tiles)
                cog.append(tmp_path / "strip.tiles", level, check)
    return tmp_path / path


def directories(path):
    """The tags of all directories of a classic TIFF file, and its bytes."""
    file, found = path.read_bytes(), []
    (place,) = struct.unpack_from("<I", file, 4)
    while place:
        found.append(read_tags(file[:4] + struct.pack("<I", place) + file[8:]))
        (count,) = struct.unpack_from("<H", file, place)
        (place,) = struct.unpack_from("<I", file, place + 2 + 12 * count)
    return found, file


def framed_tiles(tags, file):
    """The tiles of a directory with four bytes around each."""
    offsets, sizes = (np.frombuffer(tags[number].content, "<u4").tolist() for number in (TILE_OFFSETS, TILE_BYTES))
    return [file[offset - 4 : offset + size + 4] for offset, size in zip(offsets, sizes)]


def told(path):
    """What the library tells of a file, but for what the sidecar beside GDAL's own adds."""
    found = inspect(path)
    return {**found, "categories": None, "scales": [scale or 1.0 for scale in found["scales"]]}


@pytest.mark.parametrize("case", CASES)
def test_tags_and_tiles_are_those_of_gdal(tmp_path, case):
    profile = profile_of(**CASES[case])
    image = labels_of(profile)
    write_plain(tmp_path / "plain.tif", profile, image, "auto")
    finish_cog(str(tmp_path / "plain.tif"), str(tmp_path / "gdal.tif"), "nearest")
    path = assemble(tmp_path, profile, halves(image))
    (own, own_file), (gdal, gdal_file) = directories(path), directories(tmp_path / "gdal.tif")
    assert len(own) == len(gdal)
    for level, (found, expected) in enumerate(zip(own, gdal)):
        spare = {34736}  # numbers of a CRS, of which older versions of GDAL leave one that nothing names
        assert {*found, *spare} == {*expected, *spare}
        same = {*expected} - {TILE_OFFSETS, *spare}
        if level:  # nearest pixels of overviews are not where GDAL takes them
            same -= {TILE_BYTES}
        assert {number: found[number] for number in same} == {number: expected[number] for number in same}
    assert framed_tiles(own[0], own_file) == framed_tiles(gdal[0], gdal_file)
    note = slice(8, own_file.index(b"EDITION=NO") + 12)
    assert own_file[note] == gdal_file[note]
    assert told(path) == told(tmp_path / "gdal.tif")
    np.testing.assert_array_equal(read_back(path, "auto")[1], image)


def test_large_files_are_bigtiffs(tmp_path, monkeypatch):
    profile = profile_of(**CLASSES)
    images = halves(labels_of(profile))
    small = assemble(tmp_path, profile, images, "small.tif")
    monkeypatch.setattr(assembly, "CLASSIC_BYTES", 1_000_000)
    large = assemble(tmp_path, profile, images, "large.tif")
    assert (small.read_bytes()[2], large.read_bytes()[2]) == (42, 43)
    assert inspect(large) == inspect(small)
    for image in images:
        np.testing.assert_array_equal(read_back(large, "auto", image.shape[1:], "nearest")[1], image)


@pytest.mark.skipif(not HAS_GDAL, reason="the validator comes with osgeo")
@pytest.mark.parametrize("most", [2_000_000_000, 1_000])
def test_the_validator_has_nothing_to_say(tmp_path, monkeypatch, most):
    from osgeo_utils.samples import validate_cloud_optimized_geotiff as validator

    monkeypatch.setattr(assembly, "CLASSIC_BYTES", most)
    profile = profile_of(**CLASSES)
    path = assemble(tmp_path, profile, halves(labels_of(profile)))
    warnings, errors, _ = validator.validate(str(path), full_check=True)
    assert (warnings, errors) == ([], [])


def test_a_file_that_lacks_a_row_is_a_bug(tmp_path):
    profile = profile_of(width=600, height=600)
    with pytest.raises(ValueError, match="does not have all"):
        CogAssembly(str(tmp_path / "out.tif"), profile, [(300, 300)]).close()


def test_a_cancel_and_a_full_disk_come_through(tmp_path, monkeypatch):
    profile = profile_of(width=600, height=600)
    images = halves(labels_of(profile))

    def cancel():
        raise CancelledError

    with pytest.raises(CancelledError):
        assemble(tmp_path, profile, images, check=cancel)
    with CogAssembly(str(tmp_path / "out.tif"), profile, [(300, 300)]) as cog:
        tiles = compress_tiles(images[1], 0)
        write_tiles(tmp_path / "strip.tiles", "run", len(tiles), tiles)
        monkeypatch.setattr(cog, "_file", Full())
        with pytest.raises(OutputError, match=r"out\.tif' cannot be written: No space left"):
            cog.append(tmp_path / "strip.tiles", 1, nothing)
        cog.close = nothing


class Full:
    """A file on a disk that is full."""

    def write(self, content):
        raise OSError(28, "No space left on device")

    def close(self):
        pass


def test_pixels_of_a_window_come_back(tmp_path):
    image = np.random.default_rng(1).integers(0, 256, (2, 700, 1100), dtype=np.uint8)
    tiles = compress_tiles(image, 0)
    write_tiles(tmp_path / "a.tiles", "run", len(tiles), tiles)
    with TileFile(tmp_path / "a.tiles", image.shape) as file:
        assert file.tiles(1, 0, 3) == tiles[3:]
        assert b"".join(file.pieces(100_000)) == b"".join(tiles)
        for rows, cols in ((slice(0, 700), slice(0, 1100)), (slice(500, 530), slice(1000, 1100))):
            window = Window(rows.start, cols.start, rows.stop - rows.start, cols.stop - cols.start)
            np.testing.assert_array_equal(file.read(window), image[:, rows, cols])


def test_a_tile_that_is_damaged_is_told(tmp_path):
    tiles = compress_tiles(np.ones((1, 512, 512), np.uint8), 0)
    write_tiles(tmp_path / "a.tiles", "run", 1, [tiles[0][:8] + b"nonsense" + tiles[0][16:]])
    with TileFile(tmp_path / "a.tiles", (1, 512, 512)) as file, pytest.raises(OutputError, match="finished part"):
        file.read(Window(0, 0, 512, 512))
