# A fresh machine has Python 3.11, make and a package registry; everything else is set up here.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := .venv/bin/python

# What is compiled once is not compiled again by each of the hundreds of processes that the tests start.
export PYTHONDONTWRITEBYTECODE =

.PHONY: ready setup demo test lint bench bench-webshop bench-first-sync bench-pages simulate crash-points tenants worlds coverage clean

# `make` alone: sets up, and says how to go on.
ready: setup
	@echo "Ready. Now write:  . .venv/bin/activate    (in each new shell; brygga is then a command. Without it: .venv/bin/brygga)"

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

# Some of the suite's time is waiting, for other processes and for limits, so there are two workers a core.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))

# The whole suite: both databases, a real browser. What measures time comes last and alone.
test: setup lint
	bash scripts/browser
	$(RUN) -m pytest -n $(WORKERS) --dist loadgroup -m "not alone"
	$(RUN) -m pytest -m alone -rP

lint: setup
	.venv/bin/ruff check src tests scripts benches
	.venv/bin/ruff format --check src tests scripts benches
	BRYGGA_HOME=$(CURDIR)/.tools BRYGGA_SECRET_KEY=only-for-the-type-checker .venv/bin/mypy
	.venv/bin/lint-imports

# Some twenty minutes on two quiet cores; ONLY="B3 B11": these. Writes docs/benchmarks.md. The peers are installed into .bench the first time.
bench: setup
	$(RUN) scripts/bench.py $(ONLY)

# N articles of a webshop to Fortnox under its limit, and five times as many both ways without one; a minute.
bench-webshop: setup
	$(RUN) scripts/bench_webshop.py $(or $(N),200) --write

# The first sync of N companies of Upsales with Fortnox, under both systems' limits.
bench-first-sync: setup
	$(RUN) scripts/first_sync.py --count $(or $(N),50000) --write

# Pages on SQLite while a sync runs: p95 under 100 ms. WRITE=1 puts the figures into docs/benchmarks.md.
bench-pages: setup
	$(RUN) scripts/bench_pages.py $(if $(filter 1,$(WRITE)),--write)

# Random histories of two offices and a hub that has bad days; N operations. Then documents and payments, N / 50 of each system's.
simulate: setup
	$(RUN) -m tests.proof.simulate --operations $(or $(N),100000)
	BRYGGA_DAYS=$$(( $(or $(N),100000) / 50 )) $(RUN) -m pytest -n $(WORKERS) -rP tests/proof/test_days.py tests/proof/test_edited_days.py \
		tests/proof/test_changed_settings.py

# The hub dies at every boundary of every stream, on both databases; the suite takes a part of them.
crash-points: setup
	BRYGGA_EVERY_BOUNDARY=1 $(RUN) -m pytest -n $(WORKERS) -rP tests/proof/test_crash_points.py

# N documents of hostile worlds over the five systems: each is equal by the oracle, or waits with a sentence and a repair. One costs about a
# tenth of a second of a core, so 20,000 half an hour of one; the suite takes a part of them, two systems on both databases: 45 s of a core.
worlds: setup
	$(RUN) scripts/hostile_worlds.py $(or $(N),20000)

# 500 companies, one of them with 20,000 records to carry over: how late the others' edits arrive, on both databases. Some 20 minutes.
tenants: setup
	BRYGGA_TENANTS=$(or $(N),500) BRYGGA_TENANTS_EVERY=180 BRYGGA_TENANTS_SECONDS=180 $(RUN) -m pytest -rP tests/proof/test_tenants.py

coverage: setup
	$(RUN) scripts/coverage.py

clean:
	rm -rf .venv .tools .bench
