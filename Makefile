# readership: every task, by name. `make` alone lists them.

PYTHON    ?= python3
VENV      := .venv
BIN       := $(VENV)/bin
READY     := $(VENV)/.ready
WAREHOUSE := $(or $(READERSHIP_WAREHOUSE),data/readership.duckdb)
SAMPLE    := data/events
SNAPSHOT  := $(basename $(WAREHOUSE)).snapshots/current.json
PORT      ?= 8000

# What `make run` loads: the made-up sample, or files of one's own: EVENTS=path-or-url.
EVENTS    ?= $(SAMPLE)
ifeq ($(strip $(EVENTS)),)
$(error EVENTS is empty: name files of your own with EVENTS=path-or-url, or leave it out)
endif

export PATH := $(CURDIR)/$(BIN):$(PATH)

# Plain text where nobody looks on.
ifdef CI
export NO_COLOR := 1
endif

.DEFAULT_GOAL := help
.PHONY: help setup run serve test test-long lint models-test bench-load bench-models bench-exports \
	bench-serve related-check clean

help: ## list the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(WAREHOUSE) ## create .venv with the pinned versions, and an empty warehouse

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "readership needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	@echo "Installing the pinned versions into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--requirement requirements.lock
	@touch $(READY)

$(WAREHOUSE): | $(READY)
	@python -m loaders init
	@dbt --quiet seed

run: setup ## load the sample (or EVENTS=path-or-url), build, publish, print the answers
ifeq ($(EVENTS),$(SAMPLE))
	@python -m simulator --mess --out $(SAMPLE)
endif
	@python -m loaders load "$(EVENTS)"
	@echo "Building the models and testing the data ..."
	@dbt --quiet build --exclude-resource-type unit_test
	@dbt --quiet run-operation publish_answers
	@python -m service publish
	@python -m report

serve: setup $(SNAPSHOT) ## answer calls over HTTP from the last snapshot, on this machine
	@python -m service --open --port $(PORT)

$(SNAPSHOT):
	@$(MAKE) --no-print-directory run

test: setup lint models-test ## lint, parse, dbt unit and data tests, pytest
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

test-long: setup ## the same tests at greater size
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --long

lint: setup ## ruff, sqlfluff, and a dbt parse that takes every warning for an error
	@ruff check .
	@ruff format --check .
	@dbt --quiet parse --no-partial-parse
	@PYTHONWARNINGS=ignore sqlfluff lint --processes 2 --disable-progress-bar models tests/data

models-test: export READERSHIP_WAREHOUSE := data/test/warehouse.duckdb
models-test: setup ## dbt unit and data tests, on a small messy sample
	@rm -rf data/test
	@python -m simulator --mess --events 20000 --out data/test/events
	@python -m loaders load data/test/events
	@dbt build
	@dbt --quiet source freshness
	@dbt --quiet docs generate

bench-load: setup ## the loader against DuckDB's own reader: speed, memory; some ten minutes
	@python -m bench.load

bench-models: setup ## a year built day by day, a batch on top, 1 and 10 million events; hours
	@python -m bench.models $(if $(MILLIONS),--millions $(MILLIONS))

bench-exports: setup ## the answers' views at 10 million pageviews; some five minutes
	@python -m bench.exports

bench-serve: setup ## the service with 32 connections on 10 million pageviews
	@python -m bench.serve $(if $(SERVED),--warehouse $(SERVED))

related-check: setup ## related posts against the most popular ones, on sessions held back
	@python -m bench.related

clean: ## remove the default warehouse, the sample and what was built; keep .venv
	@rm -rf data/readership.duckdb* data/readership.snapshots data/.dlt/readership $(SAMPLE) data/test data/bench target logs
