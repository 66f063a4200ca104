# Set-up, the quickstart and the tests. PYTHON may name another interpreter: make test PYTHON=python3.12
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/.jax_cache
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS ?= 0.1
export JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES ?= -1

.PHONY: install quickstart test check lint fast clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sportjax needs Python 3.11 or newer; run make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

quickstart: install
	$(PY) launch.py --mode=run --config=configs/quickstart.py --workdir=runs/quickstart

test: lint
	$(PY) -m pytest -n 2 --dist loadgroup -q -rs

lint: $(VENV)/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m ty check

check: lint
	$(PY) -m pytest -n 2 -q -m 'not slow and not multihost' --ignore=tests/integration

# A subset that needs neither torch nor long compilations: enough to see that another Python and JAX hold.
fast: $(VENV)/.installed-dev
	$(PY) -m pytest -n 2 -q -m 'not slow and not multihost' tests/imports_test.py tests/config_test.py tests/pose \
	  tests/pipeline tests/data tests/dist tests/train tests/retrieval tests/metrics

clean:
	rm -rf .venv .venv-312 .jax_cache .pytest_cache .ruff_cache
