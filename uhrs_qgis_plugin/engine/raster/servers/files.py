"""What a server says of a file, whether that has changed, and a local copy where it sends files only whole."""

from __future__ import annotations

import base64
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from uhrs_qgis_plugin.engine.errors import RasterError, one_line
from uhrs_qgis_plugin.engine.raster.servers.addresses import gdal_name, shown

# For this thread while a raster that is not local is opened or read; what the user has set stays.
OPTIONS = {
    "GDAL_INGESTED_BYTES_AT_OPEN": "16384",
    "CPL_VSIL_CURL_CHUNK_SIZE": "4096",  # to which a read is rounded; GDAL takes that of the first read of a process
    "GDAL_HTTP_CONNECTTIMEOUT": "10",  # seconds
    "GDAL_HTTP_LOW_SPEED_TIME": "20",  # seconds below that many bytes a second end a request
    "GDAL_HTTP_LOW_SPEED_LIMIT": "100",
    "GDAL_HTTP_MAX_RETRY": "2",  # of one request; `PatientSource` repeats reads that still fail
    "GDAL_HTTP_RETRY_DELAY": "0.5",  # seconds, growing
}
# What may lie beside a GeoTIFF; GDAL would try some other endings, each of them a request.
BESIDE_TIFF = ".tif,.tiff,.ovr,.msk,.aux.xml,.tfw"
REFUSED, MISSING = (401, 403), (404, 410)  # what a server answers that will not change by itself
EXPIRED = (400, 401, 403)  # S3 says it of a token by 400
MOST_OF_ANSWER = 10_000  # bytes of a refusal that are read
ASKING_S = 5.0  # how long the answer to a question about a failure is awaited
PIECE = 1 << 20  # bytes of a download at once
MOST_OF_FREE = 0.5  # share of the free space that a copy may take


class VirtualFiles(Protocol):
    """GDAL's virtual files, of one of the back ends."""

    def settings(self, options: Mapping[str, str]) -> AbstractContextManager[None]:
        """Set options of GDAL for this thread, for a while; those that somebody has set stay."""

    def headers(self, name: str) -> dict[str, str]:
        """Ask a server about a file: header in lower case -> value; empty where it does not answer."""

    def signed(self, name: str) -> str:
        """An address of a file in a bucket with a signature, which is a secret; "" where there is none."""

    def forget(self, name: str) -> None:
        """Let GDAL forget what it has kept of a file."""

    def read_bytes(self, name: str, size: int) -> Iterator[bytes]:
        """Read a file from its beginning, so many bytes at once; raises OSError."""


@dataclass(frozen=True)
class RemoteFile:
    """What a server says of a file; "" for what it does not say.

    Attributes:
        address: The file, as given: it may hold secrets.
        size: Bytes.
        etag: Its mark of the content.
        modified: Its date.
        ranges: "bytes" where the server says that it sends parts of files.
    """

    address: str = field(repr=False)
    size: str = ""
    etag: str = ""
    modified: str = ""
    ranges: str = ""

    @property
    def name(self) -> str:
        """What GDAL calls it: it may hold secrets."""
        return gdal_name(self.address)

    @property
    def path(self) -> str:
        """The file, as people see it."""
        return shown(self.address)

    @property
    def marks(self) -> list[str]:
        """What tells this file from others, for comparing runs: without the signature, which each run may renew."""
        return [self.path, self.size, self.etag, self.modified]

    @property
    def is_known(self) -> bool:
        """Whether the server says anything by which a change would show."""
        return bool(self.etag or self.modified or self.size)

    def changes(self, later: RemoteFile) -> str:
        """Word how a later answer differs, "" where it does not."""
        pairs = (
            ("size", self.size, later.size),
            ("ETag", self.etag, later.etag),
            ("date", self.modified, later.modified),
        )
        return ", ".join(f"{name} {old} became {new}" for name, old, new in pairs if old and new and old != new)


def options_for(path: str) -> dict[str, str]:
    """GDAL's options for a file: masks and overviews beside it are asked for by name, folders are never listed.

    Beside an address with a query there is nothing: GDAL would add the ending to the query, and many a server would
    answer with the raster itself, as its own mask.
    """
    if "?" in path:
        return {**OPTIONS, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
    options = {**OPTIONS, "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE"}
    if path.lower().endswith((".tif", ".tiff")):
        options["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = BESIDE_TIFF
    return options


def look_at(path: str, files: VirtualFiles) -> RemoteFile:
    """Ask a server about a file.

    Args:
        path: The file, as given.
        files: Of the back end.
    """
    with files.settings(OPTIONS):
        found = files.headers(gdal_name(path))
    whole = re.search(r"/(\d+)$", found.get("content-range", ""))
    size = whole[1] if whole else found.get("content-length", "")
    ranges = "bytes" if whole else found.get("accept-ranges", "")
    return RemoteFile(path, size, found.get("etag", ""), found.get("last-modified", ""), ranges)


class Status(int):
    """An HTTP status.

    Attributes:
        code: What the server calls its refusal, such as "ExpiredToken"; "" where it does not say.
        has_expired: Whether it says that a signature or token is too old.
    """

    code = ""
    has_expired = False


def status_of(path: str, files: VirtualFiles) -> Status | str:
    """Find out why a file cannot be had, for texts: GDAL does not tell.

    Args:
        path: The file, as given.
        files: Of the back end.

    Returns:
        What its server answers, or why nothing came; 0 where only GDAL could ask.
    """
    from urllib import error, parse, request  # here: they load ssl

    name = gdal_name(path)
    address = name[len("/vsicurl/") :] if name.startswith("/vsicurl/") else files.signed(name)
    if not address.startswith(("http://", "https://")):
        return Status(0)
    parts = parse.urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    headers = {"Range": "bytes=0-0"}
    if at:
        headers["Authorization"] = f"Basic {base64.b64encode(parse.unquote_to_bytes(user)).decode()}"
    try:
        asked = request.Request(parts._replace(netloc=host).geturl(), headers=headers)
        with request.urlopen(asked, timeout=ASKING_S) as answer:  # nosec B310  # http and https alone, see above
            return Status(answer.status)
    except error.HTTPError as failure:
        return _refusal(failure.code, failure.read(MOST_OF_ANSWER) if failure.fp else b"")
    except (OSError, ValueError) as failure:
        return one_line(str(getattr(failure, "reason", failure)))


def is_final(status: Status | str) -> bool:
    """Whether a server answers what will not change by itself."""
    return isinstance(status, Status) and (status in (*REFUSED, *MISSING) or status.has_expired)


def _refusal(status: int, answer: bytes) -> Status:
    """Read what a server says of its refusal: S3, Google and Azure send XML with a code in it."""
    found, text = Status(status), answer.decode("utf-8", "replace")
    code = re.search(r"<Code>\s*(\w{1,60})\s*</Code>", text)
    found.code = code[1] if code else ""
    found.has_expired = status in EXPIRED and re.search(r"expired|expiry|time frame", text, re.IGNORECASE) is not None
    return found


def no_access(path: str, status: Status | str, reason: str = "") -> RasterError:
    """Word a file that its server does not give.

    Args:
        path: As given.
        status: From `status_of`.
        reason: What GDAL says.
    """
    inner = re.search(r"\((.*)\)", reason)  # the library's own words, without our advice
    reason = inner[1] if inner else reason
    said = str(status or reason)
    if isinstance(status, Status) and status >= 400:
        said = f"its server answers HTTP {status:d}" + (f", {status.code}" if status.code else "")
    renew = "get a new address or set them, then repeat or resume the run"
    if isinstance(status, Status) and status.has_expired:
        advice = f"the signature of the address, or GDAL's credentials for it, have expired: {renew}"
    elif status in REFUSED or (status == 0 and (" 403" in reason or "not defined" in reason)):
        advice = f"the signature of the address may have expired, or GDAL has no credentials for it: {renew}"
    elif status in MISSING or (status == 0 and any(word in reason for word in (" 404", "not exist"))):
        advice = "check the address"
    else:
        advice = "check the address and the connection, then repeat or resume the run"
    return RasterError(f"'{shown(path)}' cannot be read ({one_line(said)}): {advice}.")


class LocalCopy:
    """A file that was downloaded whole; it is deleted when nobody refers to it any more.

    Attributes:
        path: Where it is.
        size: Bytes.
    """

    def __init__(self, path: str, files: VirtualFiles, announced: str, check: Callable[[], None]) -> None:
        """Download a file.

        Args:
            path: The file, as given.
            files: Of the back end.
            announced: Its size in bytes, as the server says; "" where it does not.
            check: Called now and then; raises to stop.

        Raises:
            RasterError: Its size is not known, there is no room, or it does not come whole.
        """
        folder, self.size = tempfile.mkdtemp(prefix="uhrs-"), 0
        self._delete = weakref.finalize(self, shutil.rmtree, folder, True)
        ending = os.path.splitext(path.partition("?")[0])[1]
        self.path = os.path.join(folder, "raster" + (ending if re.fullmatch(r"[.]\w{1,8}", ending) else ""))
        self._check_room(path, folder, announced)
        try:
            with files.settings(OPTIONS), open(self.path, "wb") as file:
                for piece in files.read_bytes(gdal_name(path).replace("/vsicurl", "/vsicurl_streaming", 1), PIECE):
                    check()
                    self.size += file.write(piece)
        except OSError as error:
            raise RasterError(
                f"'{shown(path)}' cannot be downloaded ({one_line(error)}): repeat the run later, or download it "
                "yourself."
            ) from error
        if str(self.size) != announced:
            raise RasterError(
                f"'{shown(path)}' came with {self.size} bytes of {announced}: repeat the run later, or download it "
                "yourself."
            )

    def _check_room(self, path: str, folder: str, announced: str) -> None:
        """Check that a download fits."""
        what = f"The server of '{shown(path)}' sends files only whole, not parts of them (HTTP ranges)"
        if not announced.isdigit():
            raise RasterError(f"{what}, and does not tell how large it is: download it yourself and segment the copy.")
        free = shutil.disk_usage(folder).free
        if int(announced) > MOST_OF_FREE * free:
            raise RasterError(
                f"{what}, and its {int(announced) / 1e6:.0f} MB do not fit into the {free / 1e6:.0f} MB that are free "
                f"in '{os.path.dirname(folder)}' (half of them at most): free disk space, set TMPDIR to a larger disk, "
                "or put the raster on a server with ranges."
            )
