import numpy as np
import pytest

from tests.engine.memory_raster import MemoryRaster
from tests.engine.raster_cases import NORTH_UP, noise, write_bits
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import (
    Stretch,
    StretchedReader,
    WorkingReader,
    check_stretch,
    few_bits,
    measure_stretch,
    open_raster,
)
from uhrs_qgis_plugin.engine.raster.views import stretch as module
from uhrs_qgis_plugin.engine.raster.views.stretch import stretched

TYPES = ("uint16", "int16", "uint32", "int32", "float32", "float64")


def _nothing():
    """Stands for a check that never stops."""


def _measured(path, backend, bands=(1, 2, 3)):
    with open_raster(path, backend) as reader:
        return measure_stretch(reader, bands, _nothing)


def test_stretch_of_what_is_no_number():
    values = np.array([np.nan, np.inf, -np.inf, 5], "float32")
    assert stretched(values, (0, 10)).tolist() == [0, 255, 0, 128]


@pytest.mark.parametrize("dtype", TYPES)
def test_percentiles_of_pixels_that_hold_data(make_raster, backend, dtype):
    image = (noise(3, 60, 80).astype(np.float64) * 100 + 1000).astype(dtype)
    image[1] += 300
    image[:, :30] = -9999 if np.dtype(dtype).kind != "u" else 65535
    nodata = float(image[0, 0, 0])
    result = _measured(make_raster(data=image, nodata=nodata), backend)
    expected = {band: tuple(np.percentile(image[band - 1, 30:], (0.5, 99.5))) for band in (1, 2, 3)}
    assert sorted(result.limits) == [1, 2, 3]
    for band in (1, 2, 3):
        assert result.limits[band] == pytest.approx(expected[band])
    assert "0.5 to 99.5 per cent" in result.reason


def test_nodata_stays_and_clipped_numbers_are_data(make_raster, backend):
    image = np.full((3, 32, 32), 5000, np.uint16)
    image[:, :8] = 65535  # no data
    image[:, 8:16] = 0  # below the limits
    image[:, 16:20] = 60000  # above them
    with StretchedReader(
        open_raster(make_raster(data=image, nodata=65535), backend), Stretch(dict.fromkeys((1, 2, 3), (1000, 9000)), "")
    ) as reader:
        assert reader.info.dtypes == ("uint8",) * 3
        assert reader.info.has_mask
        window = Window(0, 0, 32, 32)
        pixels, valid = reader.read([1, 2, 3], window), reader.read_valid([1, 2, 3], window)
        assert valid.any(axis=1).tolist() == [False] * 8 + [True] * 24
        assert pixels[0, 8:, 0].tolist() == [0] * 8 + [255] * 4 + [128] * 12
        # A cell half of which is no data is the average of its other pixels.
        assert reader.read([1], window, (2, 8))[0, 0, 0] == 0
        assert reader.may_hold_data(window)
        assert reader.unreadable == []


def test_numbers_of_8_bits_in_a_wider_type_stay(make_raster, backend):
    image = noise(3, 40, 40).astype(np.uint16)
    result = _measured(make_raster(data=image), backend)
    assert result.limits == dict.fromkeys((1, 2, 3), (0.0, 255.0))
    np.testing.assert_array_equal(stretched(image, result.limits[1]), image)


def test_signed_bytes_are_measured_like_other_types(make_raster, backend):
    """Numbers up to 127 do not tell that they are those of 8 bits: a signed byte holds no others."""
    image = (noise(3, 60, 80) // 2).astype(np.int8)
    result = _measured(make_raster(data=image), backend)
    for band in (1, 2, 3):
        assert result.limits[band] == pytest.approx(tuple(np.percentile(image[band - 1], (0.5, 99.5))))


@pytest.mark.parametrize("bits", [1, 2, 4, 7])
def test_bytes_of_few_bits_are_stretched_to_all(tmp_path, backend, bits):
    path = str(tmp_path / "few.tif")
    image = noise(3, 64, 64) >> (8 - bits)
    write_bits(path, image, bits)
    with open_raster(path, backend) as reader:
        assert reader.info.bits == (bits,) * 3
        stretch = few_bits(reader.info, (3, 1))
        assert stretch.limits == {3: (0, 2**bits - 1), 1: (0, 2**bits - 1)}
        with StretchedReader(reader, stretch) as stretched_reader:
            found = stretched_reader.read([3, 1], Window(0, 0, 64, 64))
    expected = np.floor(image[[2, 0]].astype(float) * 255 / (2**bits - 1) + 0.5)
    np.testing.assert_array_equal(found, expected)


def test_a_folder_uses_the_bits_of_all_its_rasters(tmp_path, backend):
    folder = tmp_path / "rasters"
    folder.mkdir()
    for number, bits in enumerate((2, 4)):
        transform = (NORTH_UP[0] + 64 * number, 1.0, 0.0, NORTH_UP[3], 0.0, -1.0)
        write_bits(str(folder / f"{number}.tif"), noise(1, 64, 64) >> (8 - bits), bits, transform)
    with open_raster(str(folder), backend) as reader:
        assert reader.info.bits == (4,)


def test_files_that_use_all_bits_have_no_few_bits(make_raster, backend):
    for data in (noise(3, 64, 64), noise(3, 64, 64).astype(np.uint16)):
        with open_raster(make_raster(data=data), backend) as reader:
            assert few_bits(reader.info, (1, 2, 3)) is None


def test_constant_bands_and_rasters_without_data(make_raster, backend):
    constant = np.full((3, 40, 40), 700, np.uint16)
    low, high = _measured(make_raster(data=constant), backend).limits[2]
    assert low < high
    nothing = _measured(make_raster(data=constant, nodata=700), backend)
    assert set(nothing.limits) == {1, 2, 3}
    assert "no pixel" in nothing.reason


def test_large_rasters_are_sampled(monkeypatch):
    monkeypatch.setattr(module, "WHOLE_PIXELS", 1000)
    rng = np.random.default_rng(0)
    raster = MemoryRaster(rng.integers(100, 60000, (1, 3000, 2900)).astype(np.uint16))
    checks = []
    result = measure_stretch(raster, [1], lambda: checks.append(1))
    assert len(checks) == 256
    assert sum(window.height * window.width for window, _ in raster.reads) <= 256 * 128 * 128
    assert result.limits[1] == pytest.approx(np.percentile(raster.data, (0.5, 99.5)), rel=0.05)


def test_small_islands_of_data_are_found(monkeypatch):
    monkeypatch.setattr(module, "WHOLE_PIXELS", 1000)
    valid = np.zeros((4000, 4000), np.bool_)
    valid[150:230, 150:230] = True
    raster = MemoryRaster(np.full((1, 4000, 4000), 900, np.uint16), valid)
    assert "no pixel" not in measure_stretch(raster, [1], _nothing).reason


@pytest.mark.parametrize(
    ("text", "limits"), [("auto", None), ("none", None), ("0,3000", (0, 3000)), ("-25 0", (-25, 0))]
)
def test_choices(text, limits):
    assert check_stretch(text) == limits


@pytest.mark.parametrize("shape", [(24, 30), (120, 150)])
def test_stretch_goes_over_a_working_grid(make_raster, backend, shape):
    small = noise(3, 60, 75)
    wide, narrow = make_raster(data=small.astype(np.uint16) * 40 + 300), make_raster(data=small)
    window = Window(0, 0, *shape)
    limits = dict.fromkeys((1, 2, 3), (300.0, 10500.0))
    with open_raster(wide, backend) as one, open_raster(narrow, backend) as other:
        result = StretchedReader(WorkingReader(one, *shape), Stretch(limits, "")).read([1, 2, 3], window)
        expected = WorkingReader(other, *shape).read([1, 2, 3], window)
    assert result.dtype == np.uint8
    np.testing.assert_allclose(result.astype(int), expected, atol=1)
