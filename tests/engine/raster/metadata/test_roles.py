import os

import numpy as np
import pytest

from tests.engine.raster_cases import noise, put, read_all, valid_of
from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import open_raster, role_of_name
from uhrs_qgis_plugin.engine.raster.metadata import is_sensor_numbering


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            "red",
            ["red", "Red", "R", "rouge", "Rot", "Red (660 nm)", "band 1: Red", "b1_red", "Red-668", "Red band", "B04"],
        ),
        ("green", ["Green", "G", "vert", "Grün", "verde", "green_2", "B03"]),
        ("blue", ["BLUE", "B", "bleu", "azul", "Blue, 475 nm", "B02"]),
        ("nir", ["NIR", "N", "nir1", "Near Infrared", "near-infrared", "NIR_842", "proche infrarouge", "B08"]),
        ("rededge", ["Red Edge", "rededge", "red-edge-717"]),
        ("alpha", ["Alpha", "alpha band"]),
        ("", ["", "Band 1", "band_2", "B4", "SR_B4", "b8a", "1", "Layer 3"]),
        ("slope", ["Slope", "slope (deg)"]),
        (
            "red",
            ["Band 3 (665.0 Nanometers)", "665 nm", "0.665 µm", "630-690 nm", "0.63 - 0.69 micrometers", "B4, 655nm"],
        ),
        ("blue", ["490.0 Nanometers", "0.45 - 0.52 um", "band_1 (475 nm)"]),
        ("green", ["560 nm", "Band 2 (0.56 micrometres)"]),
        ("nir", ["842 nm", "Band 8 (0.83 um)"]),
        ("", ["450-800 nm", "610 nm", "1610 nm", "Band 1 (10 m)"]),
        ("coastalblue", []),
    ],
)
def test_roles_of_names(role, names):
    assert {name: role_of_name(name) for name in names} == dict.fromkeys(names, role)


def test_sensors_number_their_bands_in_their_own_way():
    assert is_sensor_numbering(["B2", "B3", "B4"])
    assert is_sensor_numbering(["SR_B4", "SR_B3", "SR_B2"])
    assert not is_sensor_numbering(["B1", "B2", "B3"])
    assert not is_sensor_numbering(["B2", "red", "B4"])
    assert not is_sensor_numbering([])


def test_colours_and_descriptions_are_read(make_raster, backend):
    path = make_raster(count=4, colours=("blue", "green", "red", "undefined"), descriptions=("a", "", "Rot", "NIR"))
    with open_raster(path, backend) as reader:
        assert reader.info.colours == ("blue", "green", "red", "undefined")
        assert reader.info.descriptions == ("a", "", "Rot", "NIR")
        assert reader.info.alpha_bands == ()


def test_a_band_described_as_alpha_is_alpha(make_raster, backend):
    image = np.concatenate([noise(3, 48, 64), np.full((1, 48, 64), 255, np.uint8)])
    image[3, :, :20] = 0
    path = make_raster(data=image, colours=("undefined",) * 4, descriptions=("Red", "Green", "Blue", "Alpha"))
    with open_raster(path, backend) as reader:
        assert reader.info.alpha_bands == (4,)
    np.testing.assert_array_equal(valid_of(path, backend, [1, 2, 3]), image[3] > 0)


def _near_infrared():
    """Four bands of which the fourth is labelled alpha and is 0 in places: water in near infrared."""
    image = noise(4, 48, 64) // 2 + 100
    image[3, :24, :32] = 0
    return image.astype(np.uint8)


@pytest.mark.parametrize("kind", ["file", "folder", "vrt"])
def test_alpha_as_data(make_raster, backend, tmp_path, kind):
    image = _near_infrared()
    path = make_raster(data=image, alpha=True, overviews=(2, 4))
    if kind == "folder":
        put(make_raster, tmp_path / "rasters", "a.tif", 0, 0, data=image, alpha=True)
        put(make_raster, tmp_path / "rasters", "b.tif", 0, 64, data=image, alpha=True)
        path, image = str(tmp_path / "rasters"), np.concatenate([image, image], axis=2)
    elif kind == "vrt":
        path = _vrt(path, tmp_path, "Alpha")
    height, width = image.shape[1:]
    window = Window(0, 0, height, width)
    expected = np.floor(image.reshape(4, height // 4, 4, width // 4, 4).mean(axis=(2, 4)) + 0.5)
    with open_raster(path, backend, alpha="data") as reader:
        assert reader.info.alpha_bands == ()
        assert not reader.info.has_mask
        assert reader.read_valid([1, 2, 3], window).all()
        np.testing.assert_array_equal(reader.read([1, 2, 3, 4], window, (height // 4, width // 4)), expected)
        source = reader.info.source
    with open_raster(source, backend) as reader:  # it stays data when it is opened again
        np.testing.assert_array_equal(reader.read([1, 2, 3, 4], window, (height // 4, width // 4)), expected)
    with open_raster(path, backend) as reader:
        assert reader.info.alpha_bands == (4,)
        assert not reader.read_valid([1, 2, 3], window).all()
        # Asked for as data, it hides nothing either.
        assert reader.read_valid([1, 2, 3, 4], window).all()
        np.testing.assert_array_equal(reader.read([1, 2, 3, 4], window, (height // 4, width // 4)), expected)


def test_a_vrt_may_declare_alpha_as_data(make_raster, backend, tmp_path):
    image = _near_infrared()
    path = _vrt(make_raster(data=image, alpha=True), tmp_path, "Undefined")
    expected = np.floor(image.reshape(4, 12, 4, 16, 4).mean(axis=(2, 4)) + 0.5)
    np.testing.assert_array_equal(read_all(path, backend, shape=(12, 16)), expected)


def _vrt(path, tmp_path, colour):
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{band}"><ColorInterp>{colour if band == 4 else "Gray"}</ColorInterp>'
        f"<SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>{band}</SourceBand></SimpleSource>"
        "</VRTRasterBand>"
        for band in (1, 2, 3, 4)
    )
    file = tmp_path / "given.vrt"
    file.write_text(f'<VRTDataset rasterXSize="64" rasterYSize="48">{bands}</VRTDataset>', encoding="utf-8")
    return str(file)


def test_alpha_rules_are_checked(make_raster, backend):
    with pytest.raises(OptionsError, match="alpha='never' is unknown"):
        open_raster(make_raster(), backend, alpha="never")


def test_rasters_of_a_folder_have_their_bands_in_one_order(make_raster, backend, tmp_path):
    put(make_raster, tmp_path / "rasters", "a.tif", 0, 0, descriptions=("Red", "Green", "Blue"))
    put(make_raster, tmp_path / "rasters", "b.tif", 0, 64, descriptions=("Blue", "Green", "Red"))
    with pytest.raises(RasterError, match=r"bands of '.*b\.tif' are blue, green, red, not red, green, blue"):
        open_raster(str(tmp_path / "rasters"), backend)
    os.remove(tmp_path / "rasters" / "b.tif")
    put(make_raster, tmp_path / "rasters", "b.tif", 0, 64)
    with open_raster(str(tmp_path / "rasters"), backend) as reader:
        assert reader.info.descriptions == ("Red", "Green", "Blue")
