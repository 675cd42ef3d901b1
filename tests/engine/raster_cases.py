"""What several raster tests share: hard content, oracles, unusual files."""

import os

import numpy as np

from tests.environments import can_import
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster.opening import open_raster

HAS_GDAL = can_import("osgeo")
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
NORTH_UP = (500000.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)
ROTATED = (500000.0, 0.4, 0.3, 5000000.0, 0.3, -0.4)
SOUTH_UP = (500000.0, 0.5, 0.0, 4000000.0, 0.0, 0.5)


def noise(*shape, dtype="uint8", seed=0):
    """Every value of the type may occur: the hardest content for averages."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(0, 100, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def block_mean(image, factor):
    bands, height, width = image.shape
    cells = image.astype(np.float64).reshape(bands, height // factor, factor, width // factor, factor)
    mean = cells.mean(axis=(2, 4))
    # Half away from zero is what GDAL does, so training and the bundle rely on it: floor(mean + 0.5) when unsigned.
    return mean if image.dtype.kind == "f" else np.trunc(mean + np.copysign(0.5, mean))


def read_all(path, backend, **options):
    with open_raster(path, backend) as reader:
        info = reader.info
        whole = Window(0, 0, info.height, info.width)
        return reader.read(range(1, info.count + 1), whole, **options)


def valid_of(path, backend, bands, shape=None):
    with open_raster(path, backend) as reader:
        return reader.read_valid(bands, Window(0, 0, reader.info.height, reader.info.width), shape)


def write_vrt(tmp_path, bands, size=(16, 12), extra=""):
    path = tmp_path / "given.vrt"
    path.write_text(
        f'<VRTDataset rasterXSize="{size[0]}" rasterYSize="{size[1]}">{extra}{bands}</VRTDataset>', encoding="utf-8"
    )
    return str(path)


def vrt_band(number, dtype, source="", inner=""):
    source_xml = f"<SimpleSource><SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
    return f'<VRTRasterBand dataType="{dtype}" band="{number}">{inner}{source_xml if source else ""}</VRTRasterBand>'


def put(make_raster, folder, name, row, col, **options):
    """Write a raster of a folder, so many rows and columns (of half a metre) from the origin of `NORTH_UP`."""
    folder.mkdir(exist_ok=True)
    x, dx, _, y, _, dy = options.pop("transform", NORTH_UP)
    path = str(folder / name)
    os.replace(make_raster(transform=(x + col * dx, dx, 0, y + row * dy, 0, dy), **options), path)
    return path


def overwrite(path, image):
    """Change the pixels of a file and leave its overviews as they are."""
    if HAS_GDAL:
        from osgeo import gdal

        dataset = gdal.Open(path, gdal.GA_Update)
        dataset.WriteArray(image) if len(image) > 1 else dataset.GetRasterBand(1).WriteArray(image[0])
    else:
        import rasterio

        with rasterio.open(path, "r+") as dataset:
            dataset.write(image)


def write_bits(path, image, bits, transform=NORTH_UP):
    """Write a GeoTIFF whose bytes use some bits only (GDAL's NBITS)."""
    count, height, width = image.shape
    if HAS_GDAL:
        from osgeo import gdal

        dataset = gdal.GetDriverByName("GTiff").Create(path, width, height, count, gdal.GDT_Byte, [f"NBITS={bits}"])
        dataset.SetGeoTransform(list(transform))
        dataset.WriteArray(image) if count > 1 else dataset.GetRasterBand(1).WriteArray(image[0])
        return
    import rasterio

    size = {"width": width, "height": height, "count": count, "dtype": "uint8"}
    size["transform"] = rasterio.transform.Affine.from_gdal(*transform)
    with rasterio.open(path, "w", driver="GTiff", nbits=bits, **size) as dataset:
        dataset.write(image)


def copy_to_geopackage(source, path, table):
    options = {"APPEND_SUBDATASET": "YES", "RASTER_TABLE": table}
    if HAS_GDAL:
        from osgeo import gdal

        pairs = [f"{key}={value}" for key, value in options.items()]
        gdal.GetDriverByName("GPKG").CreateCopy(path, gdal.Open(source), 0, pairs)
    else:
        import rasterio

        with rasterio.open(source) as file:
            profile = {**file.profile, "driver": "GPKG", "interleave": "pixel"}
            image = file.read()
        options = {key.lower(): value for key, value in options.items()}
        with rasterio.open(path, "w", **{k: v for k, v in profile.items() if "block" not in k}, **options) as file:
            file.write(image)
