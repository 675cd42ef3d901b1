"""Take the zip of a bundle apart: exactly four members, bounded sizes, nothing written."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from uhrs_qgis_plugin.engine.errors import BundleError

MANIFEST = "model.json"
GRAPHS = ("low.onnx", "high.onnx", "fuse.onnx")
MEMBERS = (MANIFEST, *GRAPHS)
MAX_TOTAL_BYTES = 512 * 2**20  # unpacked; a bundle of ResNet-18 and STDC is about 80 MiB
MAX_MANIFEST_BYTES = 2**20
MAX_ENTRIES = 64  # entries of the archive's directory that are looked at before it is refused
MAX_DIRECTORY_BYTES = 2**16  # of the archive's directory: zipfile reads all its entries, perhaps millions
CHUNK_BYTES = 2**20


def unpack(content: bytes, path: str) -> dict[str, bytes]:
    """Unpack the four members within the size limits.

    Args:
        content: The archive.
        path: Its name in error texts.

    Returns:
        Member -> bytes.

    Raises:
        BundleError: It is no zip of exactly these members, is damaged or too large.
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
    """Check the size of the archive's directory before zipfile reads it; what is no archive is left to zipfile."""
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
    missing = [name for name in MEMBERS if name not in names]
    if missing:
        raise refused(path, f"lacks {', '.join(missing)}")
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
    """Unpack one member, never further than its directory entry announced."""
    parts = []
    size = 0
    with archive.open(entry) as file:
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            if size > entry.file_size:
                raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds more")
            parts.append(chunk)
    if size != entry.file_size:
        raise refused(path, f"announces {entry.file_size} bytes for '{entry.filename}' and holds {size}")
    return b"".join(parts)


def refused(path: str, why: str) -> BundleError:
    """Word the error for an archive that is not what it should be.

    Args:
        path: The archive's name.
        why: What is wrong, to follow the name.

    Returns:
        The error.
    """
    return BundleError(
        f"Model '{path}' {why}; a bundle is a zip of exactly {', '.join(MEMBERS)}: export or download it again."
    )
