"""Dask's client for an address: processes here, a scheduler that runs, or a queue of jobs."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import dask
from distributed import Client, Nanny, Scheduler, SpecCluster

from uhrs_qgis_plugin.engine.cluster.address import LOCAL, SCHEDULER, ClusterAddress
from uhrs_qgis_plugin.engine.cluster.queues import start_queue
from uhrs_qgis_plugin.engine.cluster.worker import AT_A_TIME
from uhrs_qgis_plugin.engine.errors import ClusterError, one_line
from uhrs_qgis_plugin.engine.flow import Watch

CONNECT_S = 10.0
STARTS = 3  # of the processes here: one may be killed before it is there, and Dask then starts none
REMEMBERED = 50  # messages, in Dask's logs for debugging
HOST = "127.0.0.1"
SETTINGS = {
    "distributed.comm.timeouts.connect": f"{CONNECT_S:.0f}s",
    # For workers here. Dask's default gives every freed array back to the system, which then clears new pages
    # for the next one; and nobody looks at profiles of workers that wait for onnxruntime.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    "distributed.worker.profile.enabled": False,
    # Scheduler and client remember so many messages of each worker, with all that they contain.
    "distributed.admin.low-level-log-length": REMEMBERED,
}


@contextlib.contextmanager
def start_cluster(address: ClusterAddress, cards: Sequence[int], watch: Watch) -> Iterator[tuple[Any, Watch]]:
    """Start what an address asks to be started.

    Args:
        address: The address.
        cards: Numbers of the cards that local workers take in turn; none = they get no card of their own.
        watch: Stops what waits; is told what a queue says.

    Yields:
        What `connect` takes: Dask's cluster, or the address of a scheduler; and the watch of the run.

    Raises:
        ClusterError: It cannot be started.
        CancelledError: The caller cancelled.
    """
    if address.kind == SCHEDULER:
        yield address.url, watch
    elif address.kind == LOCAL:
        cluster = _local(address.workers, cards)
        try:
            yield cluster, watch
        finally:
            with contextlib.suppress(Exception):  # whatever Dask says now, the run is over
                cluster.close(timeout=CONNECT_S)
    else:
        with start_queue(address, _dashboard(), watch) as started:
            yield started


def connect(cluster: Any) -> Client:  # noqa: ANN401 (Dask is untyped)
    """Connect to a scheduler.

    Args:
        cluster: From `start_cluster`.

    Raises:
        ClusterError: It does not answer.
    """
    try:
        return Client(cluster, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise ClusterError(
            f"The scheduler at '{cluster}' does not answer within {CONNECT_S:.0f} s ({one_line(error)}): check the "
            "address, and that it runs."
        ) from error


def _local(workers: int, cards: Sequence[int]) -> SpecCluster:
    """Processes on this computer. Each worker has a card, where there are cards.

    Raises:
        ClusterError: They do not start.
    """
    options = {
        "host": HOST,
        "nthreads": AT_A_TIME,
        "memory_limit": 0,  # what a worker takes is bounded by scene, block and batch
        "silence_logs": logging.CRITICAL,  # what matters is told by the client
        "dashboard": False,
    }
    spec = {
        number: {"cls": Nanny, "options": {**options, "env": _environment(number, cards)}} for number in range(workers)
    }
    scheduler = {"cls": Scheduler, "options": {"host": HOST, "port": 0, **_dashboard()}}
    for _ in range(STARTS):
        try:
            return SpecCluster(workers=spec, scheduler=scheduler, silence_logs=logging.CRITICAL)
        except (RuntimeError, OSError) as error:
            why = one_line(error)
    raise ClusterError(
        f"Of {workers} worker processes here one did not start, {STARTS} times ({why}): choose fewer, or see that "
        "there is memory for them."
    )


def _environment(number: int, cards: Sequence[int]) -> dict[str, str]:
    """Variables of a local worker."""
    if not cards:
        return {}
    there = [entry for entry in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if entry]
    card = cards[number % len(cards)]
    return {"CUDA_VISIBLE_DEVICES": there[card] if card < len(there) else str(card)}


def _dashboard() -> dict[str, Any]:
    """Options of the scheduler for Dask's dashboard, which needs bokeh."""
    if not has_dashboard():
        return {"dashboard": False, "dashboard_address": f"{HOST}:0"}
    return {"dashboard": True, "dashboard_address": f"{HOST}:8787"}


def has_dashboard() -> bool:
    """Whether Dask's dashboard can be shown from here."""
    return importlib.util.find_spec("bokeh") is not None


@contextlib.contextmanager
def settings() -> Iterator[None]:
    """Settings of Dask's for a run, and its silence: all that matters is told."""
    named = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if _is_of_dask(name)]
    levels = {logger: logger.level for logger in named if logger.level != logging.NOTSET}
    for logger in levels:
        logger.setLevel(logging.CRITICAL)
    try:
        with dask.config.set(SETTINGS):
            yield
    finally:
        for logger, level in levels.items():
            logger.setLevel(level)


def _is_of_dask(name: str) -> bool:
    """Whether a logger is one of Dask's scheduler and client."""
    return name.partition(".")[0] == "distributed"
