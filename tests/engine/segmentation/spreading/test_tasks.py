"""Any split of the two passes into tasks, done in any order, some of them twice, gives the same bytes."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.segmentation.runs import SMALL, outputs_in, read_whole
from tests.engine.tiny_bundle import write_tiny_bundle
from uhrs_qgis_plugin.engine.cluster import Done
from uhrs_qgis_plugin.engine.errors import OutputError
from uhrs_qgis_plugin.engine.files import replacing
from uhrs_qgis_plugin.engine.flow import Watch
from uhrs_qgis_plugin.engine.grid import Canvas, Window, touched_cells, with_margin
from uhrs_qgis_plugin.engine.outputs import Strip, strips_of
from uhrs_qgis_plugin.engine.raster import IDENTITY, RasterProfile
from uhrs_qgis_plugin.engine.segmentation import pipeline
from uhrs_qgis_plugin.engine.segmentation.passes import patches_of, plan_blocks
from uhrs_qgis_plugin.engine.segmentation.pipeline import segment
from uhrs_qgis_plugin.engine.segmentation.planning import Options
from uhrs_qgis_plugin.engine.segmentation.spreading import crew_hands, cutting, facts, gathering, workplace
from uhrs_qgis_plugin.engine.segmentation.spreading.cutting import cut_blocks, cut_scenes, cut_strips

pytestmark = pytest.mark.once  # the environment of QGIS has no Dask, and so no crews


@pytest.mark.parametrize("workers", [1, 3, 50])
@pytest.mark.parametrize("whole_rows", [True, False])
def test_every_scene_and_block_is_in_one_task(workers, whole_rows):
    scenes = [index for index in range(70) if index % 9]
    parts = cut_scenes(scenes, 10, workers, whole_rows)
    assert sorted(index for part in parts for index in part) == scenes
    for part in parts:
        rows, cols = {index // 10 for index in part}, {index % 10 for index in part}
        assert len(rows) <= (1 if whole_rows else 4)
        assert whole_rows or max(cols) - min(cols) < 4
        assert part == sorted(part)
    blocks = plan_blocks(Canvas(700, 1300, 32), (64, 64))
    for is_timed in (True, False):
        parts = cut_blocks(blocks, (64, 64), workers, whole_rows, is_timed)
        assert sorted(entry for part in parts for entry in part) == list(blocks)
        assert all([index for index, _ in part] == sorted(index for index, _ in part) for part in parts)
    assert workers == 50 or max(map(len, parts)) > 1 or not whole_rows


@pytest.mark.parametrize("workers", [1, 3, 50])
def test_every_strip_is_in_one_task(workers):
    strips = [Strip("classes", level, row, 100 >> level, 1) for level in (2, 1, 0) for row in range(20 >> level)]
    parts = cut_strips(strips, workers)
    assert [index for part in parts for index in part] == list(range(len(strips)))
    most = max(100, sum(strip.pixels for strip in strips) // (cutting.ENOUGH * workers))
    assert all(sum(strips[index].pixels for index in part) <= most for part in parts)
    assert len(parts) >= min(6 * workers, 20)


def test_many_pixels_make_no_more_tasks_than_a_scheduler_bears():
    """A million pixels a side; 200 workers."""
    side = 1 << 20
    columns = side // 4864
    assert len(cut_scenes(range(columns**2), columns, 200, False)) < 1e5
    row = [(index, Window(0, 2048 * index, 2048, 2048)) for index in range(side // 2048)]
    profile = RasterProfile(side, side, 1, "", IDENTITY, None, ("",))
    assert len(cut_strips(strips_of({"classes": profile}), 200)) < 1e4
    per_row = len(cut_blocks(row * 4, (2048, 2048), 1, False, False))
    assert per_row * side / 2048 / 4 < 1e5


def test_patches_of_a_task_are_those_that_its_blocks_touch():
    canvas = Canvas(700, 1300, 32)
    blocks = plan_blocks(canvas, (64, 64))
    for part in cut_blocks(blocks, (64, 64), 1, False, False):
        window = patches_of(part, canvas)
        for _, block in part:
            patches = touched_cells(with_margin(block, canvas), 32)
            assert patches.overlap(window) == patches


class OneProcess:
    """A crew that is this process: a workplace a worker, tasks in any order, some of them twice."""

    def __init__(self, order, seed, workers=3):
        self._random = random.Random(seed)
        self._places = [order(1, lambda: None) for _ in range(workers)]
        self.facts, self.devices, self.messages = dict(self._places[0].facts), {"cpu": workers}, []
        self.tasks, self.seconds, self.tasks_at_a_time = 0, 0.0, workers

    def __len__(self):
        return len(self._places)

    def hand_out(self, kind, tasks):
        tasks = list(tasks)
        self._random.shuffle(tasks)
        for task in tasks:
            for _ in range(self._random.choice([1, 1, 2])):
                result = self._random.choice(self._places).do(kind, task.content)
            yield Done(task, result, 0.1)

    def close(self):
        for place in self._places:
            place.close()


@pytest.fixture
def crew_here(monkeypatch):
    """Let runs with a cluster have a `OneProcess`; gives a function that says by which random numbers."""
    seeds = []

    def crew_of(job, journal, watch):
        import contextlib

        @contextlib.contextmanager
        def gathered():
            with gathering.Meeting(journal.meeting) as meeting:
                crew = OneProcess(gathering.order_of(job, meeting, journal.folder, "cpu"), seeds[-1])
                assert crew.facts == {**facts.facts_of(job), "device": "cpu", "precision": "float"}
                yield crew
                crew.close()

        return gathered()

    monkeypatch.setattr(pipeline, "crew_of", crew_of)
    monkeypatch.setattr(crew_hands, "hand_out", lambda crew, kind, tasks: crew.hand_out(kind, tasks))
    return seeds.append


def bytes_of(folder):
    """All that a run leaves, but for the report, which tells how long it took."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "report.json"}


CASES = [
    ({"width": 331, "height": 275}, {"ratio": 0.5}),
    ({"width": 331, "height": 275, "mask": True}, {"ratio": 1.0}),
    ({"width": 258, "height": 130, "tiled": True}, {"threshold": 0.4, "uncertainty_cell": 2}),
    ({"width": 331, "height": 275}, {"ratio": 0.0}),
]


@pytest.mark.parametrize(("raster", "options"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_any_split_gives_the_same_bytes(make_raster, out, tmp_path, crew_here, monkeypatch, raster, options, seed):
    path, model = make_raster(**raster), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model, patch_side=32)
    options = Options(**SMALL, **options, device="cpu")
    expected_report = segment(path, str(model), outputs_in(out), options)
    expected = bytes_of(out)
    numbers = random.Random(seed)
    monkeypatch.setattr(cutting, "LARGEST", numbers.choice([1, 2, 3, 8]))
    monkeypatch.setattr(cutting, "ENOUGH", numbers.choice([1, 4]))
    crew_here(seed)
    report = segment(path, str(model), outputs_in(out), replace(options, cluster="local:3"))
    assert bytes_of(out) == expected
    assert report.selected_patches == expected_report.selected_patches
    assert report.classes == expected_report.classes
    assert report.workers["devices"] == {"cpu": 3}
    assert expected_report.workers is None
    assert sorted(path.name for path in out.iterdir()) == [
        "classes.tif",
        "classes.tif.aux.xml",
        "report.json",
        "uncertainty.tif",
    ]


def test_one_bar_covers_publishing_too(make_raster, out, tmp_path, crew_here):
    path, model = make_raster(width=1400, height=1100), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model, patch_side=32)
    crew_here(0)
    shares = []
    watch = Watch(progress=shares.append)
    options = Options(scene_side=512, block_side=512, device="cpu", cluster="local:3", ratio=0.1)
    segment(path, str(model), outputs_in(out), options, watch)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len({share for share in shares if 0.9 < share < 1.0}) >= 5  # three rows of tiles, overviews, uncertainty


def test_a_full_disk_of_a_worker_is_one_line(make_raster, out, tmp_path, crew_here, monkeypatch):
    path, model = make_raster(width=331, height=275), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model, patch_side=32)
    crew_here(0)

    def full(strip, mosaic, mark, check):
        with replacing(mosaic.folder / "strip.tiles", mark):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(workplace, "make_strip", full)
    with pytest.raises(OutputError, match=r"strip\.tiles' cannot be written: No space left on device") as told:
        segment(path, str(model), outputs_in(out), Options(**SMALL, device="cpu", cluster="local:3"))
    assert "\n" not in str(told.value)
    assert list(out.iterdir()) == []


def test_a_budget_of_time_is_kept_by_a_crew_too(make_raster, out, tmp_path, crew_here):
    path, model = make_raster(width=331, height=275), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model, patch_side=32)
    crew_here(0)
    report = segment(path, str(model), outputs_in(out), Options(**SMALL, minutes=10, cluster="local:3"))
    assert report.selected_patches == report.patches
    report = segment(path, str(model), outputs_in(out), Options(**SMALL, minutes=1e-6, cluster="local:3"))
    assert report.selected_patches == 0
    assert (read_whole(out / "classes.tif")[0] != 255).all()


def test_preview_and_unfamiliar_band(make_raster, out, tmp_path, crew_here):
    path, model = make_raster(width=331, height=275), tmp_path / "tiny.uhrs"
    write_tiny_bundle(model, patch_side=32)
    previews = []
    for cluster in (None, "local:3"):
        crew_here(1)
        outputs = outputs_in(out, preview=str(out / "p.tif"))
        segment(path, str(model), outputs, Options(**SMALL, device="cpu", cluster=cluster))
        previews.append([read_whole(out / name)[0].tobytes() for name in ("p.tif", "p_uncertainty.tif")])
    assert previews[0] == previews[1]


def test_where_a_model_is_not_the_one_of_the_client(make_raster, tmp_path):
    from uhrs_qgis_plugin.engine.bundle import read_bundle
    from uhrs_qgis_plugin.engine.cluster import Meeting
    from uhrs_qgis_plugin.engine.errors import BundleError
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.segmentation.planning import plan_job

    write_tiny_bundle(tmp_path / "a.uhrs", patch_side=32)
    model = read_bundle(tmp_path / "a.uhrs")
    with open_raster(make_raster(width=100, height=100)) as reader:
        job = plan_job(reader.info, model, Outputs(str(tmp_path / "c.tif")), Options())
    with Meeting(tmp_path / "meeting") as meeting:
        order = gathering.order_of(job, meeting, tmp_path, "cpu")
        assert Path(order.model_file).read_bytes() == (tmp_path / "a.uhrs").read_bytes()
        assert np.sum([len(graph) for graph in order.job.model.graphs.values()]) == 0  # weights travel by file
        write_tiny_bundle(order.model_file, patch_side=64)
        with pytest.raises(BundleError, match="is another model than"):
            order(1, lambda: None)


@pytest.mark.parametrize("count", [2, 1100])
def test_the_order_of_a_folder_of_rasters_is_plain_data(make_raster, tmp_path, count):
    """What workers get is pickled by Dask; from 1024 rasters on a mosaic is kept otherwise."""
    import pickle
    import shutil

    from uhrs_qgis_plugin.engine.bundle import read_bundle
    from uhrs_qgis_plugin.engine.cluster import Meeting
    from uhrs_qgis_plugin.engine.outputs import Outputs
    from uhrs_qgis_plugin.engine.raster import open_raster
    from uhrs_qgis_plugin.engine.segmentation.planning import plan_job

    write_tiny_bundle(tmp_path / "a.uhrs", patch_side=32)
    tile, folder = make_raster(width=16, height=16), tmp_path / "tiles"
    folder.mkdir()
    for number in range(count):
        shutil.copy(tile, folder / f"{number:04}.tif")
    with open_raster(folder) as reader:
        job = plan_job(reader.info, read_bundle(tmp_path / "a.uhrs"), Outputs(str(tmp_path / "c.tif")), Options())
    with Meeting(tmp_path / "meeting") as meeting:
        order = pickle.loads(pickle.dumps(gathering.order_of(job, meeting, tmp_path, "cpu")))
    with open_raster(order.job.raster.source) as reader:
        pixels = reader.read([1, 2, 3], Window(0, 0, 16, 16))
    with open_raster(tile) as reader:
        assert np.array_equal(pixels, reader.read([1, 2, 3], Window(0, 0, 16, 16)))
