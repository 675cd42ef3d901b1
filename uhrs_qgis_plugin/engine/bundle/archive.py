"""The archive of a bundle: which members it may have, and how they are unpacked within limits.

Unpacking executes nothing: no path outside the archive, bounded sizes.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable

from uhrs_qgis_plugin.engine.errors import BundleError

MANIFEST = "model.json"

KINDS = ("low", "high", "fuse")

NETWORK = "network"  # the only graph of a bundle of the other kind

INT8_GRAPHS = ("low.int8.onnx", "high.int8.onnx", f"{NETWORK}.int8.onnx")

GRAPHS = (*(f"{kind}.onnx" for kind in (*KINDS, NETWORK)), *INT8_GRAPHS)

MEMBERS = (MANIFEST, *GRAPHS)

MAX_TOTAL_BYTES = 512 * 2**20  # unpacked; a bundle of ResNet-18 and STDC is about 80 MiB

MAX_MANIFEST_BYTES = 2**20

MAX_ENTRIES = 64  # entries of the archive's directory that are looked at before it is refused

MAX_DIRECTORY_BYTES = 2**16  # of the archive's directory: zipfile reads all its entries, perhaps millions

CHUNK_BYTES = 2**20


def stem_of(name: str) -> str:
    """Cut the ending off: "low" of "low.onnx", "low.int8" of "low.int8.onnx"."""
    return os.path.splitext(name)[0]


def kind_of(name: str) -> str:
    """Tell which graph a stem is one form of: "low" of "low.int8"."""
    return name.split(".")[0]


def is_network(names: Iterable[str]) -> bool:
    """Whether members are those of a bundle of one network."""
    return any(kind_of(name) == NETWORK for name in names)


def is_mixed(names: Iterable[str]) -> bool:
    """Whether members of both kinds of bundles are there."""
    return len({kind_of(name) == NETWORK for name in names if name != MANIFEST}) > 1


def missing_graphs(names: Iterable[str]) -> list[str]:
    """List the graphs that are there in no form."""
    names = {*names}
    forms = [(f"{kind}.onnx", f"{kind}.int8.onnx") for kind in ((NETWORK,) if is_network(names) else KINDS)]
    return [plain for plain, small in forms if not {plain, small} & names]


def unpack(content: bytes, path: str) -> dict[str, bytes]:
    """Unpack the members within the size limits.

    Args:
        path: The archive's name in error texts.

    Returns:
        Member -> bytes.

    Raises:
        BundleError: It is no zip of these members, lacks one, is damaged or too large.
    """
    _check_directory(content, path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, path)
            return {entry.filename: _read_member(archive, entry, path) for entry in entries}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
        ValueError,
        struct.error,
    ) as error:
        raise refused(path, f"is not a bundle or is damaged ({error})") from error


def _check_directory(content: bytes, path: str) -> None:
    """Check the size of the archive's directory before zipfile reads it; zipfile itself rejects what is no archive."""
    end = len(content) - 22  # where the record of the end lies in an archive without comment
    if not (content[end : end + 4] == b"PK\5\6" and content.endswith(b"\0\0")):
        end = content.rfind(b"PK\5\6", max(0, end - 2**16))
    if end < 0 or len(content) < end + 22:
        return
    (size,) = struct.unpack_from("<I", content, end + 12)
    is_zip64 = content[max(0, end - 20) : end].startswith(b"PK\6\7")
    if size > MAX_DIRECTORY_BYTES or is_zip64:
        what = "is in the ZIP64 format" if is_zip64 else f"has a directory of {size} bytes"
        raise refused(path, f"{what}, which no bundle needs")


def _check_entries(entries: list[zipfile.ZipInfo], path: str) -> None:
    """Check the archive's directory before anything is unpacked."""
    if len(entries) > MAX_ENTRIES:
        raise refused(path, f"has {len(entries)} members")
    names = [entry.filename for entry in entries]
    for name in names:
        if name not in MEMBERS:
            raise refused(path, f"has the member {name[:100]!r}")
    if len(set(names)) != len(names):
        raise refused(path, "has a member twice")
    missing = [*([] if MANIFEST in names else [MANIFEST]), *missing_graphs(names)]
    if missing:
        raise refused(path, f"lacks {', '.join(missing)}")
    if is_mixed(names):
        raise refused(path, "has one network beside low and high streams")
    for entry in entries:
        _check_entry(entry, path)
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise refused(path, f"unpacks to {total} bytes, allowed are {MAX_TOTAL_BYTES}")


def _check_entry(entry: zipfile.ZipInfo, path: str) -> None:
    """Check one entry of the archive's directory."""
    if entry.flag_bits & 1:
        raise refused(path, f"has the encrypted member '{entry.filename}'")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(path, f"packs '{entry.filename}' in a way that is neither stored nor deflated")
    if entry.filename == MANIFEST and entry.file_size > MAX_MANIFEST_BYTES:
        raise refused(path, f"has a {MANIFEST} of {entry.file_size} bytes, allowed are {MAX_MANIFEST_BYTES}")


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> bytes:
    """Unpack one member, never more than its directory entry announces."""
    parts = []
    size = 0
    with archive.open(entry) as file:
        # In one piece where it is what it announces: megabytes that are joined are copied once more.
        while chunk := file.read(max(CHUNK_BYTES, entry.file_size)):
            size += len(chunk)
            if size > entry.file_size:
                raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds more")
            parts.append(chunk)
    if size != entry.file_size:
        raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds {size}")
    return b"".join(parts)


def refused(path: str, why: str) -> BundleError:
    """Make the error for an invalid archive.

    Args:
        why: What is wrong; follows the name in the text.

    Returns:
        The error.
    """
    return BundleError(
        f"Model '{path}' {why}; a bundle is a zip of {MANIFEST}, {', '.join(GRAPHS[:3])} and perhaps "
        f"{', '.join(INT8_GRAPHS[:2])}, or of {MANIFEST} and {NETWORK}.onnx: export or download it again."
    )


def read_content(path: str) -> bytes:
    """Read the bytes of a bundle."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # a pipe would wait for ever
            raise refused(path, "is not a file")
        if status.st_size > MAX_TOTAL_BYTES:
            raise refused(path, f"is larger than {MAX_TOTAL_BYTES >> 20} MiB")
        with open(path, "rb") as file:
            content = file.read(MAX_TOTAL_BYTES + 1)
    except OSError as error:
        raise BundleError(f"Cannot read the model '{path}' ({error.strerror or error}): check the path.") from error
    return content
