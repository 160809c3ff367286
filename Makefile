# Each target is a line or two that a person could type. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PARALLEL ?= 3
unexport PYTHONDONTWRITEBYTECODE  # three workers and each of their many programs would compile everything anew

.PHONY: help install system demo demo-check test soak check bench screenshots lock
.DEFAULT_GOAL := help

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: .venv/installed  ## Make .venv with the program and everything its tests need, from requirements.lock

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || tests/lab/system_packages.sh python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

system:  ## Install the Debian packages that lab and tests use (root only; a no-op where they are there)
	tests/lab/system_packages.sh

test: system install  ## Install what the tests need and run them all, the long stories in their short form
	$(BIN)/python -m pytest -n $(PARALLEL) --dist loadfile --no-loadscope-reorder -m 'not soak'

soak: system install  ## The stories at full length
	$(BIN)/python -m pytest -m soak

check: install  ## Before every commit: format, lint, types, import contracts, fast tests (under two minutes)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadfile --hypothesis-profile quick -m 'not root and not browser and not lab and not slow and not soak'

demo: system install  ## A small city in network namespaces, left running; prints where to look (root)
	$(BIN)/python -m tests.lab.demo

demo-check: system install  ## The same city: every step asserted, one JSON line each, removed at the end (root)
	$(BIN)/python -m tests.lab.demo --check

bench:  ## List the benchmarks; run one with: .venv/bin/python -m benchmarks.NAME --json
	@grep -l __main__ benchmarks/*.py | sed -E 's#benchmarks/(.*)\.py#\1#' || echo "No benchmark is built yet."

screenshots: system install  ## Take the README's pictures of console and portal anew, into docs/images
	WIFI_SCREENSHOTS=docs/images $(BIN)/python -m pytest -q tests/browser tests/portal/test_browser.py -k for_the_readme

pages: install  ## Write the pages that are made from the code: settings, their example file, metrics, dashboards
	$(BIN)/python -m tests.house.pages

lock:  ## Pin the newest allowed versions in requirements.lock (needs uv)
	uv pip compile pyproject.toml --quiet --extra dev --extra radio --python-version 3.11 --universal --generate-hashes --no-header -o requirements.lock
