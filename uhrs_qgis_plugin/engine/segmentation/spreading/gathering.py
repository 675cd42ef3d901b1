"""A crew for a run: workers that have the model, see the raster, and write where the client reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uhrs_qgis_plugin.engine.cluster import LOCAL, ClusterAddress, Meeting, gather_crew, parse_address
from uhrs_qgis_plugin.engine.errors import DeviceError, OptionsError
from uhrs_qgis_plugin.engine.flow import Journal, Watch
from uhrs_qgis_plugin.engine.inference import NUMBERED, cards_of, find_cards, kind_of, usable_cores
from uhrs_qgis_plugin.engine.segmentation.planning import SegmentationJob
from uhrs_qgis_plugin.engine.segmentation.spreading.facts import DEVICE, ONNXRUNTIME, OPEN_FACTS, PRECISION, facts_of
from uhrs_qgis_plugin.engine.segmentation.spreading.order import order_of

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.cluster.crew import Crew


@contextlib.contextmanager
def crew_of(job: SegmentationJob, journal: Journal, watch: Watch) -> Iterator[Crew]:
    """Gather a crew for a job, and have it agree.

    Args:
        job: The job; its options say where workers come from.
        journal: Its folder is where they write.
        watch: Stops what waits; is told who joins, and who may not.

    Yields:
        The crew.

    Raises:
        ClusterError: There are no workers, or none that fits.
        UhrsError: The model cannot be sent, or the device is not possible.
    """
    address = parse_address(job.options.cluster or "")
    cards = _cards(address, job.options.device)
    cores = max(1, (usable_cores() // address.workers)) if address.kind == LOCAL else None
    device = kind_of(job.options.device)
    with Meeting(journal.meeting) as meeting:
        order = order_of(job, meeting, journal.folder, device)
        with gather_crew(address, meeting, order, cores, cards, watch) as crew:
            crew.meet(facts_of(job), OPEN_FACTS)
            yield crew


@dataclass(frozen=True)
class CrewModel:
    """The model as a crew has started it. See `StartedModel`."""

    device: str
    precision: str
    version: str
    messages: list[str]


def model_of(crew: Crew) -> CrewModel:
    """Describe the model as a crew has started it."""
    facts = crew.facts
    return CrewModel(facts[DEVICE], facts[PRECISION], facts[ONNXRUNTIME], crew.messages)


def summary_of(crew: Crew, job: SegmentationJob) -> dict[str, Any]:
    """Sum up what workers did, for `Report.workers`."""
    devices, seconds = dict(sorted(crew.devices.items())), round(crew.seconds, 3)
    return {"cluster": job.options.cluster, "devices": devices, "tasks": crew.tasks, "seconds": seconds}


def _cards(address: ClusterAddress, device: str) -> tuple[int, ...]:
    """Numbers of the cards that local workers take in turn.

    Raises:
        OptionsError: Cards are named, but workers elsewhere have their own.
    """
    is_named = ":" in device
    if address.kind != LOCAL:
        if is_named:
            raise OptionsError(
                f"device={device} names cards, but workers of '{address.url or address.kind}' have their own: choose "
                f"{kind_of(device)}, and give each worker its card by CUDA_VISIBLE_DEVICES."
            )
        return ()
    if kind_of(device) not in ("auto", NUMBERED):
        return ()
    try:
        there = tuple(card.index for card in find_cards())
    except DeviceError:
        return ()  # said in a line where a worker starts the device
    return tuple(int(name.partition(":")[2] or 0) for name in cards_of(device)) if is_named else there
