# make run          the portal with its own ETL service, on http://localhost:8501 (PORT=… for another port)
# make test         everything: make check, all tests, among them those in a real browser, and coverage
# make test-quick   tests for daily work, under 4 minutes: without browser, other servers and kills
# make check        format, lint, types, layers, vocabulary
# make screenshots  pictures of all pages: those that the documents show to docs/images, the others to screenshots/
# make audit        known vulnerabilities in what requirements.txt installs; needs the network
# make bench       all benchmarks, one after the other (an hour); NAMES=… for some of them
# make soak        two hours of load and kills; MINUTES=… for another time
# make licences    the licence of every package that requirements.txt installs
# make clean        removes what the other commands made
PORT ?= 8501
PYTHON ?= python3
MINUTES ?= 120
BIN := .venv/bin

.PHONY: run test test-quick check machine measured screenshots audit bench soak licences clean
.DEFAULT_GOAL := run

# Without compiled modules each of the many processes that the tests start compiles all of ours first.
unexport PYTHONDONTWRITEBYTECODE

# Three processes on two cores, as tests often wait (tests/conftest.py).
PYTEST := $(BIN)/python -m pytest --numprocesses=3 --dist=loadscope --no-loadscope-reorder

# If all tests ran and some failed (exit code 1), the failed ones run once more, alone. One that then
# passes depends on the machine's load or on other tests: its failure stays in the output and is a defect.
OR_AGAIN := || { [ $$? = 1 ] && $(BIN)/python -m pytest --last-failed --last-failed-no-failures=none; }

run: .venv/runtime
	$(BIN)/streamlit run app.py --server.port $(PORT)

# The vocabulary's tests are a part of the checks.
test:
	$(MAKE) --jobs=3 --output-sync=target check measured
	$(PYTEST) -m "not measured" --ignore=tests/test_vocabulary.py $(OR_AGAIN)

# The tests of the core, and how much of it they reach.
measured: machine .venv/development
	$(PYTEST) -m measured --cov --cov-report= $(OR_AGAIN)
	$(BIN)/python -m tests.coverage_summary

test-quick: .venv/development
	$(PYTEST) -m "not long" --ignore=tests/browser --ignore=tests/test_make_run.py

machine:
	bash tests/prepare-machine

check: .venv/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_vocabulary.py

# A newer pip than that of Python 3.11 finds the packages in half the time.
.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ETL Monitor needs Python 3.11 or newer; this is " + sys.version)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

.venv/runtime: .venv/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# Python compiles what is used of these when it is imported: installing them takes half as long.
.venv/development: .venv/bin/python requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.txt
	touch .venv/runtime $@

screenshots: .venv/development
	bash tests/prepare-machine
	$(BIN)/python -m tests.screenshots

audit: .venv/development
	$(BIN)/pip-audit --strict -r requirements.txt

soak: .venv/development
	$(BIN)/python benchmarks/soak.py $(MINUTES)

bench: .venv/development
	$(BIN)/python -m benchmarks $(NAMES)

licences: .venv/development
	$(BIN)/python -m tests.support.runtime_packages

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage test-artifacts screenshots
