"""Opening, creating and finishing rasters, with the back end that this process has.

Two thin back ends under one contract: `gdal_backend` where osgeo.gdal can be imported (always inside QGIS, so that one
process holds one GDAL), `rasterio_backend` elsewhere. Readers and writers belong to the thread that uses them; open one
reader per thread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType
from typing import TypeVar

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.raster.backends import backend_of
from uhrs_qgis_plugin.engine.raster.metadata import ALPHA_RULES, alpha_bands, has_mask, hiding_bands
from uhrs_qgis_plugin.engine.raster.mosaic import (
    LARGEST,
    build_mosaic,
    describe,
    is_stac_name,
    open_mosaic,
    opening_options,
    read_items,
    with_names,
    with_nodata,
)
from uhrs_qgis_plugin.engine.raster.reader import Reader
from uhrs_qgis_plugin.engine.raster.remote import Polling, check_unchanged, open_mosaic_remotely, open_remote
from uhrs_qgis_plugin.engine.raster.servers import gdal_name, is_remote, no_access, options_for, shown, status_of
from uhrs_qgis_plugin.engine.raster.source import RasterSource, VrtFile
from uhrs_qgis_plugin.engine.raster.types import (
    UNREADABLE,
    Progress,
    RasterInfo,
    RasterProfile,
    RasterReader,
    RasterWriter,
)

MOST_OPENING = 8  # threads that open the rasters of a mosaic
OPENED_AHEAD = 256  # rasters of a mosaic that are opened before the first of them is checked

OVERVIEW_RESAMPLINGS = ("average", "mode", "nearest")
T = TypeVar("T")


def _go_on() -> None:
    """Never stop."""


def open_raster(
    raster: str | os.PathLike[str] | RasterSource,
    backend: str = "auto",
    unreadable: str = "stop",
    alpha: str = "auto",
    check: Callable[[], None] = _go_on,
    asset: str | None = None,
) -> RasterReader:
    """Open a raster for reading.

    Args:
        raster: File, a folder or list of rasters (see `mosaic`), a STAC item or collection of items, an address
            (https://, s3://, gs://, az://), or another name that GDAL opens; or `info.source` of a reader, which opens
            the same raster again, with the same back end, without looking for its files.
        backend: "gdal", "rasterio", or "auto": the first that can be imported.
        unreadable: What blocks that do not read lead to: "stop", an error that names the first; or "nodata", they
            hold no data and `reader.unreadable` lists them. `read_valid` then has to decode pixels.
        alpha: What alpha bands are: "auto" and "mask", they say which pixels hold data; "data", they are bands like
            others, such as near infrared that is labelled alpha. A `RasterSource` keeps what it was opened with.
        check: Called now and then while a server is waited for; raises to stop.
        asset: The asset of STAC items that is the imagery; None = the only one that can be.

    Returns:
        The reader.

    Raises:
        RasterError: Missing, not a raster, without bands, of a data type that is not supported, with overviews or a
            mask of another raster, a folder without rasters or of rasters that do not fit together.
        OptionsError: The back end is unknown or cannot be imported, or `unreadable` or `alpha` is unknown.

    Examples:
        >>> from uhrs_qgis_plugin.engine import open_raster
        >>> from uhrs_qgis_plugin.engine.grid import Window
        >>> with open_raster("site.tif") as reader:
        ...     pixels = reader.read([1, 2, 3], Window(row=0, col=0, height=100, width=150))
        >>> pixels.shape, reader.info.width, reader.info.height
        ((3, 100, 150), 300, 200)
    """
    if unreadable not in UNREADABLE:
        raise OptionsError(f"unreadable='{unreadable}' is unknown: use one of {UNREADABLE}.")
    if alpha not in ALPHA_RULES:
        raise OptionsError(f"alpha='{alpha}' is unknown: use one of {ALPHA_RULES}.")
    module = backend_of(backend)
    # Files are looked at first: GDAL recurses into a .vrt file that contains itself until the stack is full.
    if isinstance(raster, RasterSource):
        source = raster
    else:
        described = _or_stop(check, [os.fspath(raster)], lambda: _described(raster, module, asset))
        source = replace(described, alpha=alpha)
    _check_sources_on_servers(source, module)
    names = [source.path, *(found.path for found in source.rasters), *(file.name for file in source.remote)]
    return _or_stop(check, names, lambda: _open(source, module, unreadable, check))


def _or_stop(check: Callable[[], None], names: Sequence[str], call: Callable[[], T]) -> T:
    """Call something that opens files; where some lie on servers, which may be silent, `check` is asked meanwhile."""
    if check is _go_on or not any(map(is_remote, names)):
        return call()
    return Polling(check).run(call)


def _open(source: RasterSource, module: ModuleType, unreadable: str, check: Callable[[], None]) -> RasterReader:
    """Open a raster of which is known what it is made of."""
    if len(source.rasters) == 1 and source.rasters[0].stated is not None and source.mosaic is None:
        only = replace(source.rasters[0], alpha=source.alpha, overviews=source.overviews)
        if not next(_infos(source, module, [])).nodata_is_stated:
            return open_raster(only, module.NAME, unreadable, check=check)
    if source.rasters or source.mosaic is not None:
        return _open_folder(source, module, unreadable)
    if is_remote(source.path):
        pixels, source = open_remote(source, module, check)
    else:
        pixels = module.open_source(source.path, source.path)
    if source.vrt is None:
        _check_companions(pixels.info, module)
    elif source.vrt.block_shape is not None:
        pixels.info = replace(pixels.info, block_shape=source.vrt.block_shape)
    if source.vrt is not None and source.has_hidden_alpha is None:
        source = replace(source, has_hidden_alpha=_has_hidden_alpha(pixels.info, source.vrt, module))
    overviews = pixels.info.overviews if source.overviews else ()
    pixels.info = _with_alpha(with_names(replace(pixels.info, source=source, overviews=overviews), source.stated))
    return Reader(pixels, unreadable)


def _check_sources_on_servers(source: RasterSource, module: ModuleType) -> None:
    """Refuse .vrt files that name rasters on servers where a server's failure would pass for pixels.

    rasterio raises what GDAL puts into its list of errors. A source that failed to open once fails silently afterwards,
    and rasterio returns zeros; GDAL's own module raises.
    """
    if source.unwatched and module.NAME == "rasterio":
        more = f" and {len(source.unwatched) - 1} more" if len(source.unwatched) > 1 else ""
        raise RasterError(
            f"'{source.path}' is a VRT that names '{source.unwatched[0]}'{more} on a server, whose failures would pass "
            "for pixels outside QGIS: give a list (.txt) of the addresses, one a line, in place of the VRT."
        )


def check_raster_unchanged(info: RasterInfo, backend: str = "auto", check: Callable[[], None] = _go_on) -> str:
    """Check that the files of a raster on servers are what they were when it was opened; local ones are not looked at.

    Args:
        info: Of a reader.
        backend: As in `open_raster`.
        check: As in `open_raster`.

    Returns:
        "", or a sentence about files of which that cannot be told.

    Raises:
        RasterError: One has changed.
    """
    files, names = backend_of(backend).virtual_files, [file.name for file in info.source.remote]
    return _or_stop(check, names, lambda: check_unchanged(info.source, files))


def create_raster(path: str, profile: RasterProfile, backend: str = "auto") -> RasterWriter:
    """Create a plain GeoTIFF, replacing what is there.

    Args:
        path: File to create.
        profile: What to create.
        backend: As in `open_raster`.

    Returns:
        The writer.

    Raises:
        OutputError: The file cannot be created.
        OptionsError: The back end is unknown or cannot be imported.
    """
    return backend_of(backend).create_raster(path, profile)


def finish_cog(
    source: str,
    destination: str,
    overview_resampling: str,
    backend: str = "auto",
    progress: Progress | None = None,
) -> None:
    """Copy a GeoTIFF of ours to a cloud-optimised one: colours, names, nodata, scale and metadata come along.

    What is at the destination is replaced; nothing is left there after an error. Class names travel in a sidecar
    beside each file: whoever renames the file renames `sidecar_path(file)` with it.

    Args:
        source: GeoTIFF that `create_raster` wrote, or a mosaic of such files.
        destination: File to create.
        overview_resampling: "mode" (classes), "average" (quantities) or "nearest"; overviews that the source has are
            taken as they are.
        backend: As in `open_raster`.
        progress: Called with 0..1; an error that it raises stops the copy and comes out of here. The rasterio back end
            calls it as often, but knows no share before the end.

    Raises:
        OutputError: The copy failed, or is not complete.
        OptionsError: The back end or the resampling is unknown.
    """
    if overview_resampling not in OVERVIEW_RESAMPLINGS:
        raise OptionsError(
            f"Overview resampling '{overview_resampling}' is unknown: use one of {OVERVIEW_RESAMPLINGS}."
        )
    backend_of(backend).finish_cog(source, destination, overview_resampling, progress)


def _open_folder(source: RasterSource, module: ModuleType, unreadable: str) -> RasterReader:
    """Open the rasters of a folder as one."""
    mosaic = source.mosaic
    if mosaic is None:
        members: list[RasterSource] = []
        # Closed here: left to the garbage collector, its threads would be awaited wherever that comes, also where they
        # can never end.
        with contextlib.closing(_infos(source, module, members)) as infos:
            mosaic = build_mosaic(source.path, infos, module.SIGNED_BYTE, module.same_crs)
        source = replace(
            source,
            remote=tuple(file for member in members for file in member.remote),
            copies=tuple(copy for member in members for copy in member.copies),
        )
    options = opening_options(mosaic.coverage.names)
    pixels, masks = open_mosaic(
        mosaic,
        lambda xml: open_mosaic_remotely(xml, source, mosaic.coverage, module),
        lambda: module.virtual_files.settings(options),
    )
    pixels.info = replace(
        pixels.info,
        block_shape=tuple(mosaic.blocks[0].tolist()),
        overviews=mosaic.overviews if source.overviews else (),
        has_palette=mosaic.has_palette,
        colours=mosaic.colours,
        descriptions=mosaic.descriptions,
        bits=mosaic.bits,
        source=replace(source, rasters=(), mosaic=mosaic),
    )
    pixels.info = _with_alpha(pixels.info)
    return Reader(pixels, unreadable, masks)


def _infos(source: RasterSource, module: ModuleType, members: list[RasterSource]) -> Generator[RasterInfo, None, None]:
    """Open the rasters of a folder, a few at a time: what is known of them, in their order.

    Args:
        members: Gets the sources of those that lie on servers.
    """
    options = opening_options([raster.path for raster in source.rasters])

    def look(raster: RasterSource) -> RasterInfo:
        one = replace(raster, alpha=source.alpha)
        with module.virtual_files.settings(options), open_raster(one, module.NAME) as reader:
            return with_nodata(reader.info, raster.stated)

    with ThreadPoolExecutor(_openers(source), "uhrs-open") as pool:
        for start in range(0, len(source.rasters), OPENED_AHEAD):
            for info in pool.map(look, source.rasters[start : start + OPENED_AHEAD]):
                if info.source.remote:
                    members.append(info.source)
                yield info


def _described(raster: str | os.PathLike[str], module: ModuleType, asset: str | None) -> RasterSource:
    """Find the files of a raster, or the rasters that STAC items name.

    Raises:
        RasterError: As in `describe` and `read_items`.
        OptionsError: An asset is given, but no items.
    """
    path = os.fspath(raster)
    if is_stac_name(path) and not os.path.isdir(path):
        rasters = read_items(path, _content(path, module), asset)
        if rasters is not None:
            own = () if is_remote(path) else (os.path.abspath(path),)
            files = dict.fromkeys([*own, *(file for found in rasters for file in found.files)])
            return RasterSource(path, tuple(files), rasters=rasters)
    if asset is not None:
        raise OptionsError(f"asset '{asset}' was given, but '{shown(path)}' is no STAC item: leave it away.")
    return describe(path)


def _content(path: str, module: ModuleType) -> bytes:
    """Read a JSON file, local or not; b"" where it cannot be read and whoever opens it as a raster will say why."""
    content = b""
    if not is_remote(path):
        try:
            with open(path, "rb") as file:
                content = file.read(LARGEST + 1)
        except OSError:
            return b""
    else:
        files = module.virtual_files
        files.forget(gdal_name(path))
        with files.settings(options_for(path)):
            try:
                for piece in files.read_bytes(gdal_name(path), 1 << 20):
                    content += piece
                    if len(content) > LARGEST:
                        break
            except OSError:
                content = b""
        if not content:
            raise no_access(path, status_of(path, files))
    if len(content) > LARGEST:
        raise RasterError(f"'{shown(path)}' is larger than {LARGEST >> 20} MB, too long for STAC items: split it.")
    return content


def _openers(source: RasterSource) -> int:
    """Threads that open the rasters of a mosaic: those on servers cost no time of the processor."""
    on_servers = any(is_remote(raster.path) for raster in source.rasters)
    return MOST_OPENING if on_servers else min(MOST_OPENING, os.cpu_count() or 1)


def _with_alpha(info: RasterInfo) -> RasterInfo:
    """Say which bands of a raster are alpha."""
    alpha = alpha_bands(info)
    return replace(info, alpha_bands=alpha, has_mask=has_mask(info.dtypes, info.nodata, alpha, info.has_own_mask))


def _has_hidden_alpha(info: RasterInfo, vrt: VrtFile, module: ModuleType) -> bool:
    """Whether a .vrt file has bands of data that are alpha in its first file; GDAL masks averages by them anyhow."""
    if hiding_bands(info) or not vrt.sources:
        return False
    try:
        with open_raster(vrt.sources[0], module.NAME) as reader:
            found = reader.info
    except RasterError:
        return False
    return found.count == info.count and (bool(hiding_bands(found)) or bool(found.source.has_hidden_alpha))


def _check_companions(info: RasterInfo, module: ModuleType) -> None:
    """Check that overviews and mask beside a file belong to it; GDAL would use them anyhow.

    Raises:
        RasterError: They are of another raster.
    """
    for ending, name in ((".ovr", "overviews"), (".msk", "mask")):
        file = info.path + ending
        if not os.path.isfile(file):
            continue
        try:
            found = module.open_source(file, file)
        except RasterError:
            continue  # GDAL does not use what it cannot open
        height, width, count = found.info.height, found.info.width, found.info.count
        found.close()
        if ending == ".msk":
            fits = (height, width) == (info.height, info.width)
        else:
            factor = info.width / width
            # Rounded up or down, and a band of one pixel can become no smaller.
            fits = count == info.count and abs(info.height / factor - height) <= max(1, 1 / factor)
        if not fits:
            raise RasterError(
                f"'{file}' ({width} x {height}, {count} bands) does not hold the {name} of '{info.path}' "
                f"({info.width} x {info.height}, {info.count} bands): delete it, or put the right one there."
            )
