"""scripts/check_removed.py: uses of what newer versions of PyQGIS have no more."""

import subprocess
import sys
import textwrap
from pathlib import Path

from scripts.check_removed import check, compare

ROOT = Path(__file__).resolve().parents[2]
REMOVED = {"QgsOld", "QgsThing.gone", ".nowhere"}


def test_comparison_tells_classes_members_and_what_is_nowhere():
    old = {"QgsOld", "QgsOld.a", "QgsThing", "QgsThing.gone", "QgsThing.kept", "QgsOther", "QgsOther.gone", "QgsOld.b"}
    new = {"QgsThing", "QgsThing.kept", "QgsOther", "QgsOther.gone", "QgsOther.b"}
    assert compare(old, new) == [".a", "QgsOld", "QgsThing.gone"]


def test_uses_are_found_and_guarded_ones_are_not():
    source = """
        from qgis.core import QgsOld, QgsThing
        QgsThing.gone, QgsThing.kept, thing.gone, thing.nowhere()
        x = new if hasattr(QgsThing, "new") else QgsThing.gone
        if Qgis.QGIS_VERSION_INT >= 34000:
            y = 1
        else:
            y = QgsThing.gone
        z = QgsThing.gone if maybe else 1
    """
    found = check(textwrap.dedent(source), REMOVED)
    assert found == [
        (2, "QgsOld is gone in newer QGIS"),
        (3, "QgsThing.gone is gone in newer QGIS"),
        (3, "nowhere is gone in newer QGIS"),
        (9, "QgsThing.gone is gone in newer QGIS"),
    ]


def test_command_ends_with_one_where_something_is_gone(tmp_path):
    """By the real list, of which one class is certain: 3.44 has no GeoNode any more."""
    (tmp_path / "old.py").write_text("from qgis.core import QgsGeoNodeRequest\n")
    command = [sys.executable, ROOT / "scripts" / "check_removed.py", "check", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "old.py:1: QgsGeoNodeRequest is gone" in done.stdout


def test_plugin_uses_nothing_that_is_gone():
    command = [sys.executable, ROOT / "scripts" / "check_removed.py", "check", ROOT / "uhrs_qgis_plugin"]
    assert subprocess.run(command, capture_output=True, text=True).stdout == ""
