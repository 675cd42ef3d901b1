"""Many rasters, each segmented by a run of its own: one model that stays started, one table, what is done is kept."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from uhrs_qgis_plugin.engine.bundle import Bundle, find_model
from uhrs_qgis_plugin.engine.errors import CancelledError, OptionsError, OutsideError, one_line, without_secrets
from uhrs_qgis_plugin.engine.flow import UNWATCHED, Event, Message, Watch, remove_leftover
from uhrs_qgis_plugin.engine.inference import KeptModel, OpenStreams
from uhrs_qgis_plugin.engine.many.inputs import Input
from uhrs_qgis_plugin.engine.many.table import DONE, FAILED, KEPT, NOT_RUN, OUTSIDE, table_at
from uhrs_qgis_plugin.engine.many.targets import Folders, make_folder
from uhrs_qgis_plugin.engine.outputs import Outputs
from uhrs_qgis_plugin.engine.raster import RasterSource, is_remote, open_raster, with_crs
from uhrs_qgis_plugin.engine.raster.mosaic import describe, is_stac_name
from uhrs_qgis_plugin.engine.segmentation import Options, digest_of, finished_result, read_area, segment

MOST_MESSAGES = 20  # warnings of the runs that are passed on; all are in the table


@dataclass(frozen=True)
class RasterBegun(Event):
    """A raster begins: its number from 1, how many there are, and its name."""

    number: int
    count: int
    name: str


@dataclass(frozen=True)
class RasterFailed(Event):
    """A raster could not be segmented; the others go on."""

    name: str
    reason: str


@dataclass(frozen=True)
class Tally:
    """What became of many rasters.

    Attributes:
        done: Segmented now.
        kept: Left as they were: done by an earlier run.
        outside: Without a pixel in the bounds or the area of interest.
        failed: Not segmented; the table says why.
        table: The CSV file.
        seconds: From start to end.
    """

    done: int
    kept: int
    outside: int
    failed: int
    table: str
    seconds: float

    @property
    def count(self) -> int:
        """All rasters."""
        return self.done + self.kept + self.outside + self.failed


def segment_each(
    inputs: Sequence[Input],
    bundle: Bundle | str | os.PathLike[str],
    folders: Folders,
    options: Options = Options(),  # noqa: B008 (frozen)
    watch: Watch = UNWATCHED,
    area: str | None = None,
) -> Tally:
    """Segment rasters one after the other, and write a table of all results.

    A raster is kept as it is where its results are there, of the same file, model and options. One that fails leaves
    the others alone. The table is written in the end, also after a cancel; after a kill, the same call goes on with
    what is not done, and the table tells of all.

    Args:
        inputs: From `find_inputs`.
        bundle: The model, its name, or the path of its `.uhrs` file.
        folders: Where the results go.
        options: How to segment each; `options.area` and `options.minutes` are for one raster.
        watch: Its events are `RasterBegun`, `RasterFailed` and `Message`.
        area: File of polygons to process, in any coordinate reference system.

    Returns:
        What became of them.

    Raises:
        BundleError: The model cannot be used.
        OptionsError: The options are for one raster.
        DeviceError: The device is missing, or does not start.
        OutputError: A folder or the table cannot be written.
        CancelledError: The caller cancelled; rasters that were finished stay, and the table tells which.
    """
    begun = time.monotonic()
    if options.minutes is not None or options.area is not None:
        raise OptionsError(
            "minutes, and an area in a raster's own coordinates, are for one raster: give a ratio or a threshold, and "
            "the area as a file."
        )
    model = bundle if isinstance(bundle, Bundle) else find_model(os.fspath(bundle))
    folders.check()
    runs = _Runs(model, folders, options, watch, area)
    cancelled: CancelledError | None = None
    states: Counter[str] = Counter()
    with table_at(folders.table_path, model.classes) as table:
        for number, item in enumerate(inputs):
            place = number / len(inputs), (number + 1) / len(inputs)
            if cancelled is None:
                try:
                    watch.report(place[0])
                    watch.notify(RasterBegun(number + 1, len(inputs), item.name))
                    state, result, message = runs.run(item, watch.part(*place))
                except CancelledError as error:
                    cancelled = error
            if cancelled is not None:
                state, result, message = NOT_RUN, None, ""
            states[state] += 1
            classes = "" if result is None else folders.outputs(item.name).classes
            table.write(without_secrets(item.raster), classes, state, result, message)
    if cancelled is not None:
        raise cancelled
    watch.progress(1.0)
    done, kept, outside, failed = (states[state] for state in (DONE, KEPT, OUTSIDE, FAILED))
    return Tally(done, kept, outside, failed, folders.table_path, round(time.monotonic() - begun, 3))


class _Runs:
    """The runs, which share a model."""

    def __init__(self, model: Bundle, folders: Folders, options: Options, watch: Watch, area: str | None) -> None:
        self._model, self._folders, self._options = model, folders, options
        self._watch, self._area = watch, area
        self._kept = KeptModel()
        self._is_open = False
        self._told: set[str] = set()
        self._area_in = lru_cache(8)(read_area)

    def run(self, item: Input, watch: Watch) -> tuple[str, Mapping[str, Any] | None, str]:
        """Segment a raster, unless its results are there.

        Returns:
            State, what is known of the result, and a text where nothing is.

        Raises:
            CancelledError: The caller cancelled.
            BundleError: The model does not start.
            DeviceError: The device does not start.
        """
        outputs = self._folders.outputs(item.name)
        try:
            options = self._options_for(item)
            source = self._source(item)
            digest = digest_of(source, self._model, options, outputs)
            result = finished_result(outputs, digest)
            if result is not None:
                remove_leftover(outputs.classes)
                return KEPT, result, ""
        except OutsideError as error:
            return OUTSIDE, None, str(error)
        except Exception as error:
            return self._failed(item, error)
        if not self._is_open:  # what is wrong with model or device is so for all
            self._open(self._model, options.device, lambda text: None, options.precision)
            self._is_open = True
        try:
            return DONE, self._segment(item, outputs, options, watch), ""
        except CancelledError:
            raise
        except OutsideError as error:
            return OUTSIDE, None, str(error)
        except Exception as error:  # also one that only a bug of ours explains: the others are worth more
            return self._failed(item, error)

    def _options_for(self, item: Input) -> Options:
        """The options of a raster: with the area in its coordinate reference system."""
        if self._area is None:
            return self._options
        with open_raster(item.raster, alpha=self._options.alpha, asset=self._options.asset) as reader:
            crs_wkt = with_crs(reader.info, self._options.crs).crs_wkt
        return replace(self._options, area=self._area_in(self._area, crs_wkt))

    def _source(self, item: Input) -> RasterSource:
        """The raster by its files; one on a server is asked for what identifies it."""
        if not is_remote(item.raster) and not is_stac_name(item.raster):
            return describe(item.raster)
        with open_raster(item.raster, alpha=self._options.alpha, asset=self._options.asset) as reader:
            return reader.info.source

    def _segment(self, item: Input, outputs: Outputs, options: Options, watch: Watch) -> Mapping[str, Any]:
        for path in outputs.named().values():
            make_folder(os.path.dirname(path))

        def notify(event: Event) -> None:
            if isinstance(event, Message) and event.is_warning:
                self._tell(event.text, replace(event, text=f"{item.name}: {event.text}"))

        report = segment(item.raster, self._model, outputs, options, replace(watch, notify=notify), self._open)
        return {"seconds": report.seconds["total"], **report.result()}

    def _failed(self, item: Input, error: Exception) -> tuple[str, None, str]:
        reason = one_line(str(error)) or type(error).__name__
        self._watch.notify(RasterFailed(item.name, reason))
        return FAILED, None, reason

    def _open(self, model: Bundle, device: str, announce: Callable[[str], None], precision: str) -> OpenStreams:
        """Lend the model to a run; what happens to the device is announced for all runs."""
        return self._kept.open(model, device, lambda text: self._tell(text, Message(text)), precision)

    def _tell(self, text: str, message: Message) -> None:
        """Pass a message on where its text is new, and not too many."""
        if text in self._told or len(self._told) > MOST_MESSAGES:
            return
        self._told.add(text)
        if len(self._told) > MOST_MESSAGES:
            message = Message("There are more messages: the table has the warnings of each raster.")
        self._watch.notify(message)
