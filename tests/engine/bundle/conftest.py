"""Fixtures of the tests of harmful bundles."""

import os
import zipfile

import pytest

from tests.engine.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="package")
def members(tmp_path_factory):
    """The members of a sound bundle: {name: content}."""
    path = tmp_path_factory.mktemp("hostile") / "sound.uhrs"
    write_tiny_bundle(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def folder(tmp_path):
    """A folder in which nothing but the given model may be found afterwards."""
    yield tmp_path
    assert os.listdir(tmp_path) == ["model.uhrs"]
