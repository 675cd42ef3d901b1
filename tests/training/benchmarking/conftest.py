"""What tests of benchmark.py and frontier.py share."""

import json
from pathlib import Path

import pytest

from training.benchmarking import passes, runner
from training.benchmarking.worker import in_torch


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """Counts and exports in this process, where torch is loaded already; keeps the last graph."""
    kept = tmp_path / "kept.onnx"
    as_usual = runner.in_own_process

    def in_own_process(job, folder):
        if job.kind == "time":
            return as_usual(job, folder)
        if job.kind == "count":
            return json.loads(json.dumps(in_torch(job)))
        passes.export(passes.build(job.subject), job)
        kept.write_bytes(Path(job.graph).read_bytes())
        return {}

    monkeypatch.setattr(runner, "in_own_process", in_own_process)
    return kept
