"""Several cards for one run: each has the whole model, and takes the next scene, batch or block that waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from uhrs_qgis_plugin.engine.bundle import Bundle
from uhrs_qgis_plugin.engine.errors import DeviceError
from uhrs_qgis_plugin.engine.inference import sessions
from uhrs_qgis_plugin.engine.inference.cards import find_cards
from uhrs_qgis_plugin.engine.inference.contract import Arrays, OpenStreams, Streams
from uhrs_qgis_plugin.engine.inference.devices import ALL, NUMBERED, kind_of


class SeveralCards(Streams):
    """The streams of a bundle on several cards.

    What is computed does not depend on which card computes it, nor on how many there are: batches and blocks are cut
    before they are handed out. See `OpenStreams` for the attributes.
    """

    def __init__(self, cards: Sequence[sessions.StartedStreams], messages: Sequence[str] = ()) -> None:
        """Take over the open streams.

        Args:
            cards: One for each card.
            messages: What happened on the way, besides what the cards themselves tell.
        """
        self.version = cards[0].version
        self.precision = cards[0].precision
        self.batch_size = min(card.batch_size for card in cards)
        self.lanes = sum(card.lanes for card in cards)
        self.scenes = len(cards)
        self.idle_cores = cards[0].idle_cores
        self.keeps_features = False  # a block may be fused on another card than refined its patches
        self._cards, self._messages = list(cards), list(messages)
        self._working, self._lock = len(cards), threading.Lock()
        self._idle: queue.SimpleQueue[sessions.StartedStreams] = queue.SimpleQueue()
        for card in cards:
            for _ in range(card.lanes):
                self._idle.put(card)

    @property
    def device(self) -> str:
        """Name of the cards that are used, such as "cuda:0,1"; "cpu" after all failed."""
        names = [card.device.partition(":")[2] or "0" for card in self._cards if kind_of(card.device) == NUMBERED]
        return f"{NUMBERED}:{','.join(names)}" if names else self._cards[0].device

    @property
    def messages(self) -> list[str]:
        """What happened on the way, for people."""
        return [*self._messages, *(text for card in self._cards for text in card.messages)]

    def run(self, graph: str, inputs: Arrays) -> Arrays:
        """See `OrtStreams.run`; waits for a card that is idle. One that failed gets nothing more while others work."""
        card = self._idle.get()
        try:
            return card.run(graph, inputs)
        finally:
            if not self._retires(card):
                self._idle.put(card)

    def stop(self) -> None:
        """See `OrtStreams.stop`."""
        for card in self._cards:
            card.stop()

    def forget(self, graph: str) -> None:
        """See `OrtStreams.forget`."""
        for card in self._cards:
            card.forget(graph)

    def _retires(self, card: sessions.StartedStreams) -> bool:
        """Whether a card has failed and others are left: the processor, which took over, would only hold them up."""
        if kind_of(card.device) == NUMBERED:
            return False
        with self._lock:
            if self._working == 1:
                return False
            self._working -= 1
            return True


def open_streams(
    bundle: Bundle,
    device: str = "auto",
    announce: Callable[[str], None] | None = None,
    precision: str = "auto",
) -> OpenStreams:
    """Start a model on a device, or on several cards, and try it out.

    Args:
        device: As `sessions.open_streams` takes it, or several cards: "cuda:all", "cuda:0,2".
        announce: See `sessions.open_streams`.
        precision: See `sessions.open_streams`.

    Returns:
        The streams.

    Raises:
        OptionsError: See `sessions.open_streams`.
        DeviceError: See `sessions.open_streams`.
        BundleError: See `sessions.open_streams`.
    """
    names = cards_of(device)
    opened = [sessions.open_streams(bundle, name, announce, precision, len(names) == 1) for name in names]
    if len(opened) == 1:
        return opened[0]
    works = [streams for streams in opened if kind_of(streams.device) == NUMBERED]
    failed = [text for streams in opened if streams not in works for text in streams.messages]
    return SeveralCards(works, failed) if works else SeveralCards(opened[:1], failed[len(opened[0].messages) :])


def cards_of(device: str) -> tuple[str, ...]:
    """The devices that a name stands for, each once; a name of its own where it stands for one."""
    kind, _, numbers = device.partition(":")
    if kind != NUMBERED or not (numbers == ALL or "," in numbers):
        return (device,)
    if numbers != ALL:
        return tuple(dict.fromkeys(f"{NUMBERED}:{int(number)}" for number in numbers.split(",")))
    try:
        return tuple(f"{NUMBERED}:{card.index}" for card in find_cards())
    except DeviceError:  # said in a line where the device is started
        return (NUMBERED,)
