"""Fixtures of whole runs: streams without a network, and a folder for the outputs."""

import pytest

from tests.engine.fakes import PixelStreams
from uhrs_qgis_plugin.engine.segmentation import pipeline


@pytest.fixture
def fake_streams():
    """The streams that runs open; a test module may have others."""
    return PixelStreams()


@pytest.fixture
def streams(monkeypatch, fake_streams):
    """Let the pipeline open these streams instead of onnxruntime's."""
    monkeypatch.setattr(pipeline, "open_streams", lambda bundle, device, announce, precision: fake_streams)
    return fake_streams


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
