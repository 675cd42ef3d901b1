"""Photographs that were stored turned: the EXIF orientation, which GDAL ignores and most other programs obey."""

from __future__ import annotations

import struct
from pathlib import Path

_TAG = 274  # Orientation: 1 is upright
_MOST_ENTRIES = 4096  # of a directory, against damaged files
_HEAD = 1 << 20  # bytes: EXIF stands in the first segments of a JPEG and mostly before the pixels of a PNG


def orientation(path: str | Path) -> int:
    """EXIF orientation of a JPEG, PNG, WebP or TIFF, 1 to 8; 1, upright, where none is stated.

    Reference: JEITA CP-3451, "Exchangeable image file format for digital still cameras", 4.6.4.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
            if head[:2] == b"\xff\xd8":
                found = _in_tiff(_of_jpeg(head))
            elif head[:8] == b"\x89PNG\r\n\x1a\n":
                found = _in_tiff(_of_chunks(path, 8, ">", after=4, name=b"eXIf", name_first=False))
            elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
                found = _in_tiff(_of_chunks(path, 12, "<", after=0, name=b"EXIF", name_first=True))
            elif head[:4] in (b"II*\0", b"MM\0*"):
                start = struct.unpack(("<" if head[:2] == b"II" else ">") + "I", head[4:8])[0]
                file.seek(start)
                found = _in_directory(file.read(2 + 12 * _MOST_ENTRIES), "<" if head[:2] == b"II" else ">")
            else:
                found = 1
    except (OSError, struct.error):
        return 1
    return found if 1 <= found <= 8 else 1


def _of_jpeg(head: bytes) -> bytes:
    """The TIFF structure of the APP1 segment."""
    place = 2
    while place + 4 <= len(head) and head[place] == 0xFF and head[place + 1] != 0xDA:
        length = struct.unpack(">H", head[place + 2 : place + 4])[0]
        if head[place + 1] == 0xE1 and head[place + 4 : place + 10] == b"Exif\0\0":
            return head[place + 10 : place + 2 + length]
        place += 2 + length
    return b""


def _of_chunks(path: str | Path, start: int, order: str, after: int, name: bytes, name_first: bool) -> bytes:
    """The content of a chunk of a PNG or RIFF file."""
    with Path(path).open("rb") as file:
        file.seek(start)
        while True:
            head = file.read(8)
            if len(head) < 8:
                return b""
            length = struct.unpack(order + "I", head[4:] if name_first else head[:4])[0]
            if (head[:4] if name_first else head[4:]) == name:
                return file.read(min(length, _HEAD)).removeprefix(b"Exif\0\0")
            file.seek(length + after + (length % 2 if name_first else 0), 1)


def _in_tiff(exif: bytes) -> int:
    """The orientation in a TIFF structure; 1 where there is none."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    order = "<" if exif[:2] == b"II" else ">"
    start = struct.unpack(order + "I", exif[4:8])[0]
    return _in_directory(exif[start:], order)


def _in_directory(entries: bytes, order: str) -> int:
    """The orientation in a directory of a TIFF; 1 where there is none."""
    count = struct.unpack(order + "H", entries[:2])[0]
    for number in range(min(count, _MOST_ENTRIES)):
        entry = entries[2 + 12 * number : 14 + 12 * number]
        tag, kind = struct.unpack(order + "HH", entry[:4])
        if tag == _TAG:
            return int(struct.unpack(order + ("H" if kind == 3 else "I"), entry[8 : 10 if kind == 3 else 12])[0])
    return 1
