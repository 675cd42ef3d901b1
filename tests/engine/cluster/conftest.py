import pytest


@pytest.fixture
def work(tmp_path):
    """The folder that a toy works in."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
