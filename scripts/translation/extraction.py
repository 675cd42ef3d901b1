"""Find the texts that people read in the code: what goes through `tr`, and the texts of Processing parameters.

`pylupdate5` finds only calls of `tr` with a text inside. Here texts wait in tables: those that are marked by `mark`,
and those of algorithms, which `UhrsAlgorithm` translates itself (title, summary, tags; label and help of parameters and
outputs; names of groups; file filters).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SHOWN = ("tr", "mark", "translate")  # functions whose first argument is a text
ALGORITHM_TEXTS = ("TITLE", "SUMMARY", "TAGS")  # attributes of the subclasses of UhrsAlgorithm
TABLES = {"Parameter": ("label", "help"), "Output": ("label", "help"), "Group": ("id", "label")}
NO_TEXT = ("id",)  # fields of tables that nobody reads
FILTER = "fileFilter"


class ExtractionError(Exception):
    """A text cannot be translated as it is written."""


def extract_texts(package: Path) -> list[str]:
    """Find all texts of a package.

    Returns:
        Each once, file by file, as they stand.

    Raises:
        ExtractionError: A text is composed before it is translated.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
    makers = {name for tree in trees.values() for name in _makers(tree)}
    found: dict[str, None] = {}
    for path, tree in trees.items():
        for text in _texts(tree, makers, path):
            if text.strip():
                found[text] = None
    return list(found)


def _texts(tree: ast.Module, makers: set[str], path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SHOWN and len(node.args) == 1:
                yield from _shown(node.args[0], path)
            elif name in TABLES:
                yield from _of_table(node, TABLES[name])
            elif name in makers:
                yield from _of_maker(node)
        elif isinstance(node, ast.Dict):
            filters = [value for key, value in zip(node.keys, node.values) if _literal(key) == FILTER]
            yield from (text for text in map(_literal, filters) if text)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") in ALGORITHM_TEXTS:
                    yield from _shown(statement.value, path)


def _shown(argument: ast.expr, path: Path) -> Iterator[str]:
    """Texts of an argument; one of two is a choice, and a name stands for a text that is marked elsewhere."""
    if isinstance(argument, ast.IfExp):
        yield from _shown(argument.body, path)
        yield from _shown(argument.orelse, path)
    elif isinstance(argument, (ast.JoinedStr, ast.BinOp)):
        raise ExtractionError(
            f"{path}:{argument.lineno}: a text is put together before it is translated: write one text with {{}} in "
            "it, and fill it in after tr()."
        )
    else:
        text = _literal(argument)
        if text is not None:
            yield text


def _of_table(call: ast.Call, fields: tuple[str, str]) -> Iterator[str]:
    """Texts of the first two fields, given by place or by name."""
    values: list[tuple[str, ast.expr]] = list(zip(fields, call.args))
    values += [(keyword.arg or "", keyword.value) for keyword in call.keywords]
    for name, value in values:
        if name in fields and name not in NO_TEXT:
            text = _literal(value)
            if text is not None:
                yield text


def _of_maker(call: ast.Call) -> Iterator[str]:
    """Texts among the first two arguments of a function that makes a parameter."""
    values = [
        *call.args[:2],
        *(keyword.value for keyword in call.keywords if keyword.arg in ("label", "help", "sentence")),
    ]
    yield from (text for text in map(_literal, values) if text is not None)


def _makers(tree: ast.Module) -> Iterator[str]:
    """Names of functions that return a parameter or output made of their arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
            calls = [value for value in returned if isinstance(value, ast.Call)]
            if any(getattr(call.func, "id", "") in ("Parameter", "Output") for call in calls):
                yield node.name


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
