"""Mosaics that are .vrt files."""

import os

import numpy as np
import pytest

from tests.engine.raster_cases import HAS_GDAL, noise, valid_of, vrt_band, write_vrt
from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.mosaic.files import describe
from uhrs_qgis_plugin.engine.raster.opening import open_raster

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning") if not HAS_GDAL else []


def source_at(path, col, band=1):
    return (
        f"<SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>{band}</SourceBand>"
        f'<SrcRect xOff="0" yOff="0" xSize="16" ySize="12"/><DstRect xOff="{col}" yOff="0" xSize="16" ySize="12"/>'
        "</SimpleSource>"
    )


def test_gaps_of_a_vrt_are_no_data(tmp_path, make_raster, backend):
    paths = [make_raster(data=noise(1, 12, 16, seed=number)) for number in range(2)]
    bands = f"<VRTRasterBand dataType='Byte' band='1'>{source_at(paths[0], 0)}{source_at(paths[1], 32)}</VRTRasterBand>"
    path = write_vrt(tmp_path, bands, size=(48, 12))
    expected = np.ones((12, 48), bool)
    expected[:, 16:32] = False
    np.testing.assert_array_equal(valid_of(path, backend, [1]), expected)
    np.testing.assert_array_equal(valid_of(path, backend, [1], (3, 12)), expected[2::4, 2::4])
    with open_raster(path, backend) as reader:
        assert reader.info.has_mask
        assert [reader.may_hold_data(Window(0, col, 12, 15)) for col in (0, 16, 17, 18, 33)] == [
            True,
            False,
            False,
            True,
            True,
        ]
    assert describe(path).files == (path, *paths)


def test_gaps_of_a_vrt_are_told_apart_by_band(tmp_path, make_raster, backend):
    source = make_raster(data=noise(1, 12, 16))
    bands = "".join(
        f"<VRTRasterBand dataType='Byte' band='{band}'>{source_at(source, col)}</VRTRasterBand>"
        for band, col in ((1, 0), (2, 16))
    )
    path = write_vrt(tmp_path, bands, size=(32, 12))
    assert valid_of(path, backend, [1])[0].tolist() == [True] * 16 + [False] * 16
    assert valid_of(path, backend, [2])[0].tolist() == [False] * 16 + [True] * 16
    assert valid_of(path, backend, [1, 2]).all()
    with open_raster(path, backend) as reader:
        assert not reader.may_hold_data(Window(0, 16, 12, 16), [1])
        assert reader.may_hold_data(Window(0, 16, 12, 16))


def test_a_vrt_that_is_full_has_no_mask(tmp_path, make_raster, backend):
    source = make_raster(data=noise(1, 12, 16))
    bands = f"<VRTRasterBand dataType='Byte' band='1'>{source_at(source, 0)}{source_at(source, 16)}</VRTRasterBand>"
    with open_raster(write_vrt(tmp_path, bands, size=(32, 12)), backend) as reader:
        assert not reader.info.has_mask


def test_files_of_a_vrt_of_vrts(tmp_path, make_raster):
    source = make_raster(data=noise(1, 12, 16))
    inner = str(tmp_path / "inner.vrt")
    os.replace(write_vrt(tmp_path, vrt_band(1, "Byte", source)), inner)
    outer = write_vrt(
        tmp_path, vrt_band(1, "Byte", "inner.vrt").replace("<SourceFilename>", "<SourceFilename relativeToVRT='1'>")
    )
    assert describe(outer).files == (outer, inner, source)
    assert describe(source).files == (source,)
    assert describe(str(tmp_path / "none.tif")).files == ()


def test_a_vrt_that_contains_itself_is_refused(tmp_path, make_raster, backend):
    path = write_vrt(tmp_path, vrt_band(1, "Byte", str(tmp_path / "given.vrt")))
    with pytest.raises(RasterError, match=r"given.vrt' is made of itself"):
        open_raster(path, backend)
    os.replace(path, tmp_path / "other.vrt")
    write_vrt(tmp_path, vrt_band(1, "Byte", str(tmp_path / "other.vrt")))
    with pytest.raises(RasterError, match="is made of itself"):
        open_raster(path, backend)


def test_a_vrt_of_a_missing_file_is_refused(tmp_path, backend):
    path = write_vrt(tmp_path, vrt_band(1, "Byte", "/none/x.tif"))
    with pytest.raises(RasterError, match=r"given.vrt' is made of '/none/x.tif', which is not there: put that file"):
        open_raster(path, backend)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<VRTDataset rasterXSize='4' ", r"x.vrt' is a damaged .vrt file \(.*\): build it again"),
        ("<!-- --><!DOCTYPE VRTDataset [<!ENTITY a 'b'>]><VRTDataset/>", "declares XML entities"),
        ("<VRTDataset rasterXSize='x' rasterYSize='-1'><VRTRasterBand/></VRTDataset>", "cannot be opened as a raster"),
    ],
)
def test_damaged_and_hostile_vrt_files_are_refused(tmp_path, backend, text, expected):
    (tmp_path / "x.vrt").write_text(text)
    with pytest.raises(RasterError, match=expected):
        open_raster(str(tmp_path / "x.vrt"), backend)
