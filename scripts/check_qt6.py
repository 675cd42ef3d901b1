"""Find code that runs under Qt 5 only: unscoped enums, PyQt without QGIS between, removed methods, QVariant types.

    .venv-qgis/bin/python scripts/check_qt6.py PATH ...        files, or folders of them

Prints one line a finding and ends with 1 when there are any. It asks the installed PyQGIS which names are members of
enums, so it needs the Python of QGIS. What stands in the `else` of a question for the version of QGIS, or for a newer
name (`hasattr`), runs under Qt 5 only and is left alone.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from enum import EnumMeta
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

QT = ("QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtXml", "QtSvg", "QtPrintSupport")
MODULES = (*(f"qgis.PyQt.{name}" for name in QT), "qgis.core", "qgis.gui", "qgis.analysis")
BINDINGS = ("PyQt4", "PyQt5", "PyQt6", "PySide2", "PySide6", "sip")
REMOVED = {"exec_": "exec", "print_": "print"}
UNKNOWN = object()  # a name whose meaning cannot be told, or that has nothing to do with Qt: no finding


class Finding(NamedTuple):
    """One place to mend.

    Attributes:
        line: Line, from 1.
        column: Column, from 1.
        text: What to write instead.
    """

    line: int
    column: int
    text: str


def is_enum(thing: object) -> bool:
    """Say whether a class is an enum of PyQt 5 (sip) or PyQt 6 (Python)."""
    return isinstance(thing, EnumMeta) or type(thing).__name__ == "enumtype"


def enum_members() -> dict[str, set[str]]:
    """Ask PyQGIS for the members of all enums that live in a class.

    Returns:
        Member -> names of the enums that have it, such as "Accepted" -> {"DialogCode"}.
    """
    members: dict[str, set[str]] = {}
    for module in map(importlib.import_module, MODULES):
        for owner in [value for value in vars(module).values() if isinstance(value, type) and not is_enum(value)]:
            for name, value in vars(owner).items():
                if is_enum(type(value)):
                    members.setdefault(name, set()).add(type(value).__name__)
                elif isinstance(value, EnumMeta):
                    for member in value.__members__:
                        members.setdefault(member, set()).add(value.__name__)
    return members


class Checker(ast.NodeVisitor):
    """Goes through one file and collects findings."""

    def __init__(self, members: dict[str, set[str]]) -> None:
        """Start with an empty list.

        Args:
            members: What `enum_members` returns.
        """
        self.findings: list[Finding] = []
        self._members = members
        self._names: dict[str, Any] = {}  # what a name of the file stands for; absent: an instance or the like
        self._called: set[ast.expr] = set()
        self._knows_qgis = False

    def visit_Import(self, node: ast.Import) -> None:
        """`import PyQt5.QtCore`, `import qgis.core as core`."""
        for alias in node.names:
            self._see_module(node, alias.name)
            root = alias.name if alias.asname else alias.name.split(".")[0]
            self._names[alias.asname or root] = _load(root) if root.split(".")[0] == "qgis" else UNKNOWN

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from PyQt5.QtCore import Qt`, `from qgis.PyQt import QtCore`."""
        module = node.module or ""
        self._see_module(node, module)
        for alias in node.names:
            meant = UNKNOWN
            if module.split(".")[0] == "qgis":
                meant = _member(_load(module), alias.name)
                meant = _load(f"{module}.{alias.name}") if meant is UNKNOWN else meant
            self._names[alias.asname or alias.name] = meant

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class of the file stands for its first base that Qt or QGIS knows."""
        known = [base for base in map(self._resolve, node.bases) if base not in (None, UNKNOWN)]
        self._names[node.name] = known[0] if known else UNKNOWN
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """`KINDS = QMetaType.Type`: a second name."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Attribute) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            meant = self._resolve(node.value)
            if meant is not None:
                self._names[node.targets[0].id] = meant

    def visit_If(self, node: ast.If) -> None:
        """Leave alone what an older QGIS runs."""
        self.visit(node.test)
        for child in [*node.body, *([] if _asks_for_version(node.test) else node.orelse)]:
            self.visit(child)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Leave alone what an older QGIS runs."""
        for child in [node.test, node.body, *([] if _asks_for_version(node.test) else [node.orelse])]:
            self.visit(child)

    def visit_Call(self, node: ast.Call) -> None:
        """Nobody calls a member of an enum: `driver.Create()` is none."""
        self._called.add(node.func)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`Qt.DisplayRole`, `dialog.exec_`, `QVariant.Int`."""
        self.generic_visit(node)
        owner, name = self._resolve(node.value), node.attr
        if owner is UNKNOWN or isinstance(owner, ModuleType):
            return
        if name in REMOVED:
            self._add(node, f"{name}() is gone: write {REMOVED[name]}()")
        elif isinstance(owner, type):
            self._check_member(node, owner)
        elif owner is None and self._is_unscoped(node):
            scopes = " or ".join(f"{scope}.{name}" for scope in sorted(self._members[name]))
            self._add(node, f"{ast.unparse(node)} looks like an unscoped enum: write {scopes} of the class")

    def _see_module(self, node: ast.stmt, module: str) -> None:
        """Find imports that bind the file to one version of Qt."""
        root = module.split(".")[0]
        self._knows_qgis |= root in (*BINDINGS, "qgis")
        if root in BINDINGS:
            self._add(node, f"import from qgis.PyQt instead of {module}")

    def _check_member(self, node: ast.Attribute, owner: type) -> None:
        """Find members of enums that are taken from the class around the enum."""
        value = getattr(owner, node.attr, None)
        if owner.__name__ == "QVariant" and (is_enum(type(value)) or is_enum(value)):
            self._add(node, f"{ast.unparse(node)} is gone: write QMetaType.Type, where QGIS takes it (3.38)")
        elif not is_enum(owner) and is_enum(type(value)):
            self._add(node, f"{ast.unparse(node)}: write {_place(owner, type(value))}.{node.attr}")

    def _is_unscoped(self, node: ast.Attribute) -> bool:
        """Guess by the names: `dialog.Accepted` is a member of an enum, `dialog.DialogCode.Accepted` is scoped."""
        scopes, name = self._members.get(node.attr), node.attr
        before = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
        camel = name[0].isupper() and name != name.upper()  # capitals alone are our own constants
        return self._knows_qgis and camel and node not in self._called and scopes is not None and before not in scopes

    def _resolve(self, node: ast.expr) -> Any:  # noqa: ANN401 (anything may stand there)
        """Tell what `a.b.c` is: something of Qt or QGIS, UNKNOWN, or None for an instance or the like."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            return None if owner is None else _member(owner, node.attr)
        return None

    def _add(self, node: ast.stmt | ast.expr, text: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(node.lineno, node.col_offset + 1, text))


def _load(module: str) -> Any:  # noqa: ANN401 (a module or UNKNOWN)
    """Import a module of QGIS; what this QGIS does not have is UNKNOWN."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return UNKNOWN


def _member(owner: Any, name: str) -> Any:  # noqa: ANN401 (anything may stand there)
    """Look a name up; what this QGIS does not have, and values that are no classes or modules, are UNKNOWN."""
    value = getattr(owner, name, UNKNOWN)
    return value if isinstance(value, (type, ModuleType)) else UNKNOWN


def _place(owner: type, kind: type) -> str:
    """Name an enum as most versions of QGIS know it: by its class where that has it, under whatever name."""
    if getattr(owner, kind.__name__, None) is kind:
        return f"{owner.__name__}.{kind.__name__}"
    # Newer QGIS has the enum in Qgis, and leaves its old name in the class.
    names = [name for name, value in vars(owner).items() if value is kind]
    return f"{owner.__name__}.{names[0]}" if names else kind.__qualname__


def _asks_for_version(test: ast.expr) -> bool:
    """Say whether a condition asks for the version of QGIS or for a newer name."""
    inside = list(ast.walk(test))
    return any(isinstance(node, ast.Attribute) and node.attr == "QGIS_VERSION_INT" for node in inside) or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hasattr" for node in inside
    )


def check(source: str, members: dict[str, set[str]]) -> list[Finding]:
    """Check the text of one file.

    Args:
        source: Python.
        members: What `enum_members` returns.

    Returns:
        Findings, from top to bottom.

    Raises:
        SyntaxError: It is no Python.
    """
    checker = Checker(members)
    checker.visit(ast.parse(source))
    return sorted(set(checker.findings))


def files(paths: list[str]) -> Iterator[Path]:
    """List the Python files of files and folders.

    Raises:
        SystemExit: A path is neither.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        elif path.is_file():
            yield path
        else:
            raise SystemExit(f"{path} does not exist: give Python files, or folders of them.")


def main(arguments: list[str]) -> int:
    """Check files and folders.

    Args:
        arguments: Their paths.

    Returns:
        0 without findings, else 1.

    Raises:
        SystemExit: Wrong usage.
    """
    if not arguments:
        raise SystemExit(__doc__)
    members = enum_members()
    count = 0
    for path in files(arguments):
        for finding in check(path.read_text(encoding="utf-8"), members):
            print(f"{path}:{finding.line}:{finding.column}: {finding.text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
