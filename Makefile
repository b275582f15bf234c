# Hi-WM Studio. The list of targets is the manual; `make` alone prints it.
PYTHON ?= python3
PY := .venv/bin/python

.PHONY: help env env-test run demo test test-openxr test-readers check fmt bench bench-openxr collect demonstrate train-world train-policy evaluate clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' Makefile | sed 's/:.*##/ -/'

env:             ## virtual environment, Python and system packages
	@$(PYTHON) .ci/env.py --quiet

env-test:        ## the same, and a virtual screen
	@$(PYTHON) .ci/env.py --quiet --test

run: env         ## the application; without a screen the scripted demo
	@$(PY) main.py run

demo: env-test   ## the scripted demo, pictures in out/demo
	@$(PY) main.py demo

test: env-test   ## every test that needs no hardware, under five minutes on two cores
	@$(PY) -m pytest -n 3 --dist loadfile --max-worker-restart 0

test-openxr: env-test ## the tests against a real OpenXR runtime, which is fetched into ~/.cache/hi-wm
	@$(PYTHON) .ci/monado.py

test-readers: env-test ## exports, opened by zarr 2.12, LeRobot and robomimic; 8.5 GB of environments, once
	@$(PYTHON) .ci/readers.py

check: env-test  ## formatting, lint, types, direction of imports
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports

fmt: env-test    ## format and mend what ruff can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: env-test  ## every benchmark that needs no OpenXR runtime, one after the other; soak for ten minutes of its hours
	@for name in tick latency input_latency startup rollback recording reading reference rollouts timeline kill damage; do $(PY) -m benchmarks.$$name || exit 1; done
	@$(PY) -m benchmarks.soak --minutes 10

bench-openxr: env-test ## the headset's benchmark, on the OpenXR runtime of test-openxr
	@$(PY) -m benchmarks.headset

collect: env     ## data for the world: data/push_t/play
	$(PY) main.py collect

demonstrate: env ## demonstrations for the policy: data/push_t/demos
	$(PY) main.py demonstrate

train-world: env ## the learned world, all stages, resumable
	$(PY) main.py train world

train-policy: env ## the base policy, resumable
	$(PY) main.py train policy --kind diffusion

evaluate: env    ## the fidelity report of the learned world
	$(PY) main.py evaluate world

clean:           ## remove what commands wrote, not the environment
	rm -rf out runs
