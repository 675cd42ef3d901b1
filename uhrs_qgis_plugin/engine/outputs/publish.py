"""Unfinished outputs: written under hidden temporary names, renamed when complete and checked."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from types import TracebackType

from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import cannot_write, hidden, unique_mark
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.outputs.block_mosaic import overview_shape
from uhrs_qgis_plugin.engine.outputs.overviews import count_levels
from uhrs_qgis_plugin.engine.outputs.strips import Strip, strips_of
from uhrs_qgis_plugin.engine.outputs.targets import Outputs
from uhrs_qgis_plugin.engine.raster import (
    RasterProfile,
    finish_cog,
    open_raster,
    remove_leftovers,
    sidecar_path,
    write_categories,
)
from uhrs_qgis_plugin.engine.raster.cog import CogAssembly

OVERVIEWS = {"classes": "mode", "uncertainty": "average"}


class Publication:
    """The outputs of one run. Use as a context manager: leaving it removes everything temporary.

    All outputs are renamed together at the very end, when they are complete and checked. Until then, and after any
    error until then, the folders are unchanged.
    """

    def __init__(self, outputs: Outputs, profiles: Mapping[str, RasterProfile], mark: str | None = None) -> None:
        """Choose temporary names.

        Args:
            profiles: "classes" and, if wanted, "uncertainty" -> what to create.
            mark: Part of the temporary names; None = one that no other run has.
        """
        self._outputs = outputs
        self._profiles = profiles
        mark = mark or unique_mark()
        self._finished = {name: hidden(path, mark, "done") for name, path in outputs.named().items()}
        self._scratch = {name: hidden(path, mark, "part") for name, path in outputs.named().items()}

    def scratch(self, name: str) -> str:
        """Name a temporary file beside an output, removed in the end."""
        return self._scratch[name]

    def finish(self, rasters: Mapping[str, str], watch: Watch) -> None:
        """Copy rasters to cloud-optimised ones, still under temporary names, and check them.

        Args:
            rasters: Per profile the raster to copy.

        Raises:
            OutputError: Full disk and the like, or a file that does not read back.
            CancelledError: The caller cancelled.
        """
        for index, name in enumerate(self._profiles):
            part = watch.part(index / len(self._profiles), (index + 1) / len(self._profiles))
            finish_cog(rasters[name], self._finished[name], OVERVIEWS[name], progress=part.report)
            self._check(name)

    def assemble(self, strips: Iterable[tuple[Strip, Path]], watch: Watch) -> None:
        """Put the outputs together from strips, still under temporary names, and check them.

        Args:
            strips: Those of `strips_of`, in its order, with their files, which are removed.

        Raises:
            OutputError: Full disk and the like, or a strip or an output that does not read back.
            CancelledError: The caller cancelled.
        """
        total = sum(strip.pixels for strip in strips_of(self._profiles))
        done = 0
        for name, own in groupby(strips, key=lambda entry: entry[0].name):
            profile = self._profiles[name]
            overviews = [
                overview_shape(profile, level) for level in range(1, count_levels(profile.height, profile.width) + 1)
            ]
            with CogAssembly(self._finished[name], profile, overviews) as assembly:
                for strip, path in own:
                    assembly.append(path, strip.level, watch.check)
                    with contextlib.suppress(OSError):  # it goes with its folder
                        path.unlink()
                    done += strip.pixels
                    watch.report(done / total)
            self._check(name)

    def _check(self, name: str) -> None:
        """Read an output that is finished back, and write its class names beside it.

        Raises:
            OutputError: It is not what it should be.
        """
        finished, profile = self._finished[name], self._profiles[name]
        expected = profile.width, profile.height, profile.count
        write_categories(finished, profile.categories)
        with open_raster(finished) as reader:
            found = reader.info.width, reader.info.height, reader.info.count
            if found == expected:
                reader.read([1], Window(profile.height - 1, profile.width - 1, 1, 1))
                return
        raise OutputError(f"'{finished}' reads back as {found} instead of {expected}: check the disk and run again.")

    def publish(self, report: str) -> None:
        """Rename the outputs to their final names.

        Args:
            report: Content of the report file, written only when one is wanted.

        Raises:
            OutputError: A file of that name cannot be replaced.
        """
        if self._outputs.report is not None:
            try:
                with open(self._finished["report"], "w", encoding="utf-8") as file:
                    file.write(report)
            except OSError as error:
                raise cannot_write(self._outputs.report, error) from error
        for name, path in self._outputs.named().items():
            try:
                os.replace(self._finished[name], path)
                if name in self._profiles:
                    _replace_sidecars(self._finished[name], path)
            except OSError as error:
                raise cannot_write(path, error) from error

    def __enter__(self) -> Publication:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove everything temporary."""
        for path in (*self._scratch.values(), *self._finished.values()):
            remove_leftovers(path)


def _replace_sidecars(source: str, path: str) -> None:
    """Move the sidecar of a raster along; those of the replaced raster would be wrong for the new one."""
    for ending in (".ovr", ".msk"):
        if os.path.exists(path + ending):
            os.remove(path + ending)
    if os.path.exists(sidecar_path(source)):
        os.replace(sidecar_path(source), sidecar_path(path))
    elif os.path.exists(sidecar_path(path)):
        os.remove(sidecar_path(path))
