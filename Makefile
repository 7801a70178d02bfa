# make run   the portal with its own ETL service, on http://localhost:8501 (PORT=… for another)
# make screenshots  pictures of every page: those that the documents show into docs/images, the rest into screenshots/
# make audit  asks for known holes in what requirements.txt installs; needs the network
# make test  everything that must hold: format, lint, types, tests in a real browser
PORT ?= 8501
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check screenshots audit clean
.DEFAULT_GOAL := run

run: .venv/runtime
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: check
	bash tests/prepare-machine
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadscope --no-loadscope-reorder

check: .venv/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ETL Monitor needs Python 3.11 or newer; this is " + sys.version)'
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/development: .venv/runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

screenshots: .venv/development
	bash tests/prepare-machine
	$(BIN)/python -m tests.screenshots

audit: .venv/development
	$(BIN)/pip-audit --strict -r requirements.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis test-artifacts
