"""The order of files: those that take longest begin, so that processes side by side end together."""

from pathlib import Path

HERE = Path(__file__).parent
# From a minute down to some seconds; all others come after them as they are found.
LONGEST = (
    "engine/segmentation/spreading/test_runs.py",
    "training/test_configs.py",
    "training/learning/test_architectures.py",
    "training/test_end_to_end.py",
    "engine/cluster/test_crew.py",
    "engine/cluster/test_queues.py",
    "training/test_tutorial_train.py",
    "training/export/test_int8.py",
    "training/export/test_network_bundle.py",
    "benchmarks/data/test_crops.py",
    "engine/segmentation/test_imagery_fit.py",
    "engine/segmentation/spreading/test_tasks.py",
    "training/reproduction/test_reproduce.py",
    "training/running/test_distributed.py",
    "benchmarks/gpu/test_gpu.py",
    "training/running/test_resume.py",
    "training/test_tutorial_review.py",
    "training/evaluation/test_segmented_scene.py",
    "training/imagery/test_imagery.py",
    "training/networks/libraries/test_timm.py",
    "training/export/test_calibrated.py",
    "engine/segmentation/test_network.py",
    "training/learning/test_ablations.py",
    "engine/segmentation/planning/test_pixel_size.py",
    "training/data/test_folder.py",
    "training/data/test_true_images.py",
    "training/benchmarking/test_frontier.py",
    "training/export/test_engine_parity.py",
    "training/test_loop.py",
    "training/running/test_kills.py",
    "training/data/test_whole_scenes.py",
    "training/test_notebook.py",
    "qgis/person/test_person.py",
    "qgis/test_every_way.py",
    "engine/raster/remote/test_buckets.py",
    "engine/segmentation/test_pipeline_resume.py",
    "engine/raster/test_mosaic.py",
    "engine/segmentation/test_memory.py",
)


def pytest_collection_modifyitems(items):
    places = {HERE / name: place for place, name in enumerate(LONGEST)}
    assert all(path.exists() for path in places), "LONGEST names a file that is not there"
    items.sort(key=lambda item: places.get(item.path, len(places)))
