"""Directories of TIFF files as plain tags: read from what GDAL wrote, and written for what GDAL shall read."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

SHORT, LONG, LONG8 = 3, 4, 16  # kinds of numbers
NUMBER_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
SUBFILE, WIDTH, HEIGHT, TILE_OFFSETS, TILE_BYTES = 254, 256, 257, 324, 325  # numbers of tags


class Tag(NamedTuple):
    """A tag.

    Attributes:
        kind: Of its numbers, as TIFF counts kinds.
        content: Its numbers, little-endian.
    """

    kind: int
    content: bytes


def read_tags(file: bytes) -> dict[int, Tag]:
    """Read the first directory of a classic TIFF file that GDAL wrote here.

    Returns:
        Number of each tag -> tag.

    Raises:
        ValueError: It is another kind of file.
    """
    if file[:4] != b"II*\0":
        raise ValueError("Expected a classic little-endian TIFF file.")
    (start,) = struct.unpack_from("<I", file, 4)
    (count,) = struct.unpack_from("<H", file, start)
    tags = {}
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        number, kind, numbers = struct.unpack_from("<HHI", file, entry)
        size = NUMBER_BYTES[kind] * numbers
        place = entry + 8 if size <= 4 else struct.unpack_from("<I", file, entry + 8)[0]
        tags[number] = Tag(kind, file[place : place + size])
    return tags


def number_tag(number: int) -> Tag:
    """Make a tag of one whole number."""
    return Tag(SHORT, struct.pack("<H", number)) if number < 1 << 16 else Tag(LONG, struct.pack("<I", number))


def render_head(directories: Sequence[Mapping[int, Tag]], note: bytes, is_big: bool) -> bytes:
    """Write the head of a TIFF file: all directories, one after the other, with what belongs to them.

    Args:
        directories: Number of each tag -> tag.
        note: What stands between the header and the first directory.
        is_big: Whether it is a BigTIFF, which may have more than 4 GB.
    """
    place, entry_bytes, counts = ("<Q", 20, "<Q") if is_big else ("<I", 12, "<H")
    inline = struct.calcsize(place)
    header = struct.pack("<2sHHH", b"II", 43, 8, 0) if is_big else struct.pack("<2sH", b"II", 42)
    parts = [header, b"", note]  # the second becomes the place of the first directory
    end = len(header) + inline + len(note)
    parts[1] = struct.pack(place, end)
    for index, directory in enumerate(directories):
        count_bytes = struct.calcsize(counts)
        after = end + count_bytes + entry_bytes * len(directory) + inline
        entries, contents = [struct.pack(counts, len(directory))], []
        for number, tag in sorted(directory.items()):
            numbers = len(tag.content) // NUMBER_BYTES[tag.kind]
            entries.append(struct.pack("<HH", number, tag.kind) + struct.pack(place, numbers))
            if len(tag.content) <= inline:
                entries.append(tag.content.ljust(inline, b"\0"))
                continue
            entries.append(struct.pack(place, after))
            contents.append(tag.content + b"\0" * (len(tag.content) % 2))  # tags begin at even places
            after += len(contents[-1])
        is_last = index == len(directories) - 1
        parts += [*entries, struct.pack(place, 0 if is_last else after), *contents]
        end = after
    return b"".join(parts)
