# The commands of the project. Only Python 3.11 or later and make are needed; everything else goes into .venv,
# made from the lock files. `make` alone lists the commands.

.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help demo web test test-slow test-shared test-packaging lint format docs reference lock ci clean

VENV := .venv
BIN := $(VENV)/bin
OUT ?= thassist-demo
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

# The first interpreter that is new enough and can make an environment; PYTHON=... on the command line chooses another.
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
      && { echo "$$python"; exit 0; }; done; exit 1

help:
	@echo "make demo     the whole chain on made-up data, into $(OUT)/ (OUT=... chooses another folder)"
	@echo "make test     the tests"
	@echo "make test-slow  the long tests: fifty kills of an import, workbooks of full size"
	@echo "make web      readers for the tests of web pages and PX files (needs node and npm); tests skip what is missing"
	@echo "make lint     ruff (rules and layout) and mypy"
	@echo "make format   lay out the code"
	@echo "make docs     the manual, into site/"
	@echo "make reference  write schema.sql and the generated pages of the manual anew"
	@echo "make lock     lock the dependencies anew"
	@echo "make ci       everything that is checked before a change is accepted"
	@echo "make clean    remove what make made, the environment too"

# One environment, filled in two steps: what the demonstration needs, then what development needs as well.
$(VENV)/pyvenv.cfg:
	@python=$$($(FIND_PYTHON)) || { \
	  echo "thassist needs Python 3.11 or later with its venv module (on Debian: python3 and python3-venv)." >&2; \
	  echo "If it is installed under another name, say: make PYTHON=/path/to/python3" >&2; exit 1; }; \
	echo "Making the environment in $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/pyvenv.cfg requirements.lock requirements-build.lock pyproject.toml
	@echo "Installing what thassist needs (once) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --require-hashes -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@echo "Installing what development needs (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/run.stamp
	@$(BIN)/thassist demo --out "$(OUT)"

test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not shared and not packaging and not slow" $(ARGS)

web: tests/web/node_modules/.package-lock.json

tests/web/node_modules/.package-lock.json: tests/web/package-lock.json
	@npm ci --prefix tests/web --no-audit --no-fund --silent

test-slow: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n 2 -m "slow and not packaging and not shared" $(ARGS)

test-shared: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m shared $(ARGS)

test-packaging: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -m packaging $(ARGS)

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/dev.stamp
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/dev.stamp
	@$(BIN)/mkdocs build --strict --quiet --site-dir site
	@echo "The manual is in site/index.html"

reference: $(VENV)/dev.stamp
	@$(BIN)/python scripts/write_reference.py

lock: $(VENV)/pyvenv.cfg
	@bash scripts/lock

ci:
	@bash .ci/run

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
