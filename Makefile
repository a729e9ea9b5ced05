# Two commands do all of their own set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help chaos soak chart bench-sensor bench-source demo test lint types contracts unit lock docs clean venv

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml requirements/dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

venv: $(STAMP) ## the virtual environment, from the lock file

demo: venv ## the whole pipeline on this machine: SQS → JetStream → Workflows (ARGS="--messages 50 --keep")
	$(BIN)/argosy demo $(ARGS)

test: lint types contracts ## everything that CI runs (ARGS="-k name" narrows the tests)
	$(BIN)/pytest $(ARGS)

lint: venv ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: venv ## mypy, strict
	$(BIN)/mypy

contracts: venv ## the import rules of docs/architecture.md
	$(BIN)/lint-imports

chart: venv ## the Helm chart, its examples on a real API server, and the image where buildah is (part of `make test`)
	$(BIN)/pytest tests/charts $(ARGS)

unit: venv ## the tests that need no server
	$(BIN)/pytest tests/unit $(ARGS)

bench-source: venv ## messages a second from SQS to the bus, beside a bare client (ARGS="--runs 3")
	$(BIN)/python benchmarks/source.py $(ARGS)

bench-sensor: venv ## Workflows a second from the bus to the API server, beside a bare client (ARGS="--only speed")
	$(BIN)/python benchmarks/sensor.py $(ARGS)

chaos: venv ## faults at random over both services, for MINUTES (60) from SEED (the time) over NODES (1) of the bus, until the books do not balance
	$(BIN)/python -m tests.chaos.run --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED)) $(if $(NODES),--nodes $(NODES)) $(ARGS)

soak: venv ## the proofs whose size is small in `make test`, at full size: 13,000 messages for 60 slots, 1,000,000 filtered events
	ARGOSY_MESSAGES=13000 ARGOSY_FILTERED=1000000 $(BIN)/pytest -s tests/endtoend/test_max_active.py tests/endtoend/test_flood.py $(ARGS)

docs: venv ## write the generated tables: promises into the README, settings into docs/settings.md, the chart's values and dashboards
	$(BIN)/python tools/promises.py
	$(BIN)/python tools/settings.py
	$(BIN)/python tools/dashboards.py
	$(BIN)/python tools/chart_readme.py

lock: ## pin the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra jq --extra lua --extra demo pyproject.toml -o requirements/runtime.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements/dev.lock

clean: ## remove what the build made here
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
