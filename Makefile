# `make` lists the targets. Everything is idempotent; what is made lies in build/, .venv-qgis and .venv-train.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PLUGIN := uhrs_qgis_plugin
VERSION := $(shell sed -n 's/^version=//p' metadata.txt)
ROOT := $(CURDIR)
# Debian's own Python: another `python3` that is first in PATH sees neither QGIS nor GDAL.
PYTHON := /usr/bin/python3
QGIS_PYTHON := .venv-qgis/bin/python
TRAIN_PYTHON := .venv-train/bin/python
APT_PACKAGES := qgis python3-qgis python3-gdal python3-venv xvfb
# The wrapper /usr/bin/qgis_process of Debian 12 fails on an option that only the desktop knows; the .bin does not.
QGIS_PROCESS := $$(command -v qgis_process.bin || command -v qgis_process)
# QGIS 4 has its profiles beside those of QGIS 3. Asked only where it is used.
QGIS_MAJOR = $(shell $(PYTHON) -c 'from qgis.core import Qgis; print(Qgis.QGIS_VERSION_INT // 10000)' 2>/dev/null || echo 3)
QGIS_PROFILES ?= $(HOME)/.local/share/QGIS/QGIS$(QGIS_MAJOR)
QGIS_PROFILE ?= default
# A private profile that knows only this plugin; .venv-qgis/bin first in PATH shows QGIS the onnxruntime in there.
QGIS_ENV := PATH="$(ROOT)/.venv-qgis/bin:/usr/bin:/bin" QT_QPA_PLATFORM=offscreen ORT_DISABLE_TELEMETRY=1 \
	QGIS_PLUGINPATH="$(ROOT)/build/plugins" QGIS_CUSTOM_CONFIG_PATH="$(ROOT)/build/profile" \
	XDG_RUNTIME_DIR="$(ROOT)/build/xdg"
PIP := -m pip install --quiet --quiet --disable-pip-version-check --no-warn-script-location
# Two processes side by side, a file of tests in one of them: files share what they train. tests/conftest.py says which
# files come first. JOBS=1 makes it one.
JOBS ?= 2
# Where torch comes from: auto = its CPU wheels where no NVIDIA card is and their index answers; empty = PyPI.
TORCH_INDEX ?= auto
PYTEST := -m pytest -q
SIDE_BY_SIDE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
# pyproject.toml holds options of pytest-qgis, which is away where no QGIS is wanted.
PYTEST_ALONE := $(PYTEST) -W ignore::pytest.PytestConfigWarning
TEST_QGIS := QT_QPA_PLATFORM=offscreen $(QGIS_PYTHON) $(PYTEST) $(SIDE_BY_SIDE) tests/qgis
# flake8-qgis: imports past qgis.PyQt, what Qt 6 removed. Not QVariant types (QGS402): QGIS before 3.38 takes nothing
# else, and check_qt6.py sees whether they are kept to such a QGIS.
QT6_RULES := QGS101,QGS102,QGS103,QGS104,QGS106,QGS107,QGS4
QGIS_CODE := $(PLUGIN) scripts
DEMO_SIZE ?= 4096
VERSIONS ?= host trixie sid
RASTER ?=
BENCH ?=
DUBAI ?=
RESNET18 ?=
EFFICIENTNET ?=
REPRODUCE ?=
MODEL ?=

.PHONY: help setup setup-qgis system demo test test-quick test-engine test-training test-qgis \
	test-old-runtime test-versions lint format smoke bench bench-gpu bench-loop bench-review bench-networks frontier reproduce stage package translations \
	deploy clean check screenshot

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

setup: setup-qgis .venv-train/.installed  ## install what is missing: system packages, both environments

setup-qgis: system .venv-qgis/.installed

system:
	@qgis_is_there() { $(PYTHON) -c 'import ensurepip, osgeo.gdal, qgis.core' 2>/dev/null && [ -n "$(QGIS_PROCESS)" ]; }; \
	if qgis_is_there && command -v Xvfb >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then root=; else root="sudo -E"; fi; \
	if ! command -v apt-get >/dev/null || { [ -n "$$root" ] && ! command -v sudo >/dev/null; }; then \
		if qgis_is_there; then echo "Xvfb is missing: the test of the QGIS desktop will be skipped."; exit 0; fi; \
		echo "QGIS, its Python or venv is missing, and only root can install it: apt-get install $(APT_PACKAGES)"; \
		exit 1; \
	fi; \
	echo "Installing $(APT_PACKAGES) (about 1.5 GB on a bare Debian) ..."; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$root apt-get update -qq; \
	$$root apt-get install -y -qq $(APT_PACKAGES) >/dev/null

.venv-qgis/.installed: requirements-qgis.txt scripts/system_numpy.py | system
	@echo "Installing .venv-qgis (onnxruntime and pytest for the Python of QGIS) ..."
	@$(PYTHON) -m venv --system-site-packages .venv-qgis
	@$(PYTHON) scripts/system_numpy.py >.venv-qgis/constraints.txt
	@$(QGIS_PYTHON) $(PIP) -r requirements-qgis.txt -c .venv-qgis/constraints.txt
	@touch $@

# Networks of other packages lie in a folder of their own, which is searched when one is asked for: torchmetrics imports
# torchvision wherever it finds it, and fails where it was built for another torch.
.venv-train/.installed: requirements-train.txt requirements-networks.txt | system
	@index="$(TORCH_INDEX)"; [ "$$index" != auto ] || index="$$($(PYTHON) scripts/torch_index.py)"; \
	echo "Installing .venv-train (torch $${index:+from $$index }and what training needs: 1.6 GB, with CUDA 5.3 GB) ..."; \
	$(PYTHON) -m venv .venv-train; \
	[ -z "$$index" ] || $(TRAIN_PYTHON) $(PIP) "$$(grep '^torch==' requirements-train.txt)" --index-url "$$index"
	@$(TRAIN_PYTHON) $(PIP) -r requirements-train.txt
	@$(TRAIN_PYTHON) $(PIP) --no-deps --upgrade --target .venv-train/networks -r requirements-networks.txt
	@touch $@

# The newest onnxruntime that Python 3.9 can have; it has wheels up to Python 3.12.
.venv-old/.installed: requirements-old.txt | system
	@echo "Installing .venv-old (an old onnxruntime, 360 MB) ..."
	@$(PYTHON) -m venv .venv-old
	@.venv-old/bin/python $(PIP) -r requirements-old.txt
	@touch $@

demo: setup-qgis stage  ## segment a generated raster in QGIS (or yours: make demo RASTER=/path/to.tif) and draw a preview
	@rm -rf build/profile; mkdir -p build/demo build/xdg; chmod 700 build/xdg
	@raster="$(RASTER)"; \
	if [ -z "$$raster" ]; then \
		raster=build/demo/demo.tif; \
		echo "Making a demo raster of $(DEMO_SIZE) x $(DEMO_SIZE) pixels ..."; \
		$(QGIS_PYTHON) training/make_raster.py "$$raster" --size $(DEMO_SIZE) --seed 7; \
	elif [ ! -e "$$raster" ]; then echo "RASTER=$$raster does not exist: give the path of a raster file."; exit 2; fi; \
	raster="$$(realpath "$$raster")"; cd build/demo; \
	rm -f classes.tif* uncertainty.tif* report.json preview.png; \
	export $(QGIS_ENV); \
	qgis() { "$(QGIS_PROCESS)" "$$@" 2> >(grep -v -e 'setapi() is deprecated' -e '^$$' >&2) \
		| sed -uE 's/^[0-9.]+([A-Z])/\1/; /100 - done\.$$/d'; }; \
	qgis plugins enable $(PLUGIN) >/dev/null; \
	qgis run uhrs:segmentraster -- INPUT="$$raster" CLASSES="$$PWD/classes.tif" \
		UNCERTAINTY="$$PWD/uncertainty.tif" REPORT="$$PWD/report.json" $(if $(MODEL),MODEL="$(realpath $(MODEL))"); \
	[ -s classes.tif ] && [ -s uncertainty.tif ] && [ -s report.json ]; \
	cd "$(ROOT)"; $(QGIS_PYTHON) scripts/preview.py "$$raster" build/demo/classes.tif build/demo/uncertainty.tif \
		build/demo/preview.png; \
	printf '\nDone. In build/demo/:\n'; \
	printf '  %-16s %s\n' classes.tif 'the class map' uncertainty.tif 'the uncertainty map (band 1: U, band 2: final uncertainty)' \
		report.json 'what was done, seconds, area per class' preview.png 'image, classes and uncertainty side by side'

test: test-engine test-training test-qgis test-old-runtime  ## run every test

test-quick: setup  ## two minutes: no trainings, no kills, one back end, no person at the desktop
	OMP_NUM_THREADS=1 $(TRAIN_PYTHON) $(PYTEST_ALONE) $(SIDE_BY_SIDE) -m "not slow" tests/engine tests/training tests/benchmarks
	$(TEST_QGIS) -m "not slow" --ignore tests/qgis/person

# Everything with rasterio and a new numpy; with osgeo and QGIS's numpy what may differ there (tests/engine/conftest.py).
test-engine: setup  ## run the engine's tests, and in the environment of QGIS those that a raster back end can fail
	$(TRAIN_PYTHON) $(PYTEST_ALONE) $(SIDE_BY_SIDE) tests/engine
	$(QGIS_PYTHON) $(PYTEST_ALONE) -p no:pytest_qgis $(SIDE_BY_SIDE) -m backend tests/engine

test-training: setup  ## run the tests of the training package and of the benchmarks
	OMP_NUM_THREADS=1 $(TRAIN_PYTHON) $(PYTEST_ALONE) $(SIDE_BY_SIDE) tests/training tests/benchmarks

test-qgis: setup-qgis  ## run the plugin's tests in QGIS, without a screen
	$(TEST_QGIS)

test-old-runtime:  ## run the bundled models with onnxruntime 1.19.2, the newest for Python 3.9
	@if $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then \
		echo "onnxruntime 1.19.2 has no wheel for this Python: nothing is tested with it."; \
	else \
		$(MAKE) setup-qgis .venv-old/.installed && .venv-old/bin/python $(PYTEST_ALONE) tests/old_runtime; \
	fi

# In chroots, which root may make: about 450 MB of packages and 2.2 GB of disk each, kept in ~/.cache/uhrs.
test-versions:  ## demo and QGIS's tests in QGIS 3.22, 3.40 and 3.44 (VERSIONS="host trixie sid"); needs root
	$(PYTHON) scripts/versions.py $(VERSIONS)

lint: setup  ## ruff, formatting, mypy, import directions, security, secrets, readiness for Qt 6 and newer QGIS
	.venv-train/bin/ruff check .
	.venv-train/bin/ruff format --check .
	.venv-train/bin/mypy
	.venv-train/bin/lint-imports
	.venv-train/bin/bandit --quiet --recursive $(PLUGIN) training scripts
	git ls-files -z --cached --others --exclude-standard | xargs -0 .venv-train/bin/detect-secrets-hook --no-verify
	.venv-train/bin/flake8 --isolated --select $(QT6_RULES) --extend-ignore QGS402 $(QGIS_CODE)
	$(QGIS_PYTHON) scripts/check_qt6.py $(QGIS_CODE)
	$(PYTHON) scripts/check_removed.py check $(QGIS_CODE)

format: setup  ## format the code and mend what ruff can mend
	.venv-train/bin/ruff check --fix .
	.venv-train/bin/ruff format .

smoke: setup  ## train for two minutes on generated scenes, export, segment: everything works, not well
	rm -rf runs/smoke build/smoke && mkdir -p build/smoke
	$(TRAIN_PYTHON) training/train.py fit --config training/configs/smoke.yaml
	$(TRAIN_PYTHON) training/export_model.py runs/smoke/version_0/last.ckpt build/smoke/smoke.uhrs --name smoke
	$(TRAIN_PYTHON) training/make_raster.py build/smoke/raster.tif --size 1024 --seed 1
	$(TRAIN_PYTHON) -m uhrs_qgis_plugin.engine segment build/smoke/raster.tif --model build/smoke/smoke.uhrs \
		--classes build/smoke/classes.tif --uncertainty build/smoke/uncertainty.tif --report build/smoke/report.json
	$(QGIS_PYTHON) scripts/preview.py build/smoke/{raster,classes,uncertainty}.tif build/smoke/preview.png

bench: setup  ## measure speed, memory, seams, kills; a quarter of an hour on a quiet machine (BENCH="--quick", "--full")
	mkdir -p build/benchmarks
	$(TRAIN_PYTHON) training/make_raster.py build/benchmarks/scene.tif --size 4096 --seed 11
	$(TRAIN_PYTHON) benchmarks/seams/seams.py --raster build/benchmarks/scene.tif --out build/benchmarks
	$(TRAIN_PYTHON) benchmarks/engine/kills.py --raster build/benchmarks/scene.tif --out build/benchmarks
	$(TRAIN_PYTHON) benchmarks/engine/run.py --out build/benchmarks --markdown docs/benchmarks.md $(BENCH)

bench-gpu: setup  ## measure what a graphics card gives, write docs/gpu.md; four minutes, 4 GB of disk (BENCH="--imagery DIR")
	$(TRAIN_PYTHON) benchmarks/gpu/run.py --out docs $(BENCH)

bench-loop: setup  ## measure what the review loop of docs/tutorial-review.md teaches; ten minutes on a quiet machine
	$(TRAIN_PYTHON) benchmarks/review/loop.py --looks warm cold --seeds 11 12 --side 1024 --unseen-side 768 --crop 192 --steps 60

bench-review: setup  ## measure what a review teaches on labelled rasters (BENCH="DIR/NAME.tif ..."); half an hour
	$(TRAIN_PYTHON) benchmarks/review/run.py $(BENCH)

bench-networks: setup  ## time the networks beside the published numbers, write docs/networks; minutes on a quiet machine
	$(TRAIN_PYTHON) training/benchmark.py --preset deepglobe --architectures faithful dual_stream isdnet deeplabv3plus \
		--bundle $(PLUGIN)/models/default.uhrs --ratios 0.5 1.0 --modes eager onnxruntime --scales 1.0 --threads 2 \
		--warmup 2 --timed 5 --limit-s 15 --out docs/networks

# Each network alone, on one thread, for the seconds of training/configs/equal_seconds.yaml. What is trained is not trained
# again: remove runs/equal_seconds and build/frontier to begin anew. The rate is that of 5e-4 and 1.5e-3 with which
# 120 s were better on validation scenes. Windows of 1152 pixels look at the image of the measurement four times.
WINDOWS := --window 1152 --margin 64
frontier: setup  ## train five networks for equal seconds, write docs/networks/frontier.md (DUBAI=DIR RESNET18=F EFFICIENTNET=F)
	@if [ ! -d "$(DUBAI)" ] || [ ! -f "$(RESNET18)" ] || [ ! -f "$(EFFICIENTNET)" ]; then \
		echo "Give the dataset and the weights that training/configs/dubai.yaml names: make frontier DUBAI=DIR" \
			"RESNET18=FILE EFFICIENTNET=FILE"; exit 2; fi
	@mkdir -p build/frontier; export OMP_NUM_THREADS=1; networks=(); \
	low=(--model.pretrained_low "$(RESNET18)"); high=(--model.pretrained_high "$(EFFICIENTNET)"); \
	point() { local name="$$1" run="runs/equal_seconds/$$2" bundle="build/frontier/$$2.uhrs" windows="$(WINDOWS)"; \
		[ "$$2" != dual_stream ] || windows=; \
		[ -e "$$run/last.ckpt" ] || $(TRAIN_PYTHON) training/train.py fit --config training/configs/equal_seconds.yaml \
			--data.root "$(DUBAI)" --run "$$2" --model.architecture "$$2" --model.lr "$${@:3}"; \
		[ -e "$$bundle" ] || $(TRAIN_PYTHON) training/export_model.py "$$run/last.ckpt" "$$bundle" $$windows; \
		networks+=(--network "$$name=$$run/last.ckpt" --network "$$name=$$bundle"); }; \
	point "two streams" dual_stream 1.5e-3 "$${low[@]}" "$${high[@]}"; \
	point "high stream alone" high_stream 1.5e-3 "$${high[@]}"; \
	point "low stream alone" low_stream 1.5e-3 "$${low[@]}"; \
	point "DeepLabv3+" deeplabv3plus 1.5e-3 "$${low[@]}"; \
	point "SegFormer-B0" segformer 1.5e-3; \
	$(TRAIN_PYTHON) training/frontier.py --data dubai --root "$(DUBAI)" --split val --out docs/networks "$${networks[@]}" \
		--about "Every network was trained for the same seconds of the processor's work, by \`training/configs/equal_seconds.yaml\`: \
the same crops in the same order, losses, optimiser and schedule, one seed, encoders that began with weights of ImageNet where \
there are any. More in [models](../models.md#after-equal-seconds)." \
		--note "SegFormer-B0=from random weights, because none of ImageNet are at hand for it"

reproduce: setup  ## train and measure the ablation on Dubai, write docs/reproduction.md (DUBAI=DIR, REPRODUCE="--steps 400")
	@if [ -z "$(DUBAI)" ]; then echo "Give the folder of the dataset: make reproduce DUBAI=/path/to/dubai"; exit 2; fi
	$(TRAIN_PYTHON) training/reproduce.py --root "$(DUBAI)" $(REPRODUCE)

stage:
	@$(PYTHON) scripts/package.py stage build/plugins

translations:  ## bring i18n/*.ts up to the texts of the code; edit them by hand or in Qt Linguist
	@$(PYTHON) scripts/translate.py update

package:  ## build the zip that QGIS's plugin manager installs, into build/
	@$(PYTHON) scripts/package.py zip build/$(PLUGIN)-$(VERSION).zip

deploy:  ## copy the plugin into your QGIS profile (QGIS_PROFILE=default, QGIS_PROFILES=~/.local/share/QGIS/QGIS3 or QGIS4)
	@$(PYTHON) scripts/package.py stage "$(QGIS_PROFILES)/profiles/$(QGIS_PROFILE)/python/plugins"
	@echo "Restart QGIS and tick 'UHRS segmentation' in Plugins > Manage and Install Plugins."

screenshot: setup  ## draw docs/pictures: a person's walk through the QGIS desktop, on a screen that nobody sees
	mkdir -p build/demo
	$(TRAIN_PYTHON) training/make_raster.py build/demo/town.tif --size 1536 --seed 7
	$(QGIS_PYTHON) scripts/desktop/run.py build/demo/town.tif docs/pictures

clean:  ## remove build/ and caches; environments and training runs stay
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .qgis-settings
	find . -name __pycache__ -not -path './.venv-*' -prune -exec rm -rf {} +

check: lint test  ## everything that continuous integration runs
