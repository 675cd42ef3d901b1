"""The lines of `uhrs:diagnostics` as text to paste and as a page to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from uhrs_qgis_plugin.engine.diagnostics import PRIVACY, Fact

TITLE = "UHRS segmentation: diagnostics"
STYLE = """
body { font: 14px/1.45 sans-serif; color: #222; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } td { padding: .2em .8em .2em 0; vertical-align: top; }
td:first-child { color: #555; white-space: nowrap; } .broken td { color: #a40000; font-weight: bold; }
pre { border: 1px solid #ccc; background: #f6f6f6; padding: .8em; white-space: pre-wrap; }
"""


def next_steps(facts: Sequence[Fact], install_advice: str) -> list[str]:
    """Say what to do next.

    Args:
        facts: What was found.
        install_advice: How to install onnxruntime, "" when it is installed.

    Returns:
        Lines; they may contain paths of this computer, so they are not part of the text to paste.
    """
    if install_advice:
        return [install_advice]
    broken = [fact.name for fact in facts if not fact.fine]
    if not broken:
        return ["Everything works."]
    return [f"Broken: {', '.join(broken)}. Help > Plugins > UHRS segmentation: installation tells what can be done."]


def to_text(facts: Sequence[Fact]) -> str:
    """Compose the lines to paste: plain text."""
    head = f"{TITLE}, {date.today().isoformat()}"
    return "\n".join((head, *(f"{fact}{'' if fact.fine else '  <-- broken'}" for fact in facts), PRIVACY)) + "\n"


def to_html(facts: Sequence[Fact], advice: Sequence[str]) -> str:
    """Compose the page.

    Args:
        facts: What was found.
        advice: What to do next.

    Returns:
        HTML without scripts; every text in it is escaped.
    """
    rows = "".join(
        f"<tr{'' if fact.fine else ' class=broken'}><td>{escape(fact.name)}</td><td>{escape(fact.value)}</td></tr>\n"
        for fact in facts
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{TITLE}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{TITLE}</h1>\n"
        f"{''.join(f'<p>{escape(line)}</p>' for line in advice)}\n<table>\n{rows}</table>\n"
        f"<p>To paste into a bug report:</p>\n<pre>{escape(to_text(facts))}</pre>\n</body>\n</html>\n"
    )
