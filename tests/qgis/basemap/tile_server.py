"""A server of XYZ tiles on this machine: every pixel tells where it lies, and some tiles do not come."""

from __future__ import annotations

import http.server
import threading
from urllib.parse import urlsplit

import numpy as np
from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice
from qgis.PyQt.QtGui import QImage


def colours_of(rows, cols):
    """Red, green, blue (3, h, w) of pixels by their rows and columns in the world at a zoom level."""
    row, col = np.meshgrid(rows, cols, indexing="ij")
    return np.stack([col % 251, row % 241, (row // 256 + col // 256) % 256]).astype(np.uint8)


def png_of(picture):
    """A PNG of (3, h, w)."""
    _, height, width = picture.shape
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = np.moveaxis(picture, 0, -1)
    image = QImage(rgba.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(content)


class TileServer:
    """Serves tiles at /Z/X/Y.png, and notes what was asked for.

    Attributes:
        statuses: (x, y) -> HTTP status in place of a tile.
        everywhere: HTTP status of all tiles, 0 = as they are.
        asked: Paths, in the order of the requests.
    """

    def __init__(self):
        self.statuses, self.everywhere, self.asked = {}, 0, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.answer(self)

            def log_message(self, *given):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self._server.server_port

    def source(self, number):
        """The source of a layer of the provider "wms"; QGIS keeps tiles by their address, so each layer has its own."""
        url = f"http://127.0.0.1:{self.port}/%7Bz%7D/%7Bx%7D/%7By%7D.png?key%3Dsecret%26n%3D{number}"
        return f"type=xyz&url={url}&zmin=0&zmax=18"

    def answer(self, request):
        _, x, y = (int(part) for part in urlsplit(request.path).path.strip("/").removesuffix(".png").split("/"))
        status = self.everywhere or self.statuses.get((x, y), 200)
        request.send_response(status)
        request.send_header("Cache-Control", "no-store")
        request.end_headers()
        if status == 200:
            rows, cols = (np.arange(256 * start, 256 * start + 256) for start in (y, x))
            request.wfile.write(png_of(colours_of(rows, cols)))

    def close(self):
        self._server.shutdown()
        self._server.server_close()
