# Two commands on a fresh machine: `make ml10` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# MuJoCo and torch start a thread per core in every test process otherwise.
export OMP_NUM_THREADS ?= 1

.PHONY: help install ml10 test lint types test-exhaustive test-garage format clean

help:
	@echo 'make ml10             train MetODS on ML10, quick protocol: table and learning curve'
	@echo 'make test             lint, types, the test-suite'
	@echo 'make test-exhaustive  the tests that are too long for every commit'
	@echo 'make test-garage GARAGE=path/to/garage-2021.03.0-checkout   garage'"'"'s own test-suite'

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	touch $@

# torch first, so that nothing else decides which build is taken. TORCH_INDEX=--index-url=... takes
# it from elsewhere, such as PyTorch's own index of CPU builds.
TORCH_INDEX ?=
$(VENV)/installed: $(VENV)/made setup.cfg constraints.txt
	$(BIN)/pip install -q -c constraints.txt $(TORCH_INDEX) torch==2.13.0
	$(BIN)/pip install -q -c constraints.txt -e .
	$(BIN)/pip install -q --no-deps garage==2021.3.0
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install -q -c constraints.txt -e '.[rl2,video,test]'
	touch $@

install: $(VENV)/installed

# Again over the last one's folder: a quick look is cheap to repeat.
ml10: $(VENV)/installed
	$(BIN)/python launchers/ml10_metods.py --protocol quick --run-dir runs/ml10-quick --overwrite

test: $(VENV)/installed-test lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not exhaustive' tests

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy

format: $(VENV)/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-exhaustive: $(VENV)/installed-test
	$(BIN)/python -m pytest -n 2 --dist loadfile -m exhaustive tests

test-garage: $(VENV)/installed-test
	@test -n '$(GARAGE)' || { echo 'GARAGE=path/to/a/checkout of garage at tag v2021.03.0 is needed'; exit 2; }
	$(BIN)/pip install -q -c constraints.txt -e '.[test-garage]'
	$(BIN)/python -m tests.garage_suite $(GARAGE)

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
