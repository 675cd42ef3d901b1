"""Where the workers of a run come from, as `--cluster` says it. Loads nothing of Dask."""

from __future__ import annotations

import re
from dataclasses import dataclass

from uhrs_qgis_plugin.engine.errors import OptionsError

LOCAL, SCHEDULER = "local", "scheduler"
QUEUES = ("slurm", "pbs", "kubernetes")
MOST_WORKERS = 100_000
CLUSTERS = (
    "local:4 (processes here), tcp://HOST:PORT (a Dask scheduler), or slurm:20, pbs:20, kubernetes:20 (20 workers)"
)


@dataclass(frozen=True)
class ClusterAddress:
    """Where workers come from.

    Attributes:
        kind: "local", "scheduler", or one of `QUEUES`.
        workers: How many to start; 0 = those that the scheduler has.
        url: Of the scheduler; "" where one is started.
    """

    kind: str
    workers: int
    url: str = ""


def parse_address(text: str) -> ClusterAddress:
    """Read an address.

    Raises:
        OptionsError: It is none.
    """
    if re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}", text):
        return ClusterAddress(SCHEDULER, 0, text)
    found = re.fullmatch(rf"({'|'.join((LOCAL, *QUEUES))}):(\d{{1,6}})", text)
    if found is None or not 1 <= int(found.group(2)) <= MOST_WORKERS:
        raise OptionsError(f"cluster='{text}' is not allowed: choose {CLUSTERS}.")
    return ClusterAddress(found.group(1), int(found.group(2)))
