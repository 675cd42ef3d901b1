"""Labels in polygons: what GDAL's own rasteriser draws, whatever window, pixel size, file type or CRS."""

import json

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyogrio import raw as pyogrio_raw
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin
from rasterio.warp import transform_geom

from training import check_data
from training.data import SceneData
from training.data.arrays import IGNORE, PolygonLabels, at_resolution
from training.data.datasets import folder
from training.errors import DatasetError

PLACE = {"crs": "EPSG:32640", "transform": from_origin(330_000, 2_790_000, 0.5, 0.5)}
YAML = """classes:
  - {name: ground, colour: "BEBEBE"}
  - {name: roof, colour: "D7301F", attribute: [building, shed]}
  - {name: water, colour: "3C7DC4", value: 7}
vector: {attribute: kind%s}
"""


def star(rng, height, width):
    """A ring around a place, with its first point repeated, in pixels."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radii = rng.uniform(3, 25, 9)
    places = np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1) + rng.uniform((0, 0), (width, height))
    return np.concatenate([places, places[:1]])


def on_map(ring, transform):
    a, b, c, d, e, f = transform[:6]
    return [[a * col + b * row + c, d * col + e * row + f] for col, row in ring.tolist()]


def write_image(path, height=90, width=110, **profile):
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"driver": "GTiff", "count": 3, "height": height, "width": width, "dtype": "uint8", **PLACE, **profile}
    with rasterio.open(path, "w", **options) as file:
        file.write(np.random.default_rng(0).integers(1, 255, (3, height, width), np.uint8))
    return path


def write_polygons(path, features, crs="EPSG:32640", layer=None, kind="kind", append=False):
    """features: (value, rings on the map)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wkb = [
        b"\x01\x03\x00\x00\x00"
        + np.uint32(len(rings)).tobytes()
        + b"".join(np.uint32(len(ring)).tobytes() + np.asarray(ring, "<f8").tobytes() for ring in rings)
        for _, rings in features
    ]
    values = [np.array([value for value, _ in features], object)]
    driver = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile"}[path.suffix]
    options = {"layer": layer} if layer else {}
    pyogrio_raw.write(
        path, np.array(wkb, object), values, [kind], geometry_type="Polygon", crs=crs, driver=driver, append=append,
        **options,
    )  # fmt: skip
    return path


def dataset(root, features, more="", name="a", ending=".gpkg", **profile):
    root.mkdir(parents=True, exist_ok=True)
    (root / "classes.yaml").write_text(YAML % more)
    image = write_image(root / "train" / "images" / f"{name}.tif", **profile)
    write_polygons(root / "train" / "labels" / f"{name}{ending}", features)
    return image


def features_of(seed, transform=PLACE["transform"], height=90, width=110, kinds=("building", "shed", "7", "ground")):
    rng = np.random.default_rng(seed)
    return [(kinds[n % len(kinds)], [on_map(star(rng, height, width), transform)]) for n in range(12)]


def drawn(features, rest=IGNORE, transform=PLACE["transform"], shape=(90, 110)):
    """By GDAL, in the order of the file."""
    numbers = {"ground": 0, "building": 1, "shed": 1, "7": 2, "water": 2}
    shapes = [({"type": "Polygon", "coordinates": rings}, numbers[kind]) for kind, rings in features]
    return rasterize(shapes, shape, fill=rest, transform=transform, dtype="uint8")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp"])
def test_polygons_are_labels(tmp_path, ending):
    features = features_of(1)
    dataset(tmp_path, features, ending=ending)
    if ending == ".geojson":  # which is written in degrees, so edges bend by less than a pixel
        scene = folder.load(tmp_path, "train")[0]
        assert np.mean(np.asarray(scene.labels) != drawn(features)) < 2e-3
    else:
        scene = folder.load(tmp_path, "train")[0]
        np.testing.assert_array_equal(np.asarray(scene.labels), drawn(features))
    assert set(np.unique(scene.labels)) == {0, 1, 2, IGNORE}


@given(st.integers(0, 10_000), st.data())
@settings(max_examples=60, deadline=None)
def test_windows_and_pixel_sizes_are_what_gdal_draws(seed, data):
    rng = np.random.default_rng(seed)
    height, width = (data.draw(st.integers(1, 120)) for _ in range(2))
    grid = tuple(data.draw(st.integers(1, 150)) for _ in range(2))
    shapes = [[[star(rng, height, width)], [star(rng, height, width), star(rng, height, width)][:1]] for _ in range(5)]
    area = [[[star(rng, height, width) * 2]]]
    labels = rng.integers(0, 4, len(shapes)).tolist()
    array = PolygonLabels(shapes, labels, (height, width), 3, area).on_grid(grid)
    scale = Affine.scale(width / grid[1], height / grid[0])
    expected = np.full(grid, 3, np.uint8)
    for shape, label in zip(shapes, labels, strict=True):
        for part in shape:
            one = {"type": "Polygon", "coordinates": [ring.tolist() for ring in part]}
            expected[rasterize([one], grid, transform=scale, dtype="uint8") > 0] = label
    one = {"type": "Polygon", "coordinates": [area[0][0][0].tolist()]}
    expected[rasterize([one], grid, transform=scale, dtype="uint8") == 0] = IGNORE
    whole = np.asarray(array)
    assert np.mean(whole != expected) <= 2 / whole.size  # centres that lie on an edge but for rounding
    rows, cols = (
        slice(*sorted(data.draw(st.tuples(*[st.integers(0, n)] * 2))), data.draw(st.integers(1, 9))) for n in grid
    )
    np.testing.assert_array_equal(array[rows, cols], whole[rows, cols])


def test_polygons_of_another_crs_are_reprojected(tmp_path):
    far = [
        ("building", [on_map(np.array([[-900, 20], [400, 20], [400, 60], [-900, 60], [-900, 20]]), PLACE["transform"])])
    ]
    features = [*features_of(2), *far]
    dataset(tmp_path, features)
    expected = np.asarray(folder.load(tmp_path, "train")[0].labels)
    for crs in ("EPSG:3857", "EPSG:4326"):
        moved = []
        for kind, rings in features:
            fine = [
                np.concatenate([np.linspace(a, b, 400, endpoint=False) for a, b in zip(r, r[1:])] + [r[-1:]]).tolist()
                for r in rings
            ]
            geometry = {"type": "Polygon", "coordinates": fine}
            moved.append((kind, transform_geom("EPSG:32640", crs, geometry)["coordinates"]))
        path = tmp_path / "train" / "labels" / "a.gpkg"
        path.unlink()
        write_polygons(path, moved, crs)
        found = np.asarray(folder.load(tmp_path, "train")[0].labels)
        assert np.mean(found != expected) < 1e-3
        assert (found[21:59, 100] == 1).all()


def test_long_edges_of_another_crs_are_cut_before_they_are_reprojected(tmp_path):
    """A rectangle in degrees that is far larger than the image: its edges are curves in metres."""
    image = dataset(tmp_path, features_of(1), height=60, width=60)
    path = tmp_path / "train" / "labels" / "a.gpkg"
    path.unlink()
    with rasterio.open(image) as file:
        middle = file.transform * (30, 30)
    (lon, lat) = rasterio.warp.transform("EPSG:32640", "EPSG:4326", [middle[0]], [middle[1]])
    west, east, south, north = lon[0] - 2, lon[0] + 2, lat[0], lat[0] + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    write_polygons(path, [("building", [ring])], "EPSG:4326")
    found = np.asarray(folder.load(tmp_path, "train")[0].labels)
    rows, cols = np.mgrid[:60, :60] + 0.5
    x, y = PLACE["transform"] * (cols.ravel(), rows.ravel())
    _, latitude = rasterio.warp.transform("EPSG:32640", "EPSG:4326", x, y)
    expected = np.where(np.reshape(latitude, (60, 60)) > south, 1, IGNORE)
    assert np.mean(found != expected) < 0.02


def test_background_and_judged_area(tmp_path):
    features = features_of(3)
    dataset(tmp_path, features, ", background: ground, area: judged")
    square = np.array([[10, 5], [70, 5], [70, 80], [10, 80], [10, 5]], float)
    path = tmp_path / "train" / "labels" / "a.gpkg"
    write_polygons(path, [("x", [on_map(square, PLACE["transform"])])], layer="judged", append=False)
    expected = drawn(features, rest=0)
    inside = np.zeros((90, 110), bool)
    inside[5:80, 10:70] = True
    np.testing.assert_array_equal(
        np.asarray(folder.load(tmp_path, "train")[0].labels), np.where(inside, expected, IGNORE)
    )


def test_one_file_labels_all_images_and_says_where_it_labels_nothing(tmp_path):
    features = features_of(4)
    dataset(tmp_path, features, ", background: ground")
    away = {**PLACE, "transform": from_origin(331_000, 2_790_000, 0.5, 0.5)}
    write_image(tmp_path / "train" / "images" / "b.tif", **away)
    (tmp_path / "train" / "labels" / "a.gpkg").rename(tmp_path / "labels.gpkg")
    (tmp_path / "train" / "labels").rmdir()
    one, other = folder.load(tmp_path, "train")
    np.testing.assert_array_equal(np.asarray(one.labels), drawn(features, rest=0))
    assert (np.asarray(other.labels) == 0).all()
    assert "no polygon" in other.notes[0]
    assert not one.notes


def test_polygons_are_drawn_at_the_working_pixel_size(tmp_path):
    features = features_of(5)
    dataset(tmp_path, features)
    scene = at_resolution(folder.load(tmp_path, "train")[0], 0.25)
    fine = PLACE["transform"] * Affine.scale(0.5)
    assert abs(scene.labels.shape[0] - 180) <= 1
    shape = scene.labels.shape
    fine = PLACE["transform"] * Affine.scale(110 / shape[1], 90 / shape[0])
    np.testing.assert_array_equal(np.asarray(scene.labels), drawn(features, transform=fine, shape=shape))


def test_pixels_without_data_have_no_label(tmp_path):
    image = dataset(tmp_path, features_of(6), ", background: ground", nodata=0)
    with rasterio.open(image, "r+") as file:
        pixels = file.read()
        pixels[:, :30] = 0
        file.write(pixels)
    labels = np.asarray(folder.load(tmp_path, "train")[0].labels)
    assert (labels[:30] == IGNORE).all()
    assert (labels[30:] != IGNORE).all()


def unplaced(path):
    write_polygons(path, features_of(1))
    write_image(path.parents[1] / "images" / "a.tif", crs=None)


def points(path):
    content = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"kind": "shed"},
                "geometry": {"type": "Point", "coordinates": [55.3, 25.2]},
            }
        ],
    }
    path.with_suffix(".geojson").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda path: write_polygons(path, [("tent", features_of(1)[0][1])]), "kind 'tent', which classes"),
        (lambda path: write_polygons(path, features_of(1), kind="type"), "has no attribute 'kind', but type"),
        (lambda path: write_polygons(path, features_of(1), crs=None), "has no CRS"),
        (lambda path: write_polygons(path, features_of(1), layer="second"), "has the layers a, second; name"),
        (lambda path: path.write_bytes(b"no file of polygons"), "Cannot read polygons from"),
        (points, "holds no layer of polygons"),
        (lambda path: unplaced(path), "has no georeference, so polygons"),
    ],
)  # fmt: skip
def test_polygons_that_cannot_be_labels_are_refused_in_one_line(tmp_path, change, match):
    dataset(tmp_path, features_of(1))
    path = tmp_path / "train" / "labels" / "a.gpkg"
    if "second" not in match:
        path.unlink()
    change(path)
    with pytest.raises(DatasetError, match=match) as error:
        folder.load(tmp_path, "train")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("more", "match"),
    [
        (", background: forest", "background is 'forest', which is no class"),
        (", colour: red", "'vector' has no 'colour'"),
        (", area: judged", "neither a layer of .* nor a file beside it"),
        (", layer: roofs", "has no layer 'roofs', but a"),
    ],
)
def test_settings_of_polygons_are_checked(tmp_path, more, match):
    dataset(tmp_path, features_of(1), more)
    with pytest.raises(DatasetError, match=match):
        folder.load(tmp_path, "train")


def test_checker_and_training_take_polygons_without_folders_for_splits(tmp_path, capsys):
    """ROOT/images and ROOT/labels.gpkg, validation by area."""
    (tmp_path / "classes.yaml").write_text(YAML % ", background: ground")
    rng = np.random.default_rng(0)
    features = [("building" if n % 2 else "7", [on_map(star(rng, 400, 400), PLACE["transform"])]) for n in range(60)]
    write_image(tmp_path / "images" / "site.tif", 400, 400)
    write_polygons(tmp_path / "labels.gpkg", features)
    data = SceneData("folder", str(tmp_path), crop=96, batch_size=2, steps=2, workers=0, split=0.25)
    data.setup("fit")
    batch = next(iter(data.train_dataloader()))
    assert set(batch["mask"].unique().tolist()) <= {0, 1, 2, IGNORE}
    assert data.whole["val"]
    (tmp_path / "c.yaml").write_text(f"data: {{dataset: folder, root: {tmp_path}, crop: 96, split: 0.25}}")
    check_data.main(["--config", str(tmp_path / "c.yaml")])
    out = capsys.readouterr().out
    assert "split by area: " in out
    assert "| val | " in out
    with pytest.raises(DatasetError, match=r"has no folder 'val'.*--data.split 0\.2"):
        folder.load(tmp_path, "val")
