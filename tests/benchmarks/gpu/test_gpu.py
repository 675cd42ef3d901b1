"""`make bench-gpu` on the processor, small: every section gives numbers, and one that fails costs only itself."""

import json

import pytest

from benchmarks.gpu import run as gpu
from benchmarks.gpu.page import page
from benchmarks.gpu.raster import Busy


def _run(tmp_path, *args):
    content = gpu.main(["--out", str(tmp_path / "out"), "--quick", "--device", "cpu", *args])
    text = (tmp_path / "out" / "gpu.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / "gpu.json").read_text(encoding="utf-8")) == json.loads(json.dumps(content))
    assert "could not be written" not in text
    return content["sections"], text


def test_labels_and_the_way_from_file_to_files(tmp_path):
    sections, text = _run(tmp_path, "--sections", "facts", "agreement", "end_to_end")
    assert sections["facts"]["machine"]["cores"] >= 1
    found = sections["agreement"]
    assert found["float"]["generated"]["equal_labels"] == 1.0
    assert 0.99 < found["half"]["generated"]["equal_labels"] < 1.0  # another precision was really there
    assert found["half"]["generated"]["classes"] > 1
    assert {"low", "high", "fuse"} == set(found["placement"])
    assert "CPUExecutionProvider" in found["placement"]["fuse"]
    run = sections["end_to_end"]["K = 0.5"]
    assert run["mpx_per_s"] > 0
    assert sum(run["threads"][stage]["busy"]["reader"] for stage in ("coarse", "refine")) > 0  # small: read early
    for stage in ("coarse", "refine"):
        busy = run["threads"][stage]["busy"]
        assert busy["network"] > 0
        assert run["threads"][stage]["bottleneck"] in busy
    assert "bottleneck is **" in text
    assert "the numbers mean nothing" in text


@pytest.mark.slow
def test_networks_graphs_and_training(tmp_path):
    sections, text = _run(tmp_path, "--sections", "graphs", "protocol", "training")
    assert sections["graphs"]["half"]["pass, tiny, 512, 1"]["fps"] > 0
    assert sections["protocol"]["published, eager, tiny, 1"]["fps"] > 0
    assert sections["training"]["ours, bf16"]["speed/mpx_per_s"] > 0
    assert "plugin's graphs, onnxruntime, half" in text
    assert "missing" not in json.dumps(sections)


def test_a_section_that_fails_says_so_and_the_others_go_on(tmp_path):
    sections, text = _run(tmp_path, "--sections", "agreement", "facts", "--model", str(tmp_path / "no.uhrs"))
    assert "it ended with code 1" in sections["agreement"]["missing"]
    assert "no.uhrs" in " ".join(sections["agreement"]["printed"])
    assert "machine" in sections["facts"]
    assert "- agreement: it ended with code 1" in text


def test_a_section_without_time_is_not_begun(tmp_path):
    sections, text = _run(tmp_path, "--sections", "facts", "--seconds", "2")
    assert sections["facts"] == {"seconds": 0.0, "missing": "no time was left for it"}
    assert "- facts: no time was left for it" in text


def test_what_a_section_had_when_its_time_was_over_stays(tmp_path, monkeypatch):
    script = tmp_path / "sections.py"
    script.write_text(
        "import json, sys, time\n"
        "job = json.load(open(sys.argv[2]))\n"
        "open(job['result'], 'w').write('{\"begun\": 1}')\n"
        "time.sleep(60)\n"
    )
    monkeypatch.setattr(gpu, "__file__", str(tmp_path / "run.py"))
    monkeypatch.setattr(gpu, "LEAST_S", 0.0)
    found = gpu.section("anything", {"seconds": 1.0, "folder": str(tmp_path)})
    assert found["begun"] == 1
    assert "its 1 s were over" in found["missing"]


def test_the_page_compares_with_published_speeds():
    row = {"side": 5000, "fps": 218.0, "memory": {"allocated_mib": 1000.0}}
    sections = {"protocol": {"ours, eager, inria, 1": row, "published, eager, inria, 1": {**row, "fps": 500.0}}}
    text = page({"command": "c", "date": "d", "device": "cuda", "quick": False, "sections": sections})
    assert "| 5000, K = 1 | ours, torch, eager | 218.0 | 10.9 | 20.0 | 1000 | 3570 |" in text
    assert "Best: ours, torch, eager: 218 FPS, 20.0 times." in text  # not the published network's


def test_the_bottleneck_is_the_busiest_thread():
    busy = Busy()
    busy.stage = "refine"
    for what, seconds in {"reader": 3.0, "network": 8.0, "writer": 1.0, "waits for the network": 9.0}.items():
        busy.add(what, seconds)
    found = busy.report({"refine": 10.0}, lanes=2)["refine"]
    assert found["busy"] == {"reader": 3.0, "network": 4.0, "writer": 1.0, "main thread": 1.0}
    assert found["bottleneck"] == "network"


def test_sections_of_an_earlier_run_stay_unless_sizes_or_device_differ(tmp_path):
    content = {"device": "cuda", "quick": False, "sections": {"facts": {"seconds": 1.0}}}
    (tmp_path / "gpu.json").write_text(json.dumps(content))
    assert gpu.earlier(tmp_path, "cuda", False) == {"facts": {"seconds": 1.0}}
    assert gpu.earlier(tmp_path, "cuda", True) == {}
    assert gpu.earlier(tmp_path, "cpu", False) == {}
    (tmp_path / "gpu.json").write_text("{")
    assert gpu.earlier(tmp_path, "cuda", False) == {}


def test_the_page_names_each_reason_once():
    missing = {"missing": "no time was left"}
    sections = {"protocol": {"a": missing, "b": missing}, "facts": {"missing": "it ended", "printed": ["last words"]}}
    text = page({"command": "c", "date": "d", "device": "cuda", "quick": False, "sections": sections})
    assert "- protocol, a; protocol, b: no time was left\n" in text
    assert "- facts: it ended `last words`" in text
