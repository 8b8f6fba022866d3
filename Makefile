# What a developer runs. Needs make, Python 3.11 or newer and a package index; everything else comes from the locks.
PYTHON ?= python3
UV ?= $(or $(wildcard .venv/bin/uv),uv)
BIN := .venv/bin
RUNS := .venv/.runs
READY := .venv/.installed
RUN_EXTRAS := embedded otel place sentry
INWARDS := $(addprefix tests/unit/,domain usecases adapters config test_house.py)

# Some containers ask Python to keep nothing compiled: each of the thousands of processes here would compile it all anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up demo quick lint test check guards faults bench screenshots mutants hooks lock

help: ## print this help
	@awk -F ':.*## ' '/^[.a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

define install
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
endef

.venv: $(READY) ## install what the lock names, and this project in place

# Who only runs it waits half as long, for a third of the space.
$(RUNS): requirements-run.lock pyproject.toml
	$(call install,requirements-run.lock)
	touch $@

$(READY): requirements.lock pyproject.toml
	$(call install,requirements.lock)
	touch $(RUNS) $@

up: $(RUNS) ## run it from config/stores.toml and .env
	$(BIN)/coleta up

demo: $(RUNS) ## show it: an order's last invoice, its pickup requested, on simulated counterparties
	$(BIN)/coleta demo

quick: lint ## while you work: style, types, layers, and the tests inwards of the entrypoints, with few examples a property
	$(BIN)/pytest -q -n 2 -m 'not slow' -k 'not fakeredis' --hypothesis-profile=quick $(INWARDS)

lint: $(READY) ## style, types, layers, and the files of the deployment
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy worker config tests
	$(BIN)/lint-imports --no-logo
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint config/Dockerfile

test: $(READY) ## prove it: all tests, in any order, several files at a time; then those that promise a time, alone
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m 'not alone'
	$(BIN)/pytest -q -m alone

check: lint test ## all that must hold before a change goes in

guards: $(READY) ## take each guard out and see its test fail
	$(BIN)/python -m tests.guards

faults: $(READY) ## break everything that can break, and write docs/reliability.md: under 20 minutes
	$(BIN)/python -m tests.faults

bench: $(READY) ## measure how fast it is, and write docs/performance.md: under 25 minutes, on a machine that does nothing else
	$(BIN)/python -m tests.bench

screenshots: $(READY) ## draw the pages anew, for README and docs/pages.md; needs Chromium
	COLETA_SCREENSHOTS=docs/pages $(BIN)/pytest -q tests/browser/test_screenshots.py -k docs

mutants: $(READY) ## change the domain's code in small ways and see its tests fail
	$(BIN)/mutmut run
	$(BIN)/mutmut results

hooks: $(READY) ## let git run `make quick` before a commit and `make check` before a push
	$(BIN)/pre-commit install --hook-type pre-commit --hook-type pre-push

lock: ## pin what pyproject.toml asks for, every file with its hash, for every platform; needs uv
	$(UV) pip compile pyproject.toml --universal --generate-hashes --all-extras --python-version 3.11 \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock
	$(UV) pip compile pyproject.toml --universal --generate-hashes $(addprefix --extra ,$(RUN_EXTRAS)) --python-version 3.11 \
	  --constraint requirements.lock --no-annotate --no-emit-index-url --no-header --quiet --output-file requirements-run.lock
