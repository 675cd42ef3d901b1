"""A server of XYZ tiles, and of WMS pictures, on this machine: every pixel tells where it lies, some do not come."""

from __future__ import annotations

import http.server
import threading
from urllib.parse import parse_qs, urlsplit

import numpy as np
from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice
from qgis.PyQt.QtGui import QImage

CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>t</Title><OnlineResource xlink:href="{url}"/></Service>
<Capability><Request><GetMap><Format>image/png</Format><DCPType><HTTP><Get>
<OnlineResource xlink:href="{url}"/></Get></HTTP>
</DCPType></GetMap></Request><Layer><Title>all</Title><CRS>EPSG:32633</CRS>
<BoundingBox CRS="EPSG:32633" minx="400000" miny="4900000" maxx="600000" maxy="5100000"/>
<Layer><Name>ortho</Name><Title>ortho</Title><CRS>EPSG:32633</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>13</westBoundLongitude><eastBoundLongitude>17</eastBoundLongitude>
<southBoundLatitude>44</southBoundLatitude><northBoundLatitude>46</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:32633" minx="400000" miny="4900000" maxx="600000" maxy="5100000"/></Layer></Layer></Capability>
</WMS_Capabilities>"""

EDGE = 20037508.342789244
WMTS = """<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="1.0.0">
<ows:ServiceIdentification><ows:Title>t</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>
<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
<Contents><Layer><ows:Title>ortho</ows:Title><ows:WGS84BoundingBox><ows:LowerCorner>53.4 47.0</ows:LowerCorner>
<ows:UpperCorner>53.6 47.2</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>ortho</ows:Identifier>
<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>
<ResourceURL format="image/png" resourceType="tile"
template="{url}/{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png?n={number}"/></Layer>
<TileMatrixSet><ows:Identifier>web</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
{matrices}</TileMatrixSet></Contents></Capabilities>"""
MATRIX = """<TileMatrix><ows:Identifier>{zoom}</ows:Identifier><ScaleDenominator>{scale!r}</ScaleDenominator>
<TopLeftCorner>{left!r} {top!r}</TopLeftCorner><TileWidth>{side}</TileWidth><TileHeight>{side}</TileHeight>
<MatrixWidth>{count}</MatrixWidth><MatrixHeight>{count}</MatrixHeight></TileMatrix>"""


def matrices_of(side):
    """The levels of a WMTS whose tiles cover the world, and have so many pixels along a side."""
    return "".join(
        MATRIX.format(
            zoom=zoom, scale=2 * EDGE / side / 2**zoom / 0.00028, left=-EDGE, top=EDGE, side=side, count=2**zoom
        )
        for zoom in range(19)
    )


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
        side: Pixels along the side of a tile.
        asked: Paths, in the order of the requests.
    """

    def __init__(self):
        self.statuses, self.everywhere, self.asked, self.side = {}, 0, [], 256
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

    def map_source(self):
        """The source of a WMS layer in UTM, whose pictures tell the metres from its upper left corner."""
        return f"crs=EPSG:32633&format=image/png&layers=ortho&styles=&url=http://127.0.0.1:{self.port}/wms"

    def tiles_source(self, number):
        """The source of a WMTS layer, which covers a part of the world: its corner is not one of a pixel."""
        return (
            "contextualWMSLegend=0&crs=EPSG:3857&dpiMode=7&format=image/png&layers=ortho&styles=default"
            f"&tileMatrixSet=web&url=http://127.0.0.1:{self.port}/{number}/WMTSCapabilities.xml"
        )

    def answer_tiles(self, request):
        request.send_response(200)
        request.send_header("Content-Type", "text/xml")
        request.end_headers()
        url, number = f"http://127.0.0.1:{self.port}", request.path.split("/")[1]
        request.wfile.write(WMTS.format(url=url, number=number, matrices=matrices_of(self.side)).encode())

    def answer_map(self, request, query):
        if query["REQUEST"] == "GetCapabilities":
            content = CAPABILITIES.format(url=f"http://127.0.0.1:{self.port}/wms?").encode()
        elif self.everywhere:
            content = b"<ServiceExceptionReport><ServiceException>no</ServiceException></ServiceExceptionReport>"
        else:
            left, bottom, right, top = (float(number) for number in query["BBOX"].split(","))
            height, width = int(query["HEIGHT"]), int(query["WIDTH"])
            rows = np.floor(5100000 - top + (np.arange(height) + 0.5) * (top - bottom) / height).astype(int)
            cols = np.floor(left - 400000 + (np.arange(width) + 0.5) * (right - left) / width).astype(int)
            content = png_of(colours_of(rows, cols))
        request.send_response(200)
        request.send_header("Content-Type", "text/xml" if content.startswith(b"<") else "image/png")
        request.end_headers()
        request.wfile.write(content)

    def answer(self, request):
        if request.path.startswith("/wms"):
            given = parse_qs(urlsplit(request.path).query)
            self.answer_map(request, {name.upper(): texts[0] for name, texts in given.items()})
            return
        if request.path.endswith("/WMTSCapabilities.xml"):
            self.answer_tiles(request)
            return
        _, x, y = (int(part) for part in urlsplit(request.path).path.strip("/").removesuffix(".png").split("/"))
        status = self.everywhere or self.statuses.get((x, y), 200)
        request.send_response(status)
        request.send_header("Cache-Control", "no-store")
        request.end_headers()
        if status == 200:
            rows, cols = (np.arange(self.side * start, self.side * start + self.side) for start in (y, x))
            request.wfile.write(png_of(colours_of(rows, cols)))

    def close(self):
        self._server.shutdown()
        self._server.server_close()
