"""STAC items and item collections: which of their assets are the imagery, and what they state of it.

The small part of the SpatioTemporal Asset Catalog that says where rasters are, read strictly: a catalogue comes from
strangers, so it may name rasters on servers and files below or beside it, and nothing else of this computer.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from uhrs_qgis_plugin.engine.errors import RasterError
from uhrs_qgis_plugin.engine.raster.servers import is_remote, shown
from uhrs_qgis_plugin.engine.raster.source import RasterSource, Stated

LARGEST = 64 << 20  # bytes of a file: some ten thousand items
NAME = re.compile(r"(\.(geo)?json|/items(/[^/.]+)?)$", re.IGNORECASE)  # of files, and of a STAC API
NO_IMAGERY = {"thumbnail", "overview", "metadata"}  # roles of assets
ENDINGS = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".webp", ".img")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
ALLOWED = "https://, s3://, gs://, az://, GDAL's /vsi... names of servers, or paths beside the item"


def is_stac_name(path: str) -> bool:
    """Whether a name may be that of items: its ending says so, or it lies on a STAC API."""
    head = path.partition("?")[0]
    return bool(NAME.search(head)) and (is_remote(path) or head.lower().endswith("json"))


def read_items(path: str, content: bytes, asset: str | None) -> tuple[RasterSource, ...] | None:
    """Read which rasters an item, an item collection or the result of a search names.

    Args:
        path: Where it is from, as given.
        content: Of the file.
        asset: The asset that is the imagery; None = the only one that can be.

    Returns:
        The rasters, later ones on top; None where this is JSON of another kind.

    Raises:
        RasterError: It is damaged or incomplete, or it is not clear which asset is meant.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or not any(isinstance(item, dict) and "assets" in item for item in features):
        return None
    if features != [document] and _goes_on(document):
        raise _wrong(path, "goes on at another page (a link 'next')", "save the items of all pages in one file")
    items = [_item(path, item) for item in features]
    name = _chosen(path, items[0], asset)
    return tuple(_raster(path, number, item, name) for number, item in enumerate(items, 1))


def _goes_on(collection: Mapping[str, Any]) -> bool:
    """Whether there are more items on another page."""
    links = collection.get("links")
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)


def _wrong(path: str, what: str, advice: str) -> RasterError:
    """Word what is wrong with a catalogue."""
    return RasterError(f"'{shown(path)}' {what}: {advice}.")


def _item(path: str, item: object) -> Mapping[str, Mapping[str, Any]]:
    """The assets of an item."""
    assets = item.get("assets") if isinstance(item, dict) else None
    if not isinstance(assets, dict) or not all(
        isinstance(asset, dict) and isinstance(asset.get("href"), str) for asset in assets.values()
    ):
        raise _wrong(path, "holds an item without assets that have an href", "write valid STAC items")
    return assets


def _chosen(path: str, assets: Mapping[str, Mapping[str, Any]], asset: str | None) -> str:
    """The name of the asset that is the imagery."""
    able = [name for name, found in assets.items() if _is_imagery(found)]
    if asset is not None:
        if asset not in assets:
            raise _wrong(path, f"has no asset '{asset}'", f"choose one of {', '.join(able or assets)}")
        return asset
    data = [name for name in able if "data" in _roles(assets[name])]
    for names in (able, data):
        if len(names) == 1:
            return names[0]
    if not able:
        what = f"has no asset that is an image, only {', '.join(assets) or 'none'}"
        raise _wrong(path, what, "name one with --asset")
    raise _wrong(path, f"has several assets that may be the imagery, {', '.join(able)}", "name one with --asset")


def _roles(asset: Mapping[str, Any]) -> Sequence[str]:
    """What an asset is for."""
    roles = asset.get("roles")
    return roles if isinstance(roles, list) else ()


def _is_imagery(asset: Mapping[str, Any]) -> bool:
    """Whether an asset may be what is to be segmented."""
    if NO_IMAGERY.intersection(map(str, _roles(asset))):
        return False
    kind = asset.get("type")
    if isinstance(kind, str):
        return kind.lower().startswith("image/")
    return asset["href"].partition("?")[0].lower().endswith(ENDINGS)


def _raster(path: str, number: int, assets: Mapping[str, Mapping[str, Any]], name: str) -> RasterSource:
    """The raster of an item."""
    if name not in assets:
        raise _wrong(path, f"has no asset '{name}' in item {number}", f"take that item out; it has {', '.join(assets)}")
    asset = assets[name]
    place = _place(path, str(asset["href"]), number)
    files = () if is_remote(place) else (os.path.abspath(place),)
    return RasterSource(place, files, stated=_stated(path, number, asset))


def _place(path: str, href: str, number: int) -> str:
    """Where an asset is: an address, or a path beside the item."""
    what = f"names '{shown(href)[:200] if href.isprintable() else ascii(href)[:200]}' in item {number}"
    if href.partition("?")[0].lower().endswith(".vrt"):
        raise _wrong(path, what, "a VRT may name any file of this computer, download it and segment it if you trust it")
    if is_remote(href):
        return href
    if SCHEME.match(href) or os.path.isabs(href) or href.startswith(("/", "\\")) or "\0" in href or not href.strip():
        raise _wrong(path, what, f"allowed are {ALLOWED}")
    if is_remote(path):
        head = path.partition("?")[0]
        found = urljoin(head, href) if "://" in head else f"{head.rpartition('/')[0]}/{href}"
        if not is_remote(found):
            raise _wrong(path, what, f"allowed are {ALLOWED}")
        return found
    found = os.path.join(os.path.dirname(os.path.abspath(path)), href)
    if not os.path.exists(found):
        raise _wrong(path, what, "that file is not there, put it back")
    return found


def _stated(path: str, number: int, asset: Mapping[str, Any]) -> Stated:
    """What an asset states of its bands: `bands` of STAC 1.1, else `eo:bands` and `raster:bands`."""
    lists = [asset.get(key) for key in ("bands", "eo:bands", "raster:bands")]
    tables = [bands for bands in lists if bands is not None]
    if not all(isinstance(bands, list) and all(isinstance(band, dict) for band in bands) for bands in tables):
        raise _wrong(path, f"has bands in item {number} that are no list of objects", "write valid STAC items")
    names: list[str] = []
    nodata: list[float | None] = []
    for bands in tables:
        roles = [str(band.get("eo:common_name") or band.get("common_name") or "") for band in bands]
        names = names or (roles if any(roles) else [])
        numbers = [_number(path, number, band.get("nodata", asset.get("nodata"))) for band in bands]
        nodata = nodata or (numbers if any(value is not None for value in numbers) else [])
    whole = _number(path, number, asset.get("nodata"))
    return Stated(tuple(names), tuple(nodata) or (() if whole is None else (whole,)))


def _number(path: str, number: int, value: object) -> float | None:
    """A number that means no data; STAC writes "nan" and "inf" as texts."""
    if value is None:
        return None
    texts = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
    if isinstance(value, str) and value in texts:
        return texts[value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(path, f"has the nodata {value!r:.50} in item {number}", "write a number, 'nan', 'inf' or '-inf'")
    return float(value)
