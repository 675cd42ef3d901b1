import pytest

from uhrs_qgis_plugin.engine.segmentation.report import peak_memory_bytes, pixel_area_m2

GEOGCS = 'GEOGCS["WGS 84",DATUM["x",SPHEROID["WGS 84",6378137,298.2]],UNIT["degree",0.0174532925199433]]'
UTM = (
    f'PROJCS["UTM",{GEOGCS},PROJECTION["Transverse_Mercator"],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["E",EAST]]'
)
FEET = f'PROJCS["ft",{GEOGCS},PROJECTION["x"],UNIT["US survey foot",0.304800609601219]]'
UTM2 = (
    'PROJCRS["UTM",BASEGEOGCRS["WGS 84",ELLIPSOID["WGS 84",6378137,298.2,LENGTHUNIT["metre",1]],'
    'PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],CONVERSION["x",PARAMETER["y",0,'
    'ANGLEUNIT["degree",0.0174532925199433]]],CS[Cartesian,2],AXIS["e",east,LENGTHUNIT["metre",1]]]'
)
COMPOUND = f'COMPD_CS["x",{FEET},VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]]'


@pytest.mark.parametrize(
    ("wkt", "transform", "expected"),
    [
        (UTM, (0, 0.5, 0, 0, 0, -0.5), 0.25),
        (UTM2, (0, 2, 0, 0, 0, 3), 6),
        (UTM, (0, 3, 4, 0, 4, -3), 25),  # rotated
        (FEET, (0, 1, 0, 0, 0, -1), None),
        (COMPOUND, (0, 1, 0, 0, 0, -1), None),
        (GEOGCS, (0, 1, 0, 0, 0, -1), None),
        ("", (0, 1, 0, 0, 0, 1), None),
    ],
)
def test_pixel_area(wkt, transform, expected):
    assert pixel_area_m2(wkt, transform) == expected


def test_peak_memory_is_that_of_a_python_process():
    peak = peak_memory_bytes()
    assert peak is None or 10**7 < peak < 10**12
