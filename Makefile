VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo network test slow check docs bench

help:  ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

setup: $(BIN)/.installed  ## Create the virtual environment from the lock file

demo: setup  ## Train, test and show a network on the embedded demo (minutes on a CPU)
	$(BIN)/python train.py

DATA ?= photographs
TRAIN = $(BIN)/python train.py data.root=$(DATA) resume=true trainer=ddp_cpu trainer.precision=bf16-mixed
network: setup  ## Train a network like the shipped one from nothing, DATA=folder; two hours of two cores, again to go on
	$(TRAIN) experiment=bandnet_brightness run_dir=runs/bandnet_brightness
	$(TRAIN) experiment=bandnet run_dir=runs/bandnet
	$(BIN)/hdr-export runs/bandnet/checkpoints/best.ckpt -o runs/bandnet.safetensors --force

test: setup  ## Run the fast tests, some minutes of one core
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m 'not slow'

slow: setup  ## Run the slow tests: kills, full disks, sweeps, several processes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

check: setup  ## Lint, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: setup  ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

BENCHMARKS := startup losses kornia_parts fusion options deghost data scale step switches inference
bench: setup  ## Measure speed and memory as ratios (see docs/speed.md), about a quarter of an hour
	@for name in $(BENCHMARKS); do echo "== $$name" >&2; $(BIN)/python -m benchmarks.$$name || exit 1; done
