"""What tests of harmful bundles share: how one is packed, and that it is refused with one printable line."""

import zipfile

import pytest

from uhrs_qgis_plugin.engine.bundle.bundle import read_bundle
from uhrs_qgis_plugin.engine.errors import BundleError


def refused(path, match):
    with pytest.raises(BundleError, match=match) as caught:
        read_bundle(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).isprintable()


def packed(folder, pairs):
    """Write members (name, content) as the model of a folder; returns the path."""
    path = folder / "model.uhrs"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return path


def replaced(members, name, content):
    """The members with other content for one of them."""
    return [(key, content if key == name else value) for key, value in members.items()]
