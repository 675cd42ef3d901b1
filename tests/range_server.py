"""A small HTTP server of a folder: with ranges or without, slow, failing, cutting answers short, and counting.

It runs in a process of its own: rasterio keeps Python from running while it opens a raster.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
SETTINGS = {
    "latency": 0.0,  # seconds before each answer
    "ranges": True,
    "etags": True,
    "heads": True,  # whether HEAD is answered
    "secret": None,  # the `token` that the query must hold; else 403
    "authorization": None,  # texts of which the header Authorization, or the query, must hold one; else 403
    "refusal": "",  # the text that comes with a status that is no success
    # What goes wrong with a GET: a status such as "503"; "cut", the connection closes in the middle of the body;
    # "short", half of the body is sent as if that were all; "hang", silence. And which: [from, to) of those since
    # the settings were made.
    "fault": "",
    "faulty": [0, 0],
}


@dataclass(frozen=True)
class Answered:
    """A request that was answered: method, path, (first, last) byte or None, status, and the bytes of the body."""

    method: str
    path: str
    span: tuple[int, int] | None
    status: int
    sent: int


class RangeServer:
    """Serves a folder on 127.0.0.1 from a process of its own; a context manager."""

    def __init__(self, folder, **settings):
        self._folder, self._settings = Path(folder), settings

    def __enter__(self):
        command = [sys.executable, str(Path(__file__).resolve()), str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        self.set(**self._settings)
        return self

    def __exit__(self, *error):
        self._process.stdin.close()  # whoever dies first: the server ends with its reader
        self._process.wait(10)
        self._process.stdout.close()

    def set(self, **settings):
        """Make settings, those of `SETTINGS` and what is not given as it is there, and forget what was answered."""
        assert settings.keys() <= SETTINGS.keys()
        self._ask("/_set", json.dumps({**SETTINGS, **settings}).encode())

    def stop(self):
        """Be gone: from now on nobody listens."""
        self._process.kill()

    @property
    def answered(self):
        return [
            Answered(method, path, None if span is None else tuple(span), status, sent)
            for method, path, span, status, sent in json.loads(self._ask("/_answered"))
        ]

    @property
    def bytes_sent(self):
        return sum(answer.sent for answer in self.answered)

    def _ask(self, path, data=None):
        with urllib.request.urlopen(self.url + path, data, timeout=10) as answer:
            return answer.read()


class _State:
    """What the process of the server knows."""

    lock = threading.Lock()

    def __init__(self):
        self.settings, self.answered, self.gets, self.folder = dict(SETTINGS), [], 0, "."


_STATE = _State()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for the head and small bodies
    disable_nagle_algorithm = True

    def log_message(self, *words):
        """Say nothing."""

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        with _STATE.lock:
            _STATE.settings = json.loads(text)
            _STATE.answered, _STATE.gets = [], 0
        self._reply(200, b"")

    def do_HEAD(self):
        self._answer("HEAD")

    def do_GET(self):
        if self.path == "/_answered":
            with _STATE.lock:
                text = json.dumps(_STATE.answered)
            return self._reply(200, text.encode())
        return self._answer("GET")

    def _answer(self, method):
        settings, parts = _STATE.settings, urlsplit(self.path)
        path = unquote(parts.path)
        time.sleep(settings["latency"])
        fault = self._next_fault(method)
        if method == "HEAD" and not settings["heads"]:
            return self._fail(method, path, 405)
        if settings["secret"] is not None and parse_qs(parts.query).get("token") != [settings["secret"]]:
            return self._fail(method, path, 403)
        given = self.headers.get("Authorization", "") + parts.query
        if settings["authorization"] is not None and not any(text in given for text in settings["authorization"]):
            return self._fail(method, path, 403)
        if fault.isdigit():
            return self._fail(method, path, int(fault))
        if fault == "hang":
            time.sleep(60)
        file = os.path.join(_STATE.folder, os.path.normpath(path.lstrip("/")))
        if not os.path.isfile(file):
            return self._fail(method, path, 404)
        return self._send(method, path, file, fault)

    def _send(self, method, path, file, fault):
        status, size = os.stat(file), os.path.getsize(file)
        span = self._span(size) if _STATE.settings["ranges"] else None
        if span is not None and span[0] >= size:
            return self._fail(method, path, 416)
        first, last = span or (0, size - 1)
        whole = last - first + 1
        announced = whole // 2 if fault == "short" else whole
        self.send_response(200 if span is None else 206)
        self.send_header("Content-Length", str(announced))
        if _STATE.settings["ranges"]:
            self.send_header("Accept-Ranges", "bytes")
        if span is not None:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        if _STATE.settings["etags"]:
            mark = hashlib.sha256(f"{status.st_mtime_ns} {size}".encode()).hexdigest()[:20]
            self.send_header("ETag", f'"{mark}"')
        self.send_header("Last-Modified", email.utils.formatdate(status.st_mtime, usegmt=True))
        self.end_headers()
        sending = 0 if method == "HEAD" else announced // 2 if fault == "cut" else announced
        self._note(method, path, span, 200 if span is None else 206, sending)
        with open(file, "rb") as content:
            content.seek(first)
            self.wfile.write(content.read(sending))
        if fault == "cut":
            self.close_connection = True
        return None

    def _next_fault(self, method):
        if method != "GET":
            return ""
        with _STATE.lock:
            number, _STATE.gets = _STATE.gets, _STATE.gets + 1
        first, end = _STATE.settings["faulty"]
        return _STATE.settings["fault"] if first <= number < end else ""

    def _span(self, size):
        match = RANGE.match(self.headers.get("Range", ""))
        if match is None:
            return None
        first, last = match.groups()
        return int(first), min(size - 1, int(last) if last else size - 1)

    def _fail(self, method, path, status):
        self._note(method, path, None, status, 0)
        self._reply(status, b"" if method == "HEAD" else _STATE.settings["refusal"].encode())

    def _note(self, *answer):
        with _STATE.lock:
            _STATE.answered.append(answer)

    def _reply(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Clients that leave are no errors."""


def main():
    _STATE.folder = sys.argv[1]
    server = _Server(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
