"""Workers in other processes and on other computers, by Dask, which is loaded when a crew is gathered."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from uhrs_qgis_plugin.engine.cluster.address import CLUSTERS, LOCAL, ClusterAddress, parse_address
from uhrs_qgis_plugin.engine.cluster.contract import Done, Meeting, Opening, Task, Workplace
from uhrs_qgis_plugin.engine.errors import ClusterError, one_line
from uhrs_qgis_plugin.engine.flow import Watch

if TYPE_CHECKING:
    from uhrs_qgis_plugin.engine.cluster.crew import Crew

__all__ = [
    "CLUSTERS",
    "LOCAL",
    "ClusterAddress",
    "Done",
    "Meeting",
    "Opening",
    "Task",
    "Workplace",
    "gather_crew",
    "hand_out",
    "parse_address",
]


@contextlib.contextmanager
def gather_crew(
    address: ClusterAddress, meeting: Meeting, opening: Opening, cores: int | None, cards: Sequence[int], watch: Watch
) -> Iterator[Crew]:
    """Find workers for a run, or start them; they open their workplaces.

    Args:
        address: Where they come from.
        meeting: The run's, which has begun.
        opening: Opens the workplace of a worker; pickled, so it and what it holds must be known to workers by name.
        cores: That a worker may use; None = as many as it has threads.
        cards: Numbers of the cards that local workers take in turn.
        watch: Stops what waits; is told who joins, and who may not.

    Yields:
        The crew, before it met.

    Raises:
        ClusterError: Dask is missing, workers cannot be started, or the scheduler does not answer.
    """
    try:
        from uhrs_qgis_plugin.engine.cluster.crew import Crew
        from uhrs_qgis_plugin.engine.cluster.start import settings, start_cluster
        from uhrs_qgis_plugin.engine.cluster.worker import Membership
    except ImportError as error:
        raise ClusterError(
            f"--cluster needs the package dask[distributed] ({one_line(error)}): "
            'run `python -m pip install "dask[distributed]"` in the Python that runs this.'
        ) from error
    is_ours = address.kind == LOCAL
    with settings(), start_cluster(address, cards, watch) as (cluster, watch):
        crew = Crew(cluster, address, meeting, Membership(meeting, opening, cores, is_ours), watch)
        try:
            yield crew
        finally:
            meeting.end()
            crew.close()


def hand_out(crew: Crew, kind: str, tasks: Iterable[Task]) -> Iterator[Done]:
    """Have tasks done; see `cluster.handing_out`."""
    from uhrs_qgis_plugin.engine.cluster.handing_out import hand_out as hand_out_to

    return hand_out_to(crew, kind, tasks)
