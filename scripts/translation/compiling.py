"""Pack a catalogue as Qt loads it: the `.qm` format of Qt 5 and Qt 6, as `lrelease` writes it.

`lrelease` itself would do, but brings a compiler along on Debian, and is not where QGIS is on Windows and macOS.
Format: qtbase, src/corelib/kernel/qtranslator.cpp (`QTranslatorPrivate::do_load`, `do_translate`, `getMessage`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

MAGIC = bytes((0x3C, 0xB8, 0x64, 0x18, 0xCA, 0xEF, 0x9C, 0x95, 0xCD, 0x21, 0x1C, 0xBF, 0x60, 0xA1, 0xBD, 0xDD))
HASHES, MESSAGES, LANGUAGE = 0x42, 0x69, 0xA7  # sections
END, TRANSLATION, SOURCE, CONTEXT = 1, 3, 6, 7  # parts of a message


def compile_catalogue(context: str, language: str, translations: Mapping[str, str]) -> bytes:
    """Pack translations.

    Args:
        context: The context of all texts.
        language: Such as "de".
        translations: English -> translation; empty ones are left out, and stay English.

    Returns:
        The bytes of a `.qm` file, always the same for the same translations.
    """
    messages, hashes = b"", []
    for source, translation in sorted(translations.items()):
        if translation:
            key = source.encode("utf-8")
            hashes.append((_hash(key), len(messages)))
            messages += _part(TRANSLATION, translation.encode("utf-16-be"))
            messages += _part(SOURCE, key) + _part(CONTEXT, context.encode("utf-8")) + bytes([END])
    table = b"".join(struct.pack(">II", *entry) for entry in sorted(hashes))
    return MAGIC + b"".join(
        _part(tag, data) for tag, data in ((LANGUAGE, language.encode("utf-8")), (HASHES, table), (MESSAGES, messages))
    )


def _part(tag: int, data: bytes) -> bytes:
    return struct.pack(">BI", tag, len(data)) + data


def _hash(key: bytes) -> int:
    """The hash of Unix object files (ELF), by which Qt finds a text."""
    value = 0
    for byte in key:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high if high else value
    return value or 1
