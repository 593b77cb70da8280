# A fresh machine has Python 3.11, make and a package registry; everything else is set up here.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := .venv/bin/python

.PHONY: setup demo test lint bench simulate coverage clean

setup: .venv/.ready

.tools/.ready:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv
	@touch $@

.venv/.ready: .tools/.ready pyproject.toml uv.lock
	$(UV) sync --locked --quiet
	@touch $@

# Starts every sandbox with a believable company, connects them, runs all streams once and serves the hub. ONCE=1: without serving.
demo: setup
	$(RUN) -m brygga.demo $(if $(filter 1,$(ONCE)),--once)

# The whole suite: both databases, a real browser.
test: setup lint
	bash scripts/browser
	$(RUN) -m pytest -n auto --dist loadgroup

lint: setup
	.venv/bin/ruff check src tests scripts
	.venv/bin/ruff format --check src tests scripts
	BRYGGA_HOME=$(CURDIR)/.tools BRYGGA_SECRET_KEY=only-for-the-type-checker .venv/bin/mypy
	.venv/bin/lint-imports

bench: setup
	$(RUN) scripts/bench.py

# Random histories of two offices and a hub that has bad days; N operations.
simulate: setup
	$(RUN) -m tests.proof.simulate --operations $(or $(N),100000)

coverage: setup
	$(RUN) scripts/coverage.py

clean:
	rm -rf .venv .tools
