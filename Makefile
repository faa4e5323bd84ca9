# Every target does its own set-up, and nothing twice. `make` alone lists them.
# PYTHON makes .venv; for another one, remove .venv first.
PYTHON ?= python3
KIT := .venv/bin/python -m tracing_starter_kit
# CI prints the coverage of the tests, too, which takes them about a third longer.
COVERAGE := $(if $(CI),--cov)

.PHONY: help demo down compose test lint page-check browser-test long-test rare-test backends-test compose-test overhead

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Install, start the system, show the first order's trace; Ctrl-C ends it
	@$(PYTHON) scripts/install.py requirements.lock
	@exec $(KIT) up

down: ## End a demo that runs in the background, or was left behind
	@$(KIT) down

compose: ## The same system with PostgreSQL, Valkey, the Collector and Jaeger, in Docker
	@$(PYTHON) scripts/install.py requirements.lock
	@$(KIT) doctor compose
	@REVISION=$$(git rev-parse HEAD) exec docker compose up --build

test: ## Everything a contributor runs: lint, types, layers, all tests
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	@$(MAKE) --no-print-directory lint
	.venv/bin/python -m pytest -n 2 --dist loadfile $(COVERAGE)

lint: # part of `make test`
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/codespell
	.venv/bin/python -m scripts.check_page --optional

page-check: ## The page's JavaScript: types and lint; Node comes as a Python package
	@$(PYTHON) scripts/install.py requirements.lock requirements-page.lock
	.venv/bin/python -m scripts.check_page

browser-test: ## The page in a real Chromium (Debian: apt-get install chromium)
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock requirements-browser.lock
	.venv/bin/python -m pytest tests/browser

long-test: ## Some minutes: process models, dead collectors, each helper copied alone
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	.venv/bin/python -m pytest tests/long/benchmarks tests/long/dead_collector
	.venv/bin/python -m pytest -n 2 --dist loadfile tests/long \
	  --ignore tests/long/benchmarks --ignore tests/long/dead_collector \
	  --ignore tests/long/versions

# The newest Python comes from scripts/python_from_debian.sh, where the machine has none.
rare-test: ## Before a release, not in CI: other versions; an outage of two minutes (Docker)
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	.venv/bin/python -m pytest tests/long/versions
	OUTAGE=120 .venv/bin/python -m pytest -s tests/compose/test_faults.py -k jaeger_is_away

backends-test: ## With the real Collector and Jaeger (otelcol-contrib and jaeger on PATH)
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	.venv/bin/python -m pytest -n 2 --dist loadfile tests/backends

compose-test: ## The composed system (a Docker engine with Compose 2)
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	.venv/bin/python -m pytest tests/compose

overhead: ## What tracing costs, beside the stock API, logfire and ddtrace
	@$(PYTHON) scripts/install.py requirements.lock requirements-dev.lock
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install -q --disable-pip-version-check \
		--require-hashes --requirement requirements-peers.lock
	.venv/bin/python -m benchmarks.overhead
