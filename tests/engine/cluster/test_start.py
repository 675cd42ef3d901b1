"""Local workers that do not start: once more, then one line."""

import pytest

from uhrs_qgis_plugin.engine.cluster import parse_address
from uhrs_qgis_plugin.engine.errors import ClusterError
from uhrs_qgis_plugin.engine.flow import UNWATCHED

pytest.importorskip("distributed")


class Failing:
    """Dask's cluster, which fails some times before it starts."""

    def __init__(self, times):
        self.times, self.tries = times, 0

    def __call__(self, **options):
        self.tries += 1
        if self.tries <= self.times:
            raise RuntimeError("Nanny failed to start.")
        return self

    def close(self, timeout):
        """Nothing to close."""


def test_a_worker_that_dies_while_it_starts_is_started_again(monkeypatch):
    from uhrs_qgis_plugin.engine.cluster import start

    fails = Failing(2)
    monkeypatch.setattr(start, "SpecCluster", fails)
    with start.start_cluster(parse_address("local:2"), (), UNWATCHED) as (cluster, _):
        assert cluster is fails
    assert fails.tries == 3


def test_workers_that_never_start_are_one_line(monkeypatch):
    from uhrs_qgis_plugin.engine.cluster import start

    monkeypatch.setattr(start, "SpecCluster", Failing(99))
    with pytest.raises(ClusterError, match=r"^Of 2 worker processes here one did not start.*Nanny failed.*fewer"):
        start.start_cluster(parse_address("local:2"), (), UNWATCHED).__enter__()
