# `make demo` and `make test` are all a newcomer needs; both prepare everything themselves.
SHELL := bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat requirements/dev.txt | cksum | cut -d' ' -f1)
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help demo manage test streams lint format bench faults screenshots requirements clean
help:
	@echo "make demo        start everything on 127.0.0.1:8000 and play one visit (ONCE=1: play it and exit)"
	@echo "make manage DO=\"why 'Amara Nwosu' M1\"   a management command beside the running demonstration"
	@echo "make test        the whole test suite, from nothing"
	@echo "make lint        style, types, layers, migrations, architecture"
	@echo "make bench       speed against its targets, into var/bench.json (LONG=1: full counts)"
	@echo "make faults      faults played with a seed, into var/faults.json (SEED=n, LONG=1)"
	@echo "make clean       forget the demonstration: the next start begins anew"
	@echo "make screenshots pictures of the real screens for the documentation"

$(STAMP): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.11"; exit 1; }
	@echo "Preparing the virtual environment in $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@rm -f $(VENV)/.installed-* && touch $@

demo: $(STAMP)
	@$(BIN)/python -m scif.runtime demo $(if $(ONCE),--once)

manage: $(STAMP)
	@$(BIN)/python -m scif.runtime manage $(DO)

# Three streams side by side, on one PostgreSQL. Playwright has a loop of its own, so pages are a process of their own;
# wires mostly wait for one another; all else is shared out among two workers. A bus has its times:
# wires go before all that can wait, or a busy machine makes a reader late that is not.
WIRES := tests/hardware tests/bastion tests/harness
BARE := tests/unit tests/architecture tests/concurrency

test: $(STAMP)
	@$(BIN)/python -m scif.runtime.test_libraries
	@mkdir -p var
	@$(BIN)/python -m tests.services $(MAKE) --no-print-directory streams

streams:
	@nice -n 10 $(BIN)/python -m pytest tests/browser > var/tests-pages.log 2>&1 & pages=$$!; \
	{ $(BIN)/python -m pytest $(WIRES); wires=$$?; nice -n 10 $(BIN)/python -m pytest $(BARE); exit $$((wires || $$?)); } \
		> var/tests-wires.log 2>&1 & wires=$$!; \
	nice -n 10 $(BIN)/python -m pytest -n 2 --dist loadfile tests $(addprefix --ignore=,$(WIRES) $(BARE)); failed=$$?; \
	wait $$wires || failed=1; \
	echo "$(WIRES), then $(BARE) (var/tests-wires.log):"; cat var/tests-wires.log; \
	wait $$pages || failed=1; \
	echo "Pages in the browser (var/tests-pages.log):"; cat var/tests-pages.log; \
	exit $$failed

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=scif.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest tests/architecture

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python -m tests.bench $(if $(LONG),--long)

faults: $(STAMP)
	$(BIN)/python -m tests.faults $(if $(LONG),--long) $(if $(SEED),--seed $(SEED))

screenshots: $(STAMP)
	$(BIN)/python -m tests.browser.screenshots

requirements: ## for maintainers, needs uv
	@for f in base demo dev; do uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header requirements/$$f.in -o requirements/$$f.txt; done

clean:
	rm -rf var static-collected
