"""Find names of PyQGIS that a newer QGIS has no more, without that QGIS.

    python3 scripts/check_removed.py check PATH ...     files, or folders of them; one line a finding, ends with 1
    .venv-qgis/bin/python scripts/check_removed.py names >FILE      all names of the QGIS that runs it
    python3 scripts/check_removed.py compare OLD NEW >scripts/removed_names.txt      files that `names` wrote

`removed_names.txt` holds what QGIS 3.22 has and 3.44 has not: classes (`QgsThing`), members of classes that stay
(`QgsThing.member`), and members that no class has any more (`.member`). What stands in the `else` of a question for the
version of QGIS, or for a newer name (`hasattr`), is for an older one and is left alone. A run of the tests in the newer
QGIS (`make test-versions`) sees more; this runs anywhere.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIST = HERE / "removed_names.txt"
MODULES = ("qgis.core", "qgis.gui", "qgis.analysis")


def names() -> list[str]:
    """List classes and their members, inherited ones too, as the running QGIS has them."""
    import importlib

    found = set()
    for module in map(importlib.import_module, MODULES):
        for name, value in vars(module).items():
            if not name.startswith("_") and isinstance(value, type):
                found |= {name, *(f"{name}.{member}" for member in dir(value) if not member.startswith("_"))}
    return sorted(found)


def compare(old: set[str], new: set[str]) -> list[str]:
    """Say what went: classes, members of classes that stay, and members that no class has any more."""
    gone = {name for name in old - new if "." not in name or name.split(".")[0] in new}
    left = {name.split(".")[1] for name in new if "." in name}
    nowhere = {name.split(".")[1] for name in old if "." in name} - left
    return sorted(gone | {f".{member}" for member in nowhere})


class Finder(ast.NodeVisitor):
    """Goes through one file and collects uses of removed names."""

    def __init__(self, removed: set[str]) -> None:
        """Start with an empty list."""
        self.findings: list[tuple[int, str]] = []
        self._removed = removed

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from qgis.core import QgsThing`."""
        if (node.module or "").split(".")[0] == "qgis":
            for alias in node.names:
                self._look(node, alias.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`QgsThing.member`, `thing.member`."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id.startswith("Qgs"):
            self._look(node, f"{node.value.id}.{node.attr}")
        else:
            self._look(node, f".{node.attr}")

    def visit_If(self, node: ast.If) -> None:
        """Leave alone what an older QGIS runs."""
        self.visit(node.test)
        for child in [*node.body, *([] if _asks_for_version(node.test) else node.orelse)]:
            self.visit(child)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Leave alone what an older QGIS runs."""
        for child in [node.test, node.body, *([] if _asks_for_version(node.test) else [node.orelse])]:
            self.visit(child)

    def _look(self, node: ast.stmt | ast.expr, name: str) -> None:
        if name in self._removed:
            self.findings.append((node.lineno, f"{name.lstrip('.')} is gone in newer QGIS"))


def _asks_for_version(test: ast.expr) -> bool:
    """Say whether a condition asks for the version of QGIS or for a newer name."""
    inside = list(ast.walk(test))
    return any(isinstance(node, ast.Attribute) and node.attr == "QGIS_VERSION_INT" for node in inside) or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr" for node in inside
    )


def check(source: str, removed: set[str]) -> list[tuple[int, str]]:
    """Check the text of one file.

    Returns:
        Line and text of each finding, from top to bottom.
    """
    finder = Finder(removed)
    finder.visit(ast.parse(source))
    return sorted(set(finder.findings))


def _files(paths: list[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if not path.exists():
            raise SystemExit(f"{path} does not exist: give Python files, or folders of them.")
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def main(arguments: list[str]) -> int:
    """Run a command.

    Returns:
        0, or 1 with findings.

    Raises:
        SystemExit: Wrong usage.
    """
    if arguments == ["names"]:
        print("\n".join(names()))
        return 0
    if len(arguments) == 3 and arguments[0] == "compare":
        old, new = (set(Path(path).read_text(encoding="utf-8").split()) for path in arguments[1:])
        print("\n".join(compare(old, new)))
        return 0
    if len(arguments) < 2 or arguments[0] != "check":
        raise SystemExit(__doc__)
    removed = set(LIST.read_text(encoding="utf-8").split())
    found = [
        f"{path}:{line}: {text}"
        for path in _files(arguments[1:])
        for line, text in check(path.read_text(encoding="utf-8"), removed)
    ]
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
