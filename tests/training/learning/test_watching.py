"""TensorBoard gets pictures of the first validation scenes and the confusion matrix."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.training.tiny_runs import configuration, fit, write_folder
from training.evaluation.pictures import confusion_figure, scene_figure
from training.learning import watching


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("pause", "drawn"), [(0.0, [5, 10]), (3600.0, [5])])
def test_pictures_of_a_training(pause, drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "_PAUSE_S", pause)
    root = write_folder(tmp_path / "data")
    logs = ["--trainer.logger=TensorBoardLogger", f"--trainer.logger.save_dir={tmp_path / 'logs'}"]
    cli = fit(configuration(tmp_path / "run", root), "--trainer.max_epochs=2", *logs)
    (file,) = (tmp_path / "logs").rglob("events*")
    events = EventAccumulator(str(file), size_guidance={"images": 0})
    events.Reload()
    scenes = min(3, len(cli.datamodule.whole["val"]))
    assert set(events.Tags()["images"]) == {"val/confusion", *(f"val/scene_{number}" for number in range(scenes))}
    steps = [image.step for image in events.Images("val/confusion")]
    assert steps == drawn
    matrix = cli.model.counted
    assert int(matrix.sum()) == sum(int((np.asarray(s.labels) != 255).sum()) for s in cli.datamodule.whole["val"])


def test_the_matrix_shows_shares_of_the_truth_and_pixels():
    figure = confusion_figure(np.array([[3, 1, 0], [0, 0, 0], [5, 0, 5]]), ["a", "b", "c"])
    texts = {tuple(int(v) for v in text.get_position()): text.get_text() for text in figure.axes[0].texts}
    shares = {(0, 0): "75\n3", (1, 0): "25\n1", (2, 0): "0\n0", (0, 2): "50\n5", (1, 2): "0\n0", (2, 2): "50\n5"}
    assert texts == shares
    many = confusion_figure(np.array([[999, 1000], [999_600, 83_400_000]]), ["a", "b"]).axes[0].texts
    assert [text.get_text().split("\n")[1] for text in many] == ["999", "1k", "1M", "83.4M"]


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("u", [None, np.zeros((4, 5), np.float32)])
def test_panels(bands, u):
    labels = np.zeros((32, 40), np.uint8)
    figure = scene_figure(np.zeros((bands, 32, 40), np.uint8), labels, labels, u, {"a": "FF0000", "b": "00FF00"})
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["image", "truth", "prediction", *(["uncertainty U"] if u is not None else [])]
