# Two commands do everything, each with its own set-up:
#   make run     start the app; with nothing configured it shows made-up sample data
#   make test    run every check and test; installs what they run (PROGRAMS) where apt is there and allowed to
# and more for those who change the code:
#   make check   format, lint and types only
#   make bench   how fast, against whom, as ratios; ARGS="P1 P8" for some of them
#   make load, make soak, make chaos   the whole app with many visitors, for long, and while things break (docs/scale.md)
#   make fuzz    look for input that breaks a reader, SECONDS=60 for each; ARGS="answer" for some of them, "grow" for slow ones
#   make faults  every fault that a data source may show: how many are survived
#   make promises   what the README may promise: runs the tests behind it, writes it with the last figures
#   make planted does a test fail for each bug that is planted on purpose?
#   make gallery every chart type and transform as pictures, in docs/gallery

PYTHON ?= python3
PORT ?= 8501
SECONDS ?= 60
BIN := .venv/bin
# program:package, as Debian and Ubuntu have them
PROGRAMS := prometheus:prometheus promtool:prometheus victoria-metrics:victoria-metrics chromium:chromium node:nodejs npm:npm soffice:libreoffice-calc-nogui curl:curl

.PHONY: run test check bench load soak chaos faults planted promises fuzz gallery programs clean

run: .venv/run
	$(BIN)/streamlit run server.py --server.port $(PORT)

test: .venv/test programs check
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: .venv/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/test programs
	$(BIN)/python -m bench run $(ARGS)
	$(BIN)/python -m bench draw

soak chaos load: .venv/test # a line that begins with load would mean something else to make
	$(BIN)/python -m bench $@ $(ARGS)

faults: .venv/test
	$(BIN)/python -W ignore -m tests.faults $(ARGS)

promises: .venv/test programs
	$(BIN)/python -m bench promises

planted: .venv/test programs
	$(BIN)/python -m tests.planted $(ARGS)

# Guided by atheris where there is a wheel of it (35 MB, so nothing else installs it), by chance elsewhere.
fuzz: .venv/test
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: 'atheris>=3,<4' || echo "No atheris here: by chance alone."
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(ARGS)

gallery: .venv/test programs
	PYTHONPATH=. $(BIN)/python docs/gallery/make.py

.venv/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hubscope needs Python 3.11 or newer; try: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "No venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test: .venv/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# The programs that the tests run for real. Where they cannot be installed, those tests are skipped with a reason;
# with CI=true a skip is a failure.
programs:
	@missing=$$(for pair in $(PROGRAMS); do command -v $${pair%:*} >/dev/null || echo $${pair#*:}; done | sort -u | tr '\n' ' '); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "No apt here: the tests that need $$missing are skipped."; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; else \
		echo "Not allowed to install: the tests that need $$missing are skipped."; \
		echo "To run them: sudo apt-get install $$missing"; exit 0; fi; \
	$$as apt-get update -qq && \
	$$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null || \
		echo "Could not install $$missing: the tests that need them are skipped."

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
