# Two commands: `make demo` shows it, `make test` proves it. Both set themselves up from Python 3.10+ and pip.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 2

.PHONY: demo test lint types unit bench bench-quick gallery clean help

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed ## a real CT slice and real digits: PyTorch beside Tilewise
	$(BIN)/tilewise demo

test: lint types unit ## lint, types and the whole suite

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

unit: $(VENV)/.installed
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

bench: $(VENV)/.installed ## every layer of bench/layers.csv, PyTorch beside Tilewise
	$(BIN)/python -m bench.layers

bench-quick: $(VENV)/.installed ## the same on a chosen few, in about three minutes
	$(BIN)/python -m bench.layers --quick

gallery: $(VENV)/.installed ## every figure of docs/gallery, from real runs
	$(BIN)/python docs/gallery/make.py

clean: ## remove what the targets above made
	rm -rf $(VENV) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
