"""The connection to a scheduler, without workers."""

import threading
from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")

from distributed import Client, LocalCluster

from uhrs_qgis_plugin.engine.cluster.link import Joined, Link


def test_a_worker_is_heard_that_answers_before_the_scheduler_knows_who_listens(monkeypatch):
    subscribe = Client.subscribe_topic
    monkeypatch.setattr(
        Client, "subscribe_topic", lambda *arguments: threading.Timer(0.5, subscribe, arguments).start()
    )
    answer = {"worker": "tcp://somewhere:1"}
    monkeypatch.setattr(
        Client,
        "register_plugin",  # as if a worker answered soon after it learnt of the run
        lambda client, run: threading.Timer(0.1, client.log_event, (run.name, answer)).start(),
    )
    with LocalCluster(n_workers=0, processes=False, protocol="tcp", dashboard_address=None) as cluster:
        link = Link(cluster.scheduler_address, SimpleNamespace(name="run"))
        try:
            assert link.events.get(timeout=60) == Joined(answer)
        finally:
            link.close(farewell=False)
