# readership: every task, by name. `make` alone lists them.

PYTHON    ?= python3
VENV      := .venv
BIN       := $(VENV)/bin
# What runs is installed; what tests, lint and benchmarks need besides is.
READY     := $(VENV)/.ready
TOOLS     := $(VENV)/.ready-for-tests
# The site is built apart: its parts need another sqlglot than dlt.
PAGES     := .venv-docs
WRITES    := $(PAGES)/.ready
# So is what Spark needs: Spark itself, dbt's adapter for it and the jars of Iceberg.
SPARK     := .venv-spark
SPARKS    := $(SPARK)/.ready
# And dbt's adapters for cloud warehouses, to compile for them.
CLOUDS    := .venv-clouds
COMPILES  := $(CLOUDS)/.ready
# One of them by itself, for it wants older parts than the others.
LAKE      := .venv-databricks
LAKES     := $(LAKE)/.ready
# And Sail, another engine for Spark's dialect, for a second opinion.
SAIL      := .venv-sail
SAILS     := $(SAIL)/.ready
WAREHOUSE := $(or $(READERSHIP_WAREHOUSE),data/readership.duckdb)
SAMPLE    := data/events
SNAPSHOT  := $(basename $(WAREHOUSE)).snapshots/current.json
PORT      ?= 8000
DASHBOARD ?= data/dashboard.html
# And what makes lock files, the bill of materials and the list of licences.
SUPPLY    := .venv-supply
SUPPLIES  := $(SUPPLY)/.ready
SBOM      ?= data/sbom.cdx.json
# A file is installed if its hash is in the lock, wherever it comes from.
LOCKED    := --quiet --disable-pip-version-check --no-deps --require-hashes
INSTALL   := $(BIN)/python -m pip install $(LOCKED)

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
.PHONY: help setup setup-test setup-spark setup-clouds setup-databricks setup-sail run load parse serve dashboard test test-fast test-long lint lint-changed \
	models-test models-changed pytest pytest-fast spark-if-java test-engines bench-load bench-agents bench-build \
	bench-models bench-postgres bench-engines bench-exports bench-follow bench-stream bench-batches \
	bench-serve bench-publish bench-sizes related-check test-faults soak locks sbom licences lookml \
	docs clean

help: ## list the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.DEFAULT:
	@echo "There is no task $@; \`make\` lists them." >&2; exit 2

setup: $(READY) $(WAREHOUSE) ## create .venv with the pinned versions, and an empty warehouse

setup-test: $(TOOLS) ## add what tests, lint and benchmarks need, pinned, to .venv
	@:

$(READY): requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "readership needs Python 3.11 or newer; name one with PYTHON=..."; exit 1; }
	@echo "Installing the pinned versions into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --only-binary :all: --requirement requirements.lock
	@$(INSTALL) --upgrade --target $(VENV)/build --requirement requirements-build.lock
	@PYTHONPATH=$(VENV)/build $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-index --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@touch $(READY)

$(TOOLS): $(READY) requirements-postgres.lock requirements-test.lock
	@echo "Installing what tests need besides ..."
	@$(INSTALL) --requirement requirements.lock --requirement requirements-postgres.lock \
		--requirement requirements-test.lock
	@$(BIN)/python -m pip check
	@touch $(TOOLS)

# A virtual environment apart, with the versions of a lock file and no others.
define install_apart
	@$(PYTHON) -m venv $(1)
	@$(1)/bin/python -m pip install $(LOCKED) --requirement $(2)
	@$(1)/bin/python -m pip check
endef

$(WRITES): requirements-docs.lock
	@echo "Installing what the documentation needs into $(PAGES) ..."
	$(call install_apart,$(PAGES),requirements-docs.lock)
	@touch $(WRITES)

$(SPARKS): requirements-spark.lock readership/spark/jars.py
	@echo "Installing what Spark needs into $(SPARK) ..."
	$(call install_apart,$(SPARK),requirements-spark.lock)
	@$(SPARK)/bin/python -m readership.spark jars $(SPARK)/jars
	@touch $(SPARKS)

$(COMPILES): requirements-clouds.lock
	@echo "Installing dbt's adapters for cloud warehouses into $(CLOUDS) ..."
	$(call install_apart,$(CLOUDS),requirements-clouds.lock)
	@touch $(COMPILES)

$(LAKES): requirements-databricks.lock
	@echo "Installing dbt's adapter for Databricks into $(LAKE) ..."
	$(call install_apart,$(LAKE),requirements-databricks.lock)
	@touch $(LAKES)

$(SAILS): requirements-sail.lock
	@echo "Installing Sail into $(SAIL) ..."
	$(call install_apart,$(SAIL),requirements-sail.lock)
	@touch $(SAILS)

$(SUPPLIES): requirements-supply.lock
	@echo "Installing what makes locks and lists into $(SUPPLY) ..."
	$(call install_apart,$(SUPPLY),requirements-supply.lock)
	@touch $(SUPPLIES)

$(WAREHOUSE): | $(READY)
	@python -m readership init
	@dbt --quiet seed

setup-spark: $(SPARKS) ## create .venv-spark, for the target spark; Java 17 or 11 must be there
	@command -v java > /dev/null || { echo "Spark needs Java, such as Debian's package \
openjdk-17-jre-headless (as root: apt-get install openjdk-17-jre-headless)."; exit 1; }

setup-clouds: $(COMPILES) ## create .venv-clouds, to compile for cloud warehouses
	@:

setup-databricks: $(LAKES) ## create .venv-databricks, to compile for Databricks
	@:

setup-sail: $(SAILS) ## create .venv-sail, to run translated models on Sail
	@:

run: $(READY) ## load the sample (or EVENTS=path-or-url), build, publish, print the answers
	@$(MAKE) --no-print-directory --jobs=2 load parse
	@python -m readership build
	@python -m readership publish
	@python -m readership report
	@echo
	@echo "Look at it: \`make serve\` shows the dashboard at http://127.0.0.1:$(PORT)/, and"
	@echo "\`make dashboard\` writes it to $(DASHBOARD), a file that opens offline."

# These two beside each other: dbt reads the project, and keeps what it has read, while events load.
load: $(READY) ## load the sample (or EVENTS=path-or-url), no more
ifeq ($(EVENTS),$(SAMPLE))
	@python -m readership simulate --mess --out $(SAMPLE)
endif
	@python -m readership load "$(EVENTS)"

parse: $(READY) ## let dbt read the project, no more
	@dbt --quiet parse

serve: $(READY) $(SNAPSHOT) ## answer calls over HTTP from the last snapshot, on this machine
	@python -m readership serve --open --port $(PORT)

dashboard: $(READY) $(SNAPSHOT) ## write the dashboard to a file that opens offline, data/dashboard.html
	@python -m readership dashboard --out $(DASHBOARD)

$(SNAPSHOT):
	@$(MAKE) --no-print-directory run

test: ## lint, parse, dbt unit and data tests, pytest; long
	@MAKE="$(MAKE)" $(PYTHON) -m tests.parts setup-test models-test+ lint pytest

test-fast: ## what to run between edits: lint and tests of what changed, quick tests of Python
	@MAKE="$(MAKE)" $(PYTHON) -m tests.parts setup-test lint-changed,models-changed,pytest-fast

test-long: $(TOOLS) ## the same tests at greater size
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --long

pytest: $(TOOLS) $(COMPILES) $(SUPPLIES) spark-if-java ## the tests of Python and of the whole flow
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

# The tests of Spark are skipped where there is no Java, and say so.
spark-if-java:
	@! command -v java > /dev/null || $(MAKE) --no-print-directory $(SPARKS)

# Faults of machines, stores and processes; docs/faults.md has the list.
FAULTS := $(addprefix tests/,loaders/test_killed_loads.py loaders/test_killed_streams.py \
	loaders/test_faults.py loaders/test_s3.py loaders/test_silent_stores.py \
	loaders/test_postgres.py builder/test_builder_faults.py \
	laws/test_killed_builds.py laws/test_claims.py rounds/test_rounds.py \
	service/test_service_parts.py service/test_service_processes.py \
	service/test_service_snapshots.py service/test_service_disks.py \
	engines/test_engines_killed_builds.py engines/test_engines_serve.py)
test-faults: $(TOOLS) ## kills, full disks, clocks that jump, lost connections, at full length; hours
	@python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --long $(FAULTS)

test-engines: $(TOOLS) $(SPARKS) $(COMPILES) $(LAKES) $(SAILS) ## every relation on DuckDB, PostgreSQL and Spark, compiled for clouds; an hour
	@python -m pytest tests/engines --long

pytest-fast: $(TOOLS) ## those of them that need neither a server, a build nor much time
	@python -m pytest -n 2 --dist loadgroup -m 'not slow'

# Parts of a test may run beside each other, so that each has a warehouse and a parse of its own.
lint lint-changed: export READERSHIP_WAREHOUSE := data/lint/warehouse.duckdb
lint lint-changed: export DBT_TARGET_PATH := data/lint/target
lint lint-changed: export DBT_LOG_PATH := data/lint/logs
lint: $(TOOLS) ## ruff, sqlfluff, and a dbt parse that takes every warning for an error
	@ruff check .
	@ruff format --check .
	@dbt --quiet parse --no-partial-parse
	@mkdir -p data/lint
	@PYTHONWARNINGS=ignore python -m tests.changed lint-all

lint-changed: $(TOOLS) ## ruff, and sqlfluff of what has changed since main
	@ruff check .
	@ruff format --check .
	@mkdir -p data/lint
	@PYTHONWARNINGS=ignore python -m tests.changed lint

models-test: export READERSHIP_WAREHOUSE := data/test/warehouse.duckdb
models-test: export DBT_TARGET_PATH := data/test/target
models-test: export DBT_LOG_PATH := data/test/logs
models-test: $(TOOLS) ## dbt unit and data tests, on a small messy sample
	@rm -rf data/test
	@python -m readership simulate --mess --events 20000 --out data/test/events
	@python -m readership load data/test/events
	@python -m tests.quick build --unit-tests
	@dbt --quiet source freshness --select source:raw._dlt_loads
	@dbt --quiet docs generate --no-compile

models-changed: export READERSHIP_WAREHOUSE := data/fast/warehouse.duckdb
models-changed: export DBT_TARGET_PATH := data/fast/target
models-changed: export DBT_LOG_PATH := data/fast/logs
models-changed: $(TOOLS) ## dbt parse, and rules and unit tests of models that changed since main
	@python -m tests.changed models

bench-load: $(TOOLS) ## the loader against DuckDB's own reader: speed, memory; some ten minutes
	@python -m bench.load

bench-agents: $(TOOLS) ## user agents described in a second, on one core
	@python -m bench.agents

bench-build: $(TOOLS) ## full builds of 1 and 10 million events beside a limit written by hand; an hour
	@python -m bench.build $(if $(MILLIONS),--millions $(MILLIONS))

bench-models: $(TOOLS) ## what is new on years built day by day and at once; hours
	@python -m bench.models $(if $(DAYS),--days $(DAYS))

bench-postgres: $(TOOLS) ## the models on PostgreSQL beside a stand-in of equal work; some ten minutes
	@python -m bench.postgres

bench-engines: $(TOOLS) $(SPARKS) ## the same builds on DuckDB, PostgreSQL and Spark; hours
	@python -m bench.engines $(if $(SIZES),--events $(SIZES))

bench-exports: $(TOOLS) ## the answers' views at 10 million pageviews; some five minutes
	@python -m bench.exports

bench-follow: $(TOOLS) ## from an event file to a changed answer, by a resident process
	@python -m bench.follow $(if $(MILLIONS),--millions $(MILLIONS))

bench-stream: $(TOOLS) ## from a record of a stream to a changed answer, and 5,000 events a second; half an hour
	@python -m bench.stream $(if $(SECONDS),--seconds $(SECONDS))

bench-batches: $(TOOLS) ## thousands of small loads beside daily files, and a million earlier loads; half an hour
	@python -m bench.batches

bench-serve: $(TOOLS) ## the service with 32 connections on 10 million pageviews
	@python -m bench.serve $(if $(SERVED),--warehouse $(SERVED))

bench-publish: $(TOOLS) ## what publishing and switching cost, on 10 million pageviews
	@python -m bench.publish $(if $(PUBLISHED),--warehouse $(PUBLISHED))

bench-sizes: $(TOOLS) ## bytes that each stage keeps for an event, at several sizes
	@python -m bench.sizes

soak: $(TOOLS) ## a stream is followed and served for MINUTES (6), or FILES=1; rows, memory and files at the end
	@python -m bench.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(FILES),--files)

related-check: $(TOOLS) ## related posts against the most popular ones, on sessions held back
	@python -m bench.related

locks: $(SUPPLIES) ## write the lock files with their hashes; UPGRADE=1 takes the newest versions
	@$(SUPPLY)/bin/python -m supply.locks $(if $(UPGRADE),--upgrade)

sbom: $(READY) $(SUPPLIES) ## what is installed in .venv, as CycloneDX JSON into data/sbom.cdx.json
	@mkdir -p $(dir $(SBOM))
	@$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file $(SBOM) $(VENV)
	@echo "$(SBOM) lists what is in $(VENV)."

licences: $(READY) $(SUPPLIES) ## the licence of each package in .venv; fails on one that is not allowed
	@$(SUPPLY)/bin/python -m supply.licences $(BIN)/python

lookml: $(TOOLS) ## views, explores and dashboards for Looker, from dbt's manifest into bi/looker
	@dbt --quiet parse
	@python -m bi.lookml target/manifest.json bi/looker

# An empty warehouse of its own tells columns and types. mkdocs' strict mode refuses broken links.
docs: export READERSHIP_TARGET := duckdb
docs: export READERSHIP_WAREHOUSE := data/docs/warehouse.duckdb
docs: export DBT_TARGET_PATH := data/docs/target
docs: export DBT_LOG_PATH := data/docs/logs
docs: export DO_NOT_TRACK := 1
# Of mkdocs-material: it has security updates until May 2027, and names a successor.
docs: export NO_MKDOCS_2_WARNING := 1
docs: $(READY) $(WRITES) ## the documentation with dbt docs and lineage, offline, into data/site
	@rm -rf data/docs data/site
	@mkdir -p data/docs/dbt
	@python -m readership init
	@dbt --quiet build --exclude-resource-type test --exclude-resource-type unit_test
	@dbt --quiet docs generate --static
	@cp data/docs/target/static_index.html data/docs/dbt/
	@$(PAGES)/bin/colibri generate --light --disable-telemetry --output-dir data/docs/lineage \
		--manifest data/docs/target/manifest.json --catalog data/docs/target/catalog.json \
		> data/docs/lineage.log 2>&1 || { cat data/docs/lineage.log; exit 1; }
	@! grep ERROR data/docs/lineage.log
	@python -m pages.erd data/docs/target/manifest.json data/docs/erd.md
	@$(PAGES)/bin/python -m mkdocs build
	@echo "The site is data/site/index.html."

clean: ## remove the default warehouse, the sample and what was built; keep .venv
	@rm -rf data/readership.duckdb* data/readership.snapshots data/.dlt/readership $(SAMPLE) $(DASHBOARD) data/marts.duckdb* data/parquet data/test data/lint data/fast data/bench data/docs data/site target logs
