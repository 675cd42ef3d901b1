"""STAC items and collections of items as rasters: local, on a server, clear and unclear, and from strangers."""

import json
import shutil

import numpy as np
import pytest

from uhrs_qgis_plugin.engine.errors import OptionsError, RasterError
from uhrs_qgis_plugin.engine.grid import Window
from uhrs_qgis_plugin.engine.raster import band_roles, open_raster

TIFF = "image/tiff; application=geotiff; profile=cloud-optimized"
EAST = (500060.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)
HALF_OVER = (500025.0, 0.5, 0.0, 5000000.0, 0.0, -0.5)


def item(href, name="visual", other=(), **asset):
    thumbnail = {"href": "./small.png", "type": "image/png", "roles": ["thumbnail"]}
    assets = {"thumbnail": thumbnail, name: {"href": href, "type": TIFF, "roles": ["data"], **asset}, **dict(other)}
    return {"type": "Feature", "stac_version": "1.0.0", "id": "one", "assets": assets, "links": []}


def collection(*items, links=()):
    return {"type": "FeatureCollection", "features": list(items), "links": list(links)}


@pytest.fixture
def write(server, tmp_path):
    """Write a document to where the server finds it; returns its local path."""

    def to(document, name="items.json"):
        path = tmp_path / "served" / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return to


def _same(one, other, bands=(1, 2, 3)):
    window = Window(0, 0, other.info.height, other.info.width)
    assert (one.info.height, one.info.width) == (other.info.height, other.info.width)
    np.testing.assert_array_equal(one.read_valid(bands, window), other.read_valid(bands, window))
    np.testing.assert_array_equal(one.read(bands, window), other.read(bands, window))


@pytest.mark.parametrize("remote", [False, True])
def test_an_item_is_its_imagery(server, serve, write, backend, remote):
    site, path = serve(width=100, height=80), write(item("./site.tif"))
    name = f"{server.url}/items.json" if remote else path
    with open_raster(name, backend) as one, open_raster(site, backend) as other:
        _same(one, other)


@pytest.mark.parametrize("remote", [False, True])
def test_a_collection_is_a_mosaic(server, serve, write, backend, tmp_path, remote):
    serve("west.tif", width=100, height=100)
    serve("east.tif", width=100, height=100, transform=EAST)
    hrefs = ["east.tif", "west.tif"] if remote else ["./east.tif", f"{server.url}/west.tif?token=5ec2e7"]
    path = write(collection(*map(item, hrefs)))
    (tmp_path / "folder").mkdir()
    for name in ("west.tif", "east.tif"):
        shutil.copy(tmp_path / "served" / name, tmp_path / "folder")
    name = f"{server.url}/items.json" if remote else path
    with open_raster(name, backend) as one, open_raster(tmp_path / "folder", backend) as other:
        assert one.info.width == 220
        _same(one, other)


def test_names_of_bands_become_roles(serve, write, backend):
    serve(width=20, height=20, count=4, colours=("undefined",) * 4)
    names = [{"common_name": name} for name in ("nir08", "red", "green", "blue")]
    for bands in ({"eo:bands": names}, {"bands": [{"eo:common_name": band["common_name"]} for band in names]}):
        with open_raster(write(item("site.tif", **bands)), backend) as reader:
            assert [role.names for role in band_roles(reader.info)] == [("nir",), ("red",), ("green",), ("blue",)]
    with pytest.raises(RasterError, match=r"has 4 bands and its catalogue states 2"):
        open_raster(write(item("site.tif", **{"eo:bands": names[:2]})), backend)


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("key", ["raster:bands", "bands", "nodata"])
def test_nodata_that_only_the_item_states(serve, write, backend, key, overlapping):
    """As if the files themselves declared it, in averages too."""
    data = np.random.default_rng(5).integers(1, 255, (3, 96, 100), np.uint8)
    data[:, 20:61, 30:73] = 0
    states = {"nodata": 0} if key == "nodata" else {key: [{"nodata": 0}] * 3}
    documents, declaring = [], []
    for name, transform in (("a.tif", None), ("b.tif", HALF_OVER if overlapping else EAST)):
        serve(name, data=data, transform=transform)
        declaring.append(serve(f"declaring_{name}", data=data, transform=transform, nodata=0))
        documents.append(item(name, **states))
    listed = declaring[0].parent / "declaring.txt"
    listed.write_text("\n".join(map(str, declaring)))
    with open_raster(write(collection(*documents)), backend) as one, open_raster(listed, backend) as other:
        assert one.info.nodata == (0, 0, 0)
        _same(one, other)
        shape = (24, one.info.width // 4)
        window = Window(0, 0, 96, 4 * shape[1])
        valid = other.read_valid([1, 2, 3], window, shape)
        np.testing.assert_array_equal(one.read_valid([1, 2, 3], window, shape), valid)
        pixels = other.read([1, 2, 3], window).astype(float).reshape(3, 24, 4, shape[1], 4)
        known = other.read_valid([1, 2, 3], window).reshape(24, 4, shape[1], 4)
        means = (pixels * known).sum(axis=(2, 4)) / np.maximum(1, known.sum(axis=(1, 3)))
        assert np.abs(one.read([1, 2, 3], window, shape) - means)[:, valid].max() <= 0.5
    with open_raster(write(documents[0]), backend) as one, open_raster(declaring[0], backend) as other:
        _same(one, other)


def test_nodata_that_contradicts_the_file_is_refused(serve, write, backend):
    serve(width=20, height=20, nodata=255)
    with pytest.raises(RasterError, match=r"has nodata 255 and its catalogue states nodata 0"):
        open_raster(write(item("site.tif", nodata=0)), backend)
    with open_raster(write(item("site.tif", nodata=255)), backend) as reader:
        assert reader.info.nodata == (255, 255, 255)


def test_which_asset_is_meant_must_be_clear(serve, write, backend):
    site = serve(width=30, height=20)
    other = {"red": {"href": "red.tif", "type": TIFF, "roles": ["data"]}}
    path = write(item("site.tif", other=other))
    with pytest.raises(RasterError, match=r"several assets that may be the imagery, visual, red: name one"):
        open_raster(path, backend)
    with open_raster(path, backend, asset="visual") as one, open_raster(site, backend) as local:
        _same(one, local)
    with pytest.raises(RasterError, match=r"no asset 'pan': choose one of visual, red"):
        open_raster(path, backend, asset="pan")
    with pytest.raises(OptionsError, match=r"is no STAC item"):
        open_raster(site, backend, asset="visual")
    two = write(collection(item("site.tif"), item("site.tif", name="image")))
    with pytest.raises(RasterError, match=r"no asset 'visual' in item 2"):
        open_raster(two, backend)


HREFS = ("/etc/passwd", "file:///etc/passwd", "C:\\data\\a.tif", "", "/vsimem/a.tif", "/vsizip/a.zip", "other.vrt")
MORE = ("https://host/a.vrt?x", "<VRTDataset/>", "GTIFF_DIR:1:/etc/passwd", "missing.tif", "\0")


@pytest.mark.parametrize("href", HREFS + MORE)
@pytest.mark.parametrize("remote", [False, True])
def test_an_item_names_no_other_files_of_this_computer(server, write, backend, href, remote):
    path = write(item(href))
    # What looks like a path below the item is sought on its server.
    below = remote and href in ("missing.tif", "<VRTDataset/>", "GTIFF_DIR:1:/etc/passwd")
    match = "HTTP 404" if below else r"allowed are|not there|may name any file"
    with pytest.raises(RasterError, match=match) as caught:
        open_raster(f"{server.url}/items.json" if remote else path, backend)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "match"),
    [
        (collection(item("site.tif"), links=[{"rel": "next", "href": "x"}]), "goes on at another page"),
        (collection(item("site.tif"), {"type": "Feature"}), "without assets"),
        (collection(item("site.tif"), 5), "without assets"),
        (item("site.tif", **{"raster:bands": "many"}), "no list of objects"),
        (item("site.tif", nodata="0"), "nodata '0'"),
        (item("site.tif", nodata=True), "nodata True"),
        ({"type": "Feature", "assets": {}}, "no asset that is an image"),
        ({"type": "Feature", "assets": {"a": {"href": 3}}}, "without assets"),
        ({"type": "FeatureCollection", "features": []}, "cannot be opened as a raster"),
        ("[" * 100_000, "cannot be opened as a raster"),
        ("{}", "cannot be opened as a raster"),
        ("not json", "cannot be opened as a raster"),
    ],
)
def test_what_is_wrong_with_items_is_said(serve, write, backend, document, match):
    serve(width=20, height=20)
    with pytest.raises(RasterError, match=match) as caught:
        open_raster(write(document), backend)
    assert "\n" not in str(caught.value)


def test_a_refused_or_missing_item_is_said(server, backend):
    with pytest.raises(RasterError, match="HTTP 404"):
        open_raster(f"{server.url}/items.json", backend)
    server.set(secret="abc")
    with pytest.raises(RasterError, match="HTTP 403") as caught:
        open_raster(f"{server.url}/items.json?token=5ec2e7", backend)
    assert "5ec2e7" not in str(caught.value)
