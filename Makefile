# Every target installs what it needs into .venv first; nothing has to be installed by hand.
VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP   := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint deploy/constraints.txt

# Most tests wait for processes and sockets: four at a time keep two cores busy. In the order that
# tests/conftest.py gives them.
PARALLEL := --numprocesses 4 --dist loadfile --no-loadscope-reorder

# What also runs on a PostgreSQL server, from a wheel: all that opens a database, but for most of the
# playground's walks; and of that, what `check` has time for.
ON_POSTGRES := tests/bot tests/cogs tests/permissions tests/playground/test_newcomer.py
SOON_ON_POSTGRES := tests/bot/storage $(addprefix tests/bot/test_,cli.py dispatch.py lifecycle.py \
    operate.py reconcile.py turns.py)

# Newest first. Each is run before it is believed: a version manager's shim may exist without its Python.
PYTHON ?= python3.13 python3.12 python3.11 python3 python
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help demo test test-postgres check chaos reliability bench docs pictures translations figures mutants clean
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(STAMP)-playground ## Try the bot in a local Discord, no account needed. ARGS='--once "a red fox"'
	@$(BIN)/python -m playground $(ARGS)

test: $(STAMP)-dev ## Run the tests. ARGS='-k config'
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-postgres: $(STAMP)-dev ## Run the tests on PostgreSQL. ARGS='-k ledger'
	@$(BIN)/python -m pytest --engine postgres $(PARALLEL) $(ON_POSTGRES) $(ARGS)

check: $(STAMP)-dev ## Lint, formatting, types, dependencies and tests: what must pass before a change is shared
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/deptry --no-ansi .
	@$(BIN)/python -m pytest $(PARALLEL)
	@$(BIN)/python -m pytest --engine postgres $(PARALLEL) $(SOON_ON_POSTGRES)

chaos: $(STAMP)-dev ## Fuzz, then kill the bot 1,000 times and count; SCALE=1: four bots. ARGS='--kills 100'
ifdef SCALE
	@$(BIN)/python -m tests.chaos.scale $(ARGS)
else
	@$(BIN)/python -m pytest -q -m fuzz --hypothesis-profile=chaos
	@$(BIN)/python -m tests.chaos $(ARGS)
endif

reliability: $(STAMP)-dev ## Run the tests of faults and write docs/reliability.md
	@rm -f docs/reliability.md
	@$(BIN)/python -m pytest -q -m fault --faults-table=docs/reliability.md
	@$(BIN)/python -m pytest -q -m 'fault and postgres' --engine postgres --faults-table=docs/reliability.md

bench: $(STAMP)-bench ## Measure the bot beside two others (20 minutes). ARGS='--only crowd --bots ours,bare'
	@$(BIN)/python -m bench $(ARGS)

docs: $(STAMP)-dev ## Write what comes from the code into docs/. ARGS=--quick: without what is performed
	@$(BIN)/python -m tests.documents $(ARGS)

pictures: $(STAMP)-dev ## Take the pictures of docs/ again, in a Chromium. ARGS='-n 2'
	@$(BIN)/python -m tests.browser.pictures $(ARGS)

translations: $(STAMP)-dev ## Bring bot/locale/*.po up to the sentences in the code
	@$(BIN)/python -m tests.translations

figures: $(STAMP)-dev ## The house in figures. ARGS='--write', ARGS='--of HEAD~10'
	@$(BIN)/python -m tests.figures $(ARGS)

mutants: $(STAMP)-mutants ## How many mutants the tests kill (an hour). ARGS='--only policy --draw 50'
	@$(BIN)/python -m tests.mutation $(ARGS)

clean: ## Remove .venv and everything that tools left behind
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find bench bot cogs playground tests -name __pycache__ -type d -prune -exec rm -rf {} +

# pip is the last thing that `venv` puts in place, so it stands for a complete environment.
$(BIN)/pip:
	@for python in $(PYTHON); do \
	    if "$$python" -c '$(SUITABLE)' >/dev/null 2>&1; then \
	        echo "Creating $(VENV) with $$("$$python" --version)."; \
	        exec "$$python" -m venv --clear $(VENV); \
	    fi; \
	done; \
	echo "No usable Python found. Install Python 3.11 or newer with its venv module" >&2; \
	echo "(Debian, Ubuntu: apt install python3-venv) or name one: make PYTHON=/path/to/python3" >&2; \
	exit 1

$(STAMP)-playground: $(BIN)/pip pyproject.toml deploy/constraints.txt
	@echo "Installing what the playground needs (once)."
# Compiling all of every library takes a third of the time, and the first picture needs little of it.
	@$(PIP) --no-compile --editable '.[playground]'
	@touch $@

$(STAMP)-dev: $(BIN)/pip pyproject.toml deploy/constraints.txt
	@echo "Installing what the tests need (once)."
	@$(PIP) --editable '.[dev]'
	@touch $@ $(STAMP)-playground

$(STAMP)-bench: $(BIN)/pip pyproject.toml deploy/constraints.txt
	@echo "Installing what the measurements need (once)."
	@$(PIP) --editable '.[bench]'
	@touch $@

$(STAMP)-mutants: $(BIN)/pip pyproject.toml deploy/constraints.txt
	@echo "Installing what mutants need (once)."
	@$(PIP) --editable '.[dev,mutants]'
	@touch $@ $(STAMP)-dev $(STAMP)-playground
