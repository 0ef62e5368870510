# Two commands are enough: `make run` and `make test`. Both set up their own environment first.

PYTHON ?= $(shell for v in 3.11 3.12 3.13 3.14; do python$$v -c '' 2>/dev/null && echo python$$v && exit; done; echo python3)
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test lint types arrows protos openapi docs screenshot image push test-image dist sbom lock bench clean

run: $(VENV)/ready  ## start the emulator with the demo world
	$(BIN)/mockserver serve

test: $(VENV)/ready-to-test lint types arrows  ## everything that must hold
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

lint: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-to-test
	$(BIN)/mypy

arrows: $(VENV)/ready-to-test
	$(BIN)/lint-imports

protos: $(VENV)/ready-to-test  ## compile the vendors' proto files anew, after a change of one
	$(BIN)/python -m tests.support.protos

openapi: $(VENV)/ready  ## write openapi/ and fixtures/exchanges/ anew, after a change of operations or schemas
	$(BIN)/mockserver openapi --write openapi
	$(BIN)/python -m tests.support.golden

docs: $(VENV)/ready-to-test  ## write docs/reference/ anew, and the examples into the pages that show them
	$(BIN)/python -m tests.support.reference

screenshot: $(VENV)/ready-to-test  ## of the demonstration, for the README; needs Chromium
	$(BIN)/python -m tests.browser.demonstration docs/demo.png

BUILDER ?= docker
PYTHON_IMAGE ?= python:3.14-slim-trixie
IMAGE ?= mockserver

image:  ## the service container
	$(BUILDER) build --build-arg PYTHON_IMAGE=$(PYTHON_IMAGE) --build-arg VERSION=$(VERSION) \
	  --build-arg REVISION=$(shell git rev-parse HEAD) --tag $(IMAGE) .

push:
	$(BUILDER) push $(IMAGE)

test-image: $(VENV)/ready-to-test  ## build it, run it with no rights, make a hand-off against it
	$(BIN)/python -m pytest tests/image

VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' mockserver/__init__.py)

dist: $(VENV)/ready-to-test  ## wheel and sdist
	$(BIN)/hatchling build --directory dist

sbom: $(VENV)/ready  ## what is installed to run, as CycloneDX
	@$(BIN)/python image/sbom.py requirements.lock

bench: $(VENV)/ready  ## side-by-side measurements
	$(BIN)/python -m benchmarks

lock: $(VENV)/ready-to-test  ## pin every dependency anew, with hashes and without addresses
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra grpc --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra grpc --extra test --output-file requirements-test.lock
	echo 'hatchling>=1.27' | $(BIN)/uv pip compile - $(LOCK) --constraint requirements-test.lock --output-file requirements-build.lock

LOCK = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

$(VENV)/ready: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --editable ".[grpc]"
	touch $@

$(VENV)/ready-to-test: $(VENV)/ready requirements-test.lock
	$(PIP) --require-hashes --requirement requirements-test.lock
	touch $@

# Debian and Ubuntu keep what venv needs in a package of its own; root, as in a container, gets it by itself.
$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	  apt-get install -qq -y $(notdir $(PYTHON))-venv >/dev/null && $(PYTHON) -m venv $(VENV); } || { rm -rf $(VENV); \
	  echo "No environment could be made: install Python 3.11 or newer with venv (on Debian and Ubuntu: apt-get install python3-venv)"; \
	  exit 1; }
