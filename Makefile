# The commands people and CI use; `.ci/run` and `.pre-commit-config.yaml` call the same checks (a test holds them equal).
.DEFAULT_GOAL := help
.PHONY: help check audit test bench serve hostile sample soak load memory

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

check: ## format, lint, types, layers
	uv run ruff check .
	uv run ruff format --check .
	uv run mypy
	uv run lint-imports

audit: ## known vulnerabilities of the locked packages
	uv run python .ci/audit.py

test: ## all tests
	uv run pytest

bench: ## reading and detection against documents with truth
	@test -f bench/__main__.py || { echo "bench/__main__.py does not exist yet: nothing to measure" >&2; exit 1; }
	uv run python -m bench

hostile: ## every malformed file under DIR ends as read or as refused: make hostile DIR=folder
	@test -n "$(DIR)" || { echo "say where the malformed files are: make hostile DIR=folder" >&2; exit 2; }
	uv run python -m bench.hostile "$(DIR)"

load: ## hostile files through the service, 50 uploads at once, lists over a million findings: make load DIR=folder
	@test -n "$(DIR)" || { echo "say where the malformed files are: make load DIR=folder" >&2; exit 2; }
	uv run python -m bench.service hostile "$(DIR)"
	uv run python -m bench.service uploads
	uv run python -m bench.service reading

soak: ## 300 documents, 20 killed workers: nothing lost, nothing doubled
	uv run python -m bench.soak --documents 300 --kills 20

memory: ## resident memory of one page worker over 2,000 pages
	uv run python -m bench.memory

serve: ## the web service
	uv run caishen serve

sample: ## makes service/sample again
	uv run python examples/make_sample.py
