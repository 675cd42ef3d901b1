"""Files in strips read as their tiled twins, however many rows a strip has."""

import os
import struct
import tempfile
import zlib

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []

WIDTH = 24


def write(path, image, rows, compress, kind):
    """Write a GeoTIFF in strips of `rows` rows, or in tiles for None; kind is "plain", "alpha", "nodata" or "mask"."""
    count, height, width = image.shape
    mask = np.where(image[0] < 100, 0, 255).astype(np.uint8)
    if HAS_GDAL:
        from osgeo import gdal

        options = [f"COMPRESS={compress}", "INTERLEAVE=PIXEL", "PHOTOMETRIC=RGB"]
        options += ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"] if rows is None else [f"BLOCKYSIZE={rows}"]
        options += ["ALPHA=YES"] if kind == "alpha" else []
        file = gdal.GetDriverByName("GTiff").Create(path, width, height, count, gdal.GDT_Byte, options)
        for band in range(1, count + 1):
            if kind == "nodata":
                file.GetRasterBand(band).SetNoDataValue(0)
        file.WriteArray(image)
        if kind == "mask":
            gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
            file.CreateMaskBand(gdal.GMF_PER_DATASET)
            gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
            file.GetRasterBand(1).GetMaskBand().WriteArray(mask)
        file = None
        return
    import rasterio

    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": "uint8"}
    profile.update(compress=compress, interleave="pixel", photometric="RGB", tiled=rows is None)
    profile.update({"blockxsize": 64, "blockysize": 64} if rows is None else {"blockysize": rows})
    if kind == "alpha":
        profile["alpha"] = "yes"
    if kind == "nodata":
        profile["nodata"] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
        file.write(image)
        if kind == "mask":
            file.write_mask(mask)


def make_image(height, kind, seed=0):
    rng = np.random.default_rng(seed)
    image = np.repeat(rng.integers(1, 256, (3, -(-height // 4), WIDTH), np.uint8), 4, axis=1)[:, :height]
    if kind == "nodata":
        image[:, height // 3 : height // 2] = 0
    if kind == "alpha":
        alpha = np.full((1, height, WIDTH), 255, np.uint8)
        alpha[:, height // 3 : height // 2] = 0
        image = np.concatenate([image, alpha])
    return np.ascontiguousarray(image)


def seen(path, backend, windows):
    with open_raster(path, backend) as reader:
        whole = Window(0, 0, reader.info.height, reader.info.width)
        found = [reader.read([1, 2, 3], whole)]
        for window in windows:
            shape = max(1, window.height // 4), max(1, window.width // 4)
            found += [reader.read([1, 2, 3], window), reader.read([1, 2, 3], window, shape)]
            found += [reader.read_valid([1, 2, 3], window), reader.read_valid([1, 2, 3], window, shape)]
    return found


def check_equal(folder, backend, height, rows, compress, kind, windows, seed=0):
    image = make_image(height, kind, seed)
    paths = [os.path.join(folder, name) for name in ("strips.tif", "tiles.tif")]
    write(paths[0], image, rows, compress, kind)
    write(paths[1], image, None, compress, kind)
    for strips, tiles in zip(*(seen(path, backend, windows) for path in paths)):
        np.testing.assert_array_equal(strips, tiles)


@pytest.mark.parametrize("kind", ["plain", "alpha", "nodata"])
@pytest.mark.parametrize("compress", ["NONE", "LZW", "DEFLATE"])
def test_one_strip_of_many_rows_reads_as_tiles(tmp_path, backend, compress, kind):
    windows = [Window(0, 0, 512, WIDTH), Window(2004, 0, 100, WIDTH), Window(700, 4, 1000, 16)]
    check_equal(str(tmp_path), backend, 2104, 2104, compress, kind, windows)


def write_with_mask(path, image, mask, bits):
    """Write a file that GDAL cannot write: its pixels and its internal mask are large strips, one each."""
    _, height, width = image.shape
    packed = np.packbits(mask, axis=1) if bits == 1 else mask.astype(np.uint8) * 255
    strips = [zlib.compress(part.tobytes()) for part in (np.ascontiguousarray(image.transpose(1, 2, 0)), packed)]
    out, starts = bytearray(b"II*\0" + bytes(4)), []
    for strip in strips:
        starts.append(len(out))
        out += strip + bytes(len(strip) % 2)
    sample_bits = len(out)
    out += struct.pack("<4H", 8, 8, 8, 0)
    size, deflated, rgb, is_mask = [(256, 4, 1, width), (257, 4, 1, height)], (259, 3, 1, 8), 2, 4
    pixels = [*size, (258, 3, 3, sample_bits), deflated, (262, 3, 1, rgb), (273, 4, 1, starts[0]), (277, 3, 1, 3)]
    pixels += [(278, 4, 1, height), (279, 4, 1, len(strips[0])), (284, 3, 1, 1)]
    shown = [(254, 4, 1, 4), *size, (258, 3, 1, bits), deflated, (262, 3, 1, is_mask), (273, 4, 1, starts[1])]
    shown += [(277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(strips[1])), (284, 3, 1, 1)]
    struct.pack_into("<I", out, 4, len(out))
    second = len(out) + 2 + 12 * len(pixels) + 4
    for entries, following in ((pixels, second), (shown, 0)):
        out += struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            out += struct.pack("<HHI", tag, kind, count)
            out += struct.pack("<HH", value, 0) if (kind, count) == (3, 1) else struct.pack("<I", value)
        out += struct.pack("<I", following)
    with open(path, "wb") as file:
        file.write(out)


@pytest.mark.parametrize("bits", [1, 8])
def test_one_strip_with_a_mask_reads_as_tiles(tmp_path, backend, bits):
    image = make_image(2304, "plain")
    paths = [str(tmp_path / name) for name in ("strips.tif", "tiles.tif")]
    write_with_mask(paths[0], image, image[0] >= 100, bits)
    write(paths[1], image, None, "DEFLATE", "mask")
    windows = [Window(0, 0, 512, WIDTH), Window(2004, 0, 100, WIDTH), Window(700, 4, 1000, 16)]
    for strips, tiles in zip(*(seen(path, backend, windows) for path in paths)):
        np.testing.assert_array_equal(strips, tiles)


def test_a_damaged_mask_is_told_apart(tmp_path, backend):
    path = str(tmp_path / "half.tif")
    write_with_mask(path, make_image(2304, "plain"), np.ones((2304, WIDTH), np.bool_), 8)
    with open(path, "r+b") as file:
        start = file.read().rindex(b"x\x9c")  # the header of zlib: of the mask's strip
        file.seek(start)
        file.write(bytes(20))
    whole = Window(0, 0, 2304, WIDTH)
    with open_raster(path, backend) as reader:
        with pytest.raises(RasterError, match="cannot be read at"):
            reader.read_valid([1], whole)
        with pytest.raises(RasterError, match=r"its mask is damaged .* \(gdal_translate -mask none\)"):
            reader.read([1], whole, (576, WIDTH // 4))


def test_strips_of_any_height_read_as_tiles():
    pytest.importorskip("hypothesis", reason="only in the training environment")
    from hypothesis import given, settings
    from hypothesis import strategies as st

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def check(data):
        height = data.draw(st.sampled_from([1999, 2000, 2001, 2050, 4100]))
        rows = min(height, data.draw(st.sampled_from([1, 2, 7, 100, 1024, 2000, 2001, 5000])))
        compress = data.draw(st.sampled_from(["NONE", "LZW", "DEFLATE", "PACKBITS", "ZSTD"]))
        # GDAL itself cannot write the internal mask of one large strip.
        kinds = ["plain", "alpha", "nodata"] + ([] if rows == height > 2000 else ["mask"])
        kind = data.draw(st.sampled_from(kinds))
        start = data.draw(st.integers(0, height - 8))
        window = Window(start, 0, data.draw(st.integers(1, (height - start) // 4)) * 4, WIDTH)
        with tempfile.TemporaryDirectory() as folder:
            check_equal(folder, "gdal" if HAS_GDAL else "rasterio", height, rows, compress, kind, [window], start)

    check()
