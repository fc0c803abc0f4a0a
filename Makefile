# Every target sets itself up: a fresh clone needs Python 3.11 or newer, git and make.
#
#   make demo        two branches of a small shop, merged and replayed, with every command shown
#   make test        the tests; ARGS='-k merge' narrows them
#   make check       format, lint, types, layers, generated pages: everything but the tests
#   make bench       measured against peers, in one run, as ratios
#   make reference   write docs/reference anew from the code
#   make clean       remove what the targets above made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
# Tests are spread over two processes; `make test WORKERS=0` runs them in one.
WORKERS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check bench reference clean

help:
	@sed -n 's/^#  *\(make .*\)/\1/p' Makefile

demo: $(STAMP)
	$(BIN)/python tools/demo.py $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/write_reference.py --check

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks $(ARGS)

reference: $(STAMP)
	$(BIN)/python tools/write_reference.py

clean:
	rm -rf $(VENV) build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/*.egg-info

# The stamp is older than what it was made from, or an earlier install was cut short: install again.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
	    { echo 'this Python cannot make virtual environments (on Debian: python3-venv)' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@
