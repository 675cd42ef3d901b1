"""Files of features that an algorithm could not finish."""

from __future__ import annotations

import os

from osgeo import gdal


def delete_features(source: str) -> None:
    """Delete a file of features with all its parts; layers in memory and tables in databases are left alone."""
    if os.path.isfile(source):
        driver = gdal.IdentifyDriverEx(source, gdal.OF_VECTOR)
        if driver is not None:
            driver.Delete(source)
