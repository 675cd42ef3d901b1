"""A model that stays started from one run to the next: starting it takes longer than segmenting a small raster."""

from __future__ import annotations

from collections.abc import Callable

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.inference.contract import Arrays, OpenStreams, Streams
from uhrs_qgis_plugin.engine.inference.several import open_streams

Announce = Callable[[str], None]
Opener = Callable[[Bundle, str, Announce, str], OpenStreams]  # as `open_streams`


class KeptModel:
    """Starts a model for the first run, and lends it to the later ones.

    A run that fails stops what it works with; and where a device failed, the run went on without it. The next run
    gets a model that is started anew then.
    """

    def __init__(self, opener: Opener = open_streams) -> None:
        """Start nothing yet.

        Args:
            opener: What starts a model.
        """
        self._opener = opener
        self._lent: LentStreams | None = None
        self._announce: Announce = lambda text: None

    def open(self, bundle: Bundle, device: str, announce: Announce, precision: str) -> OpenStreams:
        """Lend the streams to a run; see `open_streams`. One run at a time, always with the same model and device."""
        self._announce = announce
        if self._lent is None or not self._lent.is_fine:
            self._lent = None  # before the new ones need memory
            self._lent = LentStreams(self._opener(bundle, device, self._tell, precision))
        return self._lent

    def _tell(self, text: str) -> None:
        """Announce to the run that goes on."""
        self._announce(text)


class LentStreams(Streams):
    """Open streams that a run does not give back; see `OpenStreams` for the attributes."""

    def __init__(self, streams: OpenStreams) -> None:
        """Take the streams, which have just been opened."""
        self.version, self.precision = streams.version, streams.precision
        self.batch_size, self.lanes, self.scenes = streams.batch_size, streams.lanes, streams.scenes
        self.idle_cores, self.keeps_features = streams.idle_cores, streams.keeps_features
        self._streams, self._device, self._stopped = streams, streams.device, False

    @property
    def is_fine(self) -> bool:
        """Whether they were neither stopped nor had to leave their device."""
        return not self._stopped and self._streams.device == self._device

    @property
    def device(self) -> str:
        """Name of the device that is used."""
        return self._streams.device

    @property
    def messages(self) -> list[str]:
        """What happened on the way, for people."""
        return self._streams.messages

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `Streams.run`."""
        return self._streams.run(graph, inputs)

    def stop(self) -> None:
        """See `OpenStreams.stop`; they are not lent again."""
        self._stopped = True
        self._streams.stop()

    def forget(self, graph: str) -> None:
        """Keep the graph: the next run wants it."""
