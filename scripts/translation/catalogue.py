"""Catalogues of translations: Qt's `.ts` files, as Qt Linguist opens them, and what can be wrong with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from xml.etree import ElementTree  # nosec B405  # our own files

CONTEXT = "UHRS"  # that of uhrs_qgis_plugin/translation.py
LANGUAGES = ("de", "es", "fr", "pt")
# What a translation must hold as often as its source: places to fill in, tags, keys of menus, lists of file types.
PLACES = re.compile(r"\{[^{}]*\}|%\d|%n|&&|&(?=\w)|</?\w+[^>]*>|\(\*[^)]*\)|;;|\.\.\.|\n")


def catalogue_path(folder: Path, language: str) -> Path:
    """Name the catalogue of a language."""
    return folder / f"uhrs_{language}.ts"


def read_catalogue(path: Path) -> dict[str, str]:
    """Read a catalogue.

    Returns:
        English -> translation, "" where it is unfinished.
    """
    messages = ElementTree.parse(path).getroot().iter("message")  # nosec B314  # our own files
    texts = ((item.findtext("source") or "", item.find("translation")) for item in messages)
    return {
        source: "" if found is None or found.get("type") == "unfinished" else found.text or ""
        for source, found in texts
    }


def write_catalogue(path: Path, language: str, texts: Iterable[str], known: Mapping[str, str]) -> None:
    """Write a catalogue with the texts of today; those without a translation are marked as unfinished.

    Args:
        path: The file.
        language: Such as "de".
        texts: English, in their order in the file.
        known: English -> translation.
    """
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>", f'<TS version="2.1" language="{language}">']
    lines += ["<context>", f"    <name>{CONTEXT}</name>"]
    for text in texts:
        translation = known.get(text, "")
        mark = "" if translation else ' type="unfinished"'
        lines += ["    <message>", f"        <source>{escape(text, quote=False)}</source>"]
        lines += [f"        <translation{mark}>{escape(translation, quote=False)}</translation>", "    </message>"]
    path.write_text("\n".join([*lines, "</context>", "</TS>", ""]), encoding="utf-8")


def problems(texts: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """Compare a catalogue with the texts of the code.

    Returns:
        One line a fault: missing, left over, other places to fill in, other blanks at the ends.
    """
    wanted = list(texts)
    faults = [f"left over, the code has it no more: {text!r}" for text in known if text not in set(wanted)]
    for text in wanted:
        translation = known.get(text, "")
        if not translation:
            faults.append(f"not translated: {text!r}")
        elif Counter(PLACES.findall(text)) != Counter(PLACES.findall(translation)):
            faults.append(f"other places to fill in: {text!r} -> {translation!r}")
        elif _ends(text) != _ends(translation):
            faults.append(f"other blanks or colons at the ends: {text!r} -> {translation!r}")
    return faults


def _ends(text: str) -> tuple[str, str, bool]:
    bare = text.strip()
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :], bare.endswith(":")
