# Everything here works in a fresh clone with only Python >= 3.11 and make: each target installs what it needs first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help install demo serve dagster test lint bench live systems lock clean

help:  ## what each target does
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

install: $(VENV)/.runtime  ## the environment, from the hashed lock file

demo: $(VENV)/.runtime  ## make a company, sync its four systems, resolve, and serve the result on 127.0.0.1:8000
	$(BIN)/crosswalk demo $(DEMO)

serve: $(VENV)/.runtime  ## serve the API and console over what .crosswalk/ holds
	$(BIN)/crosswalk serve

dagster: $(VENV)/.runtime  ## Dagster's own pages on 127.0.0.1:3000, over the sources of crosswalk.toml
	mkdir -p .crosswalk/dagster
	printf 'telemetry:\n  enabled: false\n' > .crosswalk/dagster/dagster.yaml
	DAGSTER_HOME=$(CURDIR)/.crosswalk/dagster $(BIN)/dagster dev -m dagster_project.definitions

test: $(VENV)/.dev  ## the default suite, on a PostgreSQL of its own
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadscope $(TESTS)

lint: $(VENV)/.dev  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## side by side with a floor or a peer; each prints a ratio
	for benchmark in benchmarks/*.py; do $(BIN)/python $$benchmark || exit 1; done

live: $(VENV)/.spark systems  ## slow tests: real systems, many more random histories, a larger company, more kills, a Spark cluster
	$(BIN)/python -m pytest tests/live $(SYSTEMS:%=--ignore=%)

# Those of tests/live that start a system of others; they need the package registries the first time.
SYSTEMS := $(addprefix tests/live/test_,$(addsuffix .py,across bottlecrm imap s3 tryton webdav))

systems: $(VENV)/.dev  ## Tryton, BottleCRM, Dovecot, WsgiDAV and Moto set up from the registries, synced and resolved across
	$(BIN)/python -m tests.live.systems
	$(BIN)/python -m pytest -n auto --maxprocesses 2 --dist loadfile --durations 10 $(SYSTEMS)

lock:  ## renew the lock files after a change to pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## remove the environment and everything that runs have made
	rm -rf $(VENV) .crosswalk

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Crosswalk needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# The lock file is complete, so pip need not resolve (--no-deps); it holds what builds the project too.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The extra that no other target needs; without it the tests of the cluster are skipped, and say so.
$(VENV)/.spark: pyproject.toml | $(VENV)/.dev
	-$(PIP) install --no-build-isolation --editable '.[spark]' && touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
