# Two commands are enough: `make run` and `make test`. Both set up their own environment first.

PYTHON ?= python3.11
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test lint types arrows protos openapi lock bench clean

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

bench: $(VENV)/ready  ## side-by-side measurements
	$(BIN)/python -m benchmarks

lock: $(VENV)/ready-to-test  ## pin every dependency anew, with hashes and without addresses
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra grpc --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra grpc --extra test --output-file requirements-test.lock

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
	  echo "No environment could be made: install Python 3.11 with venv (on Debian and Ubuntu: apt-get install python3.11-venv)"; \
	  exit 1; }
