"""What several tests of written rasters share: profiles, content, and a look into files by the library itself."""

import os

import numpy as np

from tests.engine.raster_cases import HAS_GDAL, NORTH_UP
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.metadata import sidecar_path
from uhrs_qgis_plugin.engine.raster.opening import create_raster, finish_cog, open_raster
from uhrs_qgis_plugin.engine.raster.types import RasterProfile

UTM33 = (
    'PROJCS["WGS 84 / UTM zone 33N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",15],'
    'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
    'UNIT["metre",1],AUTHORITY["EPSG","32633"]]'
)
COLOURS = {0: (226, 169, 41), 1: (0, 10, 200), 2: (255, 255, 255), 255: (1, 2, 3)}
CATEGORIES = ("water", "forest & <field>", "Straße")


def profile_of(count=1, width=1300, height=1100, **changes):
    values = {
        "width": width,
        "height": height,
        "count": count,
        "crs_wkt": UTM33,
        "transform": NORTH_UP,
        "nodata": 255,
        "band_names": ("classes", "final uncertainty")[:count],
    }
    return RasterProfile(**{**values, **changes})


CLASSES = {
    "colours": COLOURS,
    "categories": CATEGORIES,
    "metadata": {"UHRS_MODEL": "demo sha256=0abc", "UHRS_OPTIONS": '{"ratio": 0.5}'},
}


def labels_of(profile):
    """Blobs of classes 0..2, nodata in the lower right corner."""
    rows, cols = np.mgrid[0 : profile.height, 0 : profile.width]
    labels = ((rows // 37 + cols // 53) % 3).astype(np.uint8)
    labels[-100:, -200:] = 255
    return np.stack([np.roll(labels, band, axis=1) for band in range(profile.count)])


def write_plain(path, profile, image, backend, side=512):
    with create_raster(str(path), profile, backend) as writer:
        for row in range(0, profile.height, side):
            for col in range(0, profile.width, side):
                writer.write(image[:, row : row + side, col : col + side], row, col)


def write_cog(tmp_path, backend, resampling="mode", **changes):
    profile = profile_of(**changes)
    image = labels_of(profile)
    write_plain(tmp_path / "plain.tif", profile, image, backend)
    path = str(tmp_path / "cog.tif")
    finish_cog(str(tmp_path / "plain.tif"), path, resampling, backend)
    return path, image


def inspect(path):
    """What the file says about itself, through the library and not through the code under test."""
    return _inspect_gdal(str(path)) if HAS_GDAL else _inspect_rasterio(str(path))


def _inspect_gdal(path):
    from osgeo import gdal

    dataset = gdal.Open(path)
    bands = [dataset.GetRasterBand(i + 1) for i in range(dataset.RasterCount)]
    table = bands[0].GetColorTable()
    return {
        "layout": dataset.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE"),
        "compression": dataset.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE"),
        "block": tuple(bands[0].GetBlockSize()),
        "overviews": [bands[0].GetOverview(i).XSize for i in range(bands[0].GetOverviewCount())],
        "nodata": [band.GetNoDataValue() for band in bands],
        "names": [band.GetDescription() for band in bands],
        "scales": [band.GetScale() for band in bands],
        "metadata": dataset.GetMetadata(),
        "colours": table and {n: table.GetColorEntry(n)[:3] for n in COLOURS},
        "crs": dataset.GetSpatialRef() and dataset.GetSpatialRef().GetAuthorityCode(None),
        "categories": bands[0].GetCategoryNames(),
    }


def _inspect_rasterio(path):
    import rasterio
    import rasterio.shutil

    with rasterio.open(path) as dataset:
        structure = dataset.tags(ns="IMAGE_STRUCTURE")
        try:
            table = dataset.colormap(1)
        except ValueError:
            table = None
        found = {
            "layout": structure.get("LAYOUT"),
            "compression": structure.get("COMPRESSION"),
            "block": dataset.block_shapes[0],
            "overviews": [-(-dataset.width // factor) for factor in dataset.overviews(1)],
            "nodata": list(dataset.nodatavals),
            "names": list(dataset.descriptions),
            "scales": list(dataset.scales),
            "metadata": dataset.tags(),
            "colours": table and {n: table[n][:3] for n in COLOURS},
            "crs": dataset.crs and str(dataset.crs.to_epsg()),
        }
        # rasterio has no call for category names: let GDAL read ours and write its own sidecar beside a copy.
        rasterio.shutil.copy(dataset, path + ".copy.png", driver="PNG")
    return {**found, "categories": _sidecar_names(path + ".copy.png")}


def _sidecar_names(path):
    from xml.etree import ElementTree

    if not os.path.exists(sidecar_path(path)):
        return None
    names = ElementTree.parse(sidecar_path(path)).findall(".//CategoryNames/Category")
    return [name.text for name in names] or None


def write_noise(path, backend, side):
    """Write 2 MB that do not compress."""
    profile = profile_of(width=1024, height=2048)
    noise = np.random.default_rng(0).integers(0, 255, (1, 2048, 1024)).astype(np.uint8)
    write_plain(path, profile, noise, backend, side)


def read_back(path, backend, shape=None, resampling="average"):
    with open_raster(str(path), backend) as reader:
        info = reader.info
        bands = range(1, info.count + 1)
        return info, reader.read(bands, Window(0, 0, info.height, info.width), shape, resampling)
