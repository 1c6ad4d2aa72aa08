# The commands of the project. `make help` lists them.
#
# Long-running recipes are one plain command line, so that make starts it without a shell between and hands SIGTERM on.
PYTHON3 ?= python3
PORT ?= 8000
BIN := .venv/bin
PY := $(BIN)/python
APPS := audit vault accounts regulations certificates revocation applications support_desk repository lra_portal
CODE := $(APPS) tests benchmarks
export PORT

.DEFAULT_GOAL := help
.PHONY: help install messages run demo test soak check clauses bench clean lock \
	check-style check-types check-imports check-templates check-security check-migrations check-deploy check-messages check-compose

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "make %-10s %s\n", $$1, $$2}'

install: ## make .venv from the locked packages; quick when nothing changed
	@command -v $(PYTHON3) >/dev/null || { echo "Missing: python3. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON3) requirements/install.py

messages: install
	@$(PY) -m lra_portal.messages compile

run: messages ## run the portal on http://localhost:8000/ with its own database; PORT=… moves it
	@$(PY) -m lra_portal.quickstart run

demo: messages ## go the whole path without a browser for every demo target system; results in var/demo
	@$(PY) -m lra_portal.quickstart demo

test: messages ## run all tests
	@$(PY) -m tests.harness.packages
	@$(PY) -m pytest -n logical --maxprocesses 4 --dist loadgroup

soak: messages ## test faults in their long forms, then each ten times in a row; takes about an hour
	@SOAK=1 $(PY) -m pytest tests/faults
	@ROUNDS=10 $(PY) -m pytest tests/faults

check: messages ## lint, types, import contracts, templates, migrations, production settings, translations
	@$(MAKE) --no-print-directory --keep-going -j2 --output-sync=target check-style check-types check-imports \
		check-templates check-security check-migrations check-deploy check-messages check-compose

clauses: install ## list every clause of the terms with the tests that hold it
	@$(PY) -m tests.clauses

bench: messages ## run every benchmark, each in a database of its own
	@$(PY) -m benchmarks

clean: ## stop what runs and remove what the commands made
	@if [ -x $(PY) ]; then $(PY) -m lra_portal.quickstart clean; fi
	@find . -name __pycache__ -prune -not -path './.venv/*' -exec rm -rf {} +
	@find . -name '*.mo' -not -path './.venv/*' -delete
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles

lock: install ## pin the packages of requirements/*.in again; UPGRADE=--upgrade takes newer ones
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header $(UPGRADE) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header $(UPGRADE) requirements/portal.in requirements/quickstart.in requirements/development.in -o requirements/lock.txt

check-style:
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check . ; exit 1; }
	@$(BIN)/ruff check --quiet .

check-types:
	@$(BIN)/mypy $(wildcard $(CODE)) requirements/install.py manage.py

check-imports:
	@$(BIN)/lint-imports

check-templates:
	@$(BIN)/djlint --lint --quiet templates

check-security:
	@$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level high --recursive $(APPS)

check-migrations:
	@PYTHONWARNINGS=ignore::RuntimeWarning $(PY) manage.py makemigrations --check --dry-run --verbosity 0 --settings lra_portal.settings.test || { echo "A migration is missing: manage.py makemigrations"; exit 1; }

check-deploy:
	@$(PY) -m tests.harness.production

check-messages:
	@$(PY) -m lra_portal.messages check

check-compose:
	@$(PY) -m tests.harness.compose
