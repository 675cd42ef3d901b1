"""Torch comes from the index of CPU wheels only where there is no card, and where that index answers."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scripts.torch_index import torch_index


@pytest.fixture(params=[200, 404])
def server(request):
    """An index that has torch or has not, and the paths that were asked for."""
    asked = []

    class Index(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(request.param)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Index) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}/cpu", request.param, asked
        made.shutdown()


def test_cpu_wheels_where_there_is_no_card(server):
    url, code, asked = server
    assert torch_index(False, url) == (url if code == 200 else "")
    assert asked == ["/cpu/torch/"]


def test_a_card_gets_the_wheels_of_pypi(server):
    url, _, asked = server
    assert torch_index(True, url) == ""
    assert asked == []


def test_pypi_where_the_index_cannot_be_reached():
    assert torch_index(False, "http://127.0.0.1:9/cpu") == ""
