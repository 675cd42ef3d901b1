"""`uhrs:segmentraster` on rasters of a server, and what is said of their traffic before the run."""

import http.server
import json
import os
import re
import threading

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterLayer

from uhrs_qgis_plugin.algorithms.parameters import ParameterValues, raster_source
from uhrs_qgis_plugin.algorithms.segment.before_run import look_ahead, read_bytes
from uhrs_qgis_plugin.algorithms.segment.request import read_request


@pytest.fixture
def address(raster, tmp_path):
    """The small raster on a server of this machine that answers ranges."""
    cog = str(tmp_path / "cog.tif")
    gdal.Translate(cog, raster, creationOptions=["TILED=YES", "COMPRESS=DEFLATE"])
    with open(cog, "rb") as file:
        content = file.read()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET(body=False)

        def do_GET(self, body=True):
            if not self.path.endswith("/cog.tif"):
                self.send_error(404)
                return
            wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            first, last = (int(wanted[1]), int(wanted[2] or len(content) - 1)) if wanted else (0, len(content) - 1)
            part = content[first : last + 1]
            self.send_response(206 if wanted else 200)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(part)))
            if wanted:
                self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
            self.end_headers()
            if body:
                self.wfile.write(part)

        def log_message(self, *given):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"/vsicurl/http://127.0.0.1:{server.server_port}/cog.tif"
    server.shutdown()
    server.server_close()


def test_a_layer_of_a_server_is_segmented_as_its_file(run, address, feedback, tmp_path):
    layer = QgsRasterLayer(address, "far away")
    assert (layer.isValid(), layer.providerType()) == (True, "gdal")
    far = run(INPUT=layer, CLASSES=str(tmp_path / "far.tif"))
    (line,) = [text for text in feedback.lines if "Fetched" in text]
    assert re.fullmatch(r"Fetched \d+ kB in \d+ requests\.", line)
    near = run()
    assert sum("Fetched" in text for text in feedback.lines) == 1, "nothing is said of a local one"
    found, expected = (gdal.Open(results["CLASSES"]).ReadAsArray() for results in (far, near))
    np.testing.assert_array_equal(found, expected)


def request_for(provider, context, layer, model, **more):
    algorithm = next(item for item in provider.algorithms() if item.name() == "segmentraster")
    return read_request(ParameterValues(algorithm, {"INPUT": layer, "MODEL": model, **more}, context))


def test_the_traffic_is_said_before_the_run(provider, context, address, raster, tiny_model, tmp_path):
    request = request_for(provider, context, QgsRasterLayer(address, "far"), tiny_model, RATIO=0.5)
    [line] = [text for text in look_ahead(request).lines if "server" in text]
    assert line.startswith("The raster lies on a server: about ")
    size = os.path.getsize(tmp_path / "cog.tif")
    assert read_bytes(request.plan, 1000, 0.5) == 1000, "no overviews: all of it, once"
    assert line.endswith(f"of its {size / 1e6:,.0f} MB are read.")
    local = request_for(provider, context, QgsRasterLayer(raster, "near"), tiny_model)
    assert not any("server" in text for text in look_ahead(local).lines)


def test_overviews_spare_traffic(provider, context, raster, tiny_model):
    dataset = gdal.Open(raster, gdal.GA_Update)
    dataset.BuildOverviews("AVERAGE", [2, 4])
    dataset = None
    request = request_for(provider, context, QgsRasterLayer(raster, "near"), tiny_model, RESOLUTION="native")
    assert read_bytes(request.plan, 1600, 0) == 100
    assert read_bytes(request.plan, 1600, 0.5) == 900
    assert read_bytes(request.plan, 1600, 1) == 1600


def test_what_qgis_appends_to_a_source_is_taken_off(raster):
    for mark in ("|option:NUM_THREADS=2", "|credential:AWS_NO_SIGN_REQUEST=YES|option:A=B"):
        layer = QgsRasterLayer(raster, "near")
        layer.source = lambda mark=mark: f"{raster}{mark}"
        assert raster_source(layer) == raster


def test_a_login_that_qgis_keeps_is_said(run, raster):
    layer = QgsRasterLayer(raster, "near")
    layer.source = lambda: "/vsicurl/https://host/a.tif authcfg='abc1234'"
    with pytest.raises(Exception, match="needs a login that QGIS keeps"):
        raster_source(layer)


def test_a_file_that_is_gone_is_one_line(run, address):
    with pytest.raises(QgsProcessingException) as stop:
        run(INPUT=address.replace("cog.tif", "gone.tif"))
    assert "INPUT" in str(stop.value)


def test_stac_items_are_told_from_rasters(run, tmp_path):
    """QGIS opens them as a layer of polygons, or not at all."""
    item = tmp_path / "item.json"
    asset = {"visual": {"href": "https://host/a.tif", "type": "image/tiff"}}
    item.write_text(json.dumps({"type": "Feature", "geometry": None, "properties": {}, "assets": asset}))
    for given in (str(item), "https://127.0.0.1:9/items/7?token=5ec2e7"):
        with pytest.raises(QgsProcessingException) as stop:
            run(INPUT=given)
        _, line = str(stop.value).splitlines()  # after QGIS's own
        assert re.fullmatch(r"INPUT '.*' is no raster for QGIS\. If these are STAC items, .*--asset NAME\)\.", line)
        assert "5ec2e7" not in line
    with pytest.raises(QgsProcessingException, match="INPUT") as stop:
        run(INPUT="https://127.0.0.1:9/a.tif?token=5ec2e7")
    assert "STAC" not in str(stop.value)
    assert "5ec2e7" not in str(stop.value)


@pytest.mark.parametrize("name", ["CLASSES", "UNCERTAINTY", "REPORT"])
def test_outputs_on_a_server_are_one_line_before_the_run(run, feedback, tmp_path, name):
    with pytest.raises(QgsProcessingException) as stop:
        run(**{"CLASSES": str(tmp_path / "c.tif"), name: "/vsis3/bucket/result.tif"})
    assert "is not local: write to a disk, and upload the result" in str(stop.value)
    assert not (tmp_path / "c.tif").exists()
