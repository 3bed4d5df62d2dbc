# `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

MODULES := contracts kit lm services/observer services/actor services/feedback services/trainer services/registry cmd/grokputer tests tools/icons
CACHE   := $(CURDIR)/.cache
BIN     := $(CURDIR)/bin
LINT_VERSION := v2.15.0
LINT    := $(CACHE)/bin/golangci-lint-$(LINT_VERSION)
GROKPUTER := $(BIN)/grokputer

## run: install what is missing, build, fetch the models, and do a first task on a screen of its own
.PHONY: run
run: deps build
	@$(GROKPUTER) models pull
	@$(GROKPUTER) demo

## build: build bin/grokputer
.PHONY: build
build: deps
	@mkdir -p $(BIN)
	@cd cmd/grokputer && go build $(if $(shell git rev-parse HEAD 2>/dev/null),-buildvcs=true) -o $(GROKPUTER) . # benches say what they measured

## test: install what is missing, then every test and the linter (what CI runs)
.PHONY: test
test: deps model vocabularies miniwob servers verify lint
	@for m in $(filter-out tests,$(MODULES)); do (cd $$m && echo "== $$m" && go test ./...) || exit 1; done
	@cd tests && echo "== tests" && go test -count=1 ./... # the cache does not see the binary that they build

## lint: golangci-lint with every linter that has no reason against it, on every module
.PHONY: lint
lint: deps $(LINT)
	@for m in $(MODULES); do (cd $$m && $(LINT) run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done

$(LINT):
	@mkdir -p $(CACHE)/bin
	@echo "building golangci-lint $(LINT_VERSION)"
	@GOWORK=off GOBIN=$(CACHE)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv $(CACHE)/bin/golangci-lint $@

## generate: make the generated files (JSON Schemas) anew
.PHONY: generate
generate:
	@cd contracts && go generate ./...

## verify: fail if a generated file differs from what make generate would write
.PHONY: verify
verify:
	@cd contracts && go test ./schema/...

## model: fetch the base model and the reader's into .cache for the tests
.PHONY: model
model: build
	@$(GROKPUTER) models pull --dir $(CACHE)/models

## vocabularies: fetch other models' vocabularies into .cache for the tests
.PHONY: vocabularies
vocabularies:
	@tools/vocabularies

## icons: learn the names of icons anew from nine free sets, which are fetched (a minute)
.PHONY: icons
icons:
	@tools/icons/fetch
	@go run ./tools/icons learn

## icons-measure: leave each set out in turn and name what it has (minutes); FONTS=folder names letters of its fonts, too
.PHONY: icons-measure
icons-measure:
	@tools/icons/fetch
	@go run ./tools/icons measure -v -fonts "$(FONTS)"

## miniwob: fetch the pages of MiniWoB++ into .cache for the tests and benches
.PHONY: miniwob
miniwob:
	@tools/miniwob

# The servers that the services run on elsewhere, for one test. Nothing of them is in our programs.
NATS_SERVER_VERSION := v2.15.2
NATS_CLIENT_VERSION := v0.5.1
MINIO_VERSION := v0.0.0-20260212201848-7aac2a2c5b7c

## servers: build a NATS server, its client and a MinIO server into .cache for the tests (MinIO takes minutes)
.PHONY: servers
servers: $(CACHE)/bin/nats-server $(CACHE)/bin/minio $(CACHE)/bin/nats

$(CACHE)/bin/nats:
	@mkdir -p $(CACHE)/bin
	@echo "building the nats client $(NATS_CLIENT_VERSION)"
	@GOWORK=off GOBIN=$(CACHE)/bin go install github.com/nats-io/natscli/nats@$(NATS_CLIENT_VERSION)

$(CACHE)/bin/nats-server:
	@mkdir -p $(CACHE)/bin
	@echo "building nats-server $(NATS_SERVER_VERSION)"
	@GOWORK=off GOBIN=$(CACHE)/bin go install github.com/nats-io/nats-server/v2@$(NATS_SERVER_VERSION)

$(CACHE)/bin/minio:
	@mkdir -p $(CACHE)/bin
	@echo "building MinIO's server (a few minutes)"
	@GOWORK=off GOBIN=$(CACHE)/bin go install github.com/minio/minio@$(MINIO_VERSION)

## golden: make lm's stored reference values anew (transformers, PEFT, TRL, tokenizers)
.PHONY: golden
golden: model vocabularies
	@tools/golden lm

## golden-check: make them anew and compare them with the stored ones
.PHONY: golden-check
golden-check: model vocabularies
	@rm -rf $(CACHE)/golden-new && tools/golden $(CACHE)/golden-new
	@$(CACHE)/golden/bin/python lm/golden/compare.py lm $(CACHE)/golden-new

## starter: train adapters/starter anew (BASE=file.gguf for another base model); records SESSIONS=22 of each kind on programs and twice PAGES=4500 steps of made-up pages first, and goes on where it was interrupted
.PHONY: starter
SESSIONS ?= 22
BASE ?= $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf
starter: PAGES = 4500
starter: build model
	@mkdir -p $(CACHE)/starter
	@test -f $(CACHE)/starter/traces.jsonl.gz || $(GROKPUTER) starter record --observer-models $(CACHE)/models -n $(SESSIONS) $(CACHE)/starter/traces.jsonl.gz
	@test -f $(CACHE)/starter/regression.jsonl.gz || $(GROKPUTER) starter record --observer-models $(CACHE)/models --seed 3 -n 4 --kinds write,sum,find,picture $(CACHE)/starter/regression.jsonl.gz
	@# Two at once: a browser is mostly waited for.
	@for seed in 3 4; do \
	  pages=$(CACHE)/starter/pages-$$seed.jsonl.gz; test -f $$pages && continue; \
	  $(GROKPUTER) starter pages --observer-models $(CACHE)/models --seed $$seed --steps $(PAGES) $$pages & recorders="$$recorders $$!"; \
	done; for recorder in $$recorders; do wait $$recorder || exit 1; done
	@cd services/trainer && go run ./cmd/starter --base $(abspath $(BASE)) --out $(CURDIR)/adapters/starter --work $(CACHE)/starter/work --regression $(CACHE)/starter/regression.jsonl.gz \
	  --traces $(CACHE)/starter/traces.jsonl.gz --traces $(CACHE)/starter/pages-3.jsonl.gz --traces $(CACHE)/starter/pages-4.jsonl.gz

## starter-check: fail if a task that the starter is trained on is worded like one of MiniWoB++
.PHONY: starter-check
starter-check: miniwob
	@cd services/trainer && go run ./cmd/startercheck --pages $(CACHE)/miniwob/html $(addprefix --traces ,$(wildcard $(CACHE)/starter/*.jsonl.gz))

## bench-tasks: 20 random tasks of each kind, judged by their effect (JSON in docs/benchmarks/tasks.json)
.PHONY: bench-tasks
bench-tasks: model
	@mkdir -p docs/benchmarks
	@$(GROKPUTER) bench tasks -n 20 --json --observer-models $(CACHE)/models --model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf > docs/benchmarks/tasks.json
	@cat docs/benchmarks/tasks.json

## bench-desktop: a screen full of text by each reader, whole steps in desktop programs (docs/benchmarks/desktop.md)
.PHONY: bench-desktop
bench-desktop: model
	@$(GROKPUTER) bench desktop --observer-models $(CACHE)/models --write docs/benchmarks/desktop.md
	@$(GROKPUTER) bench desktop --observer-reader tesseract --write docs/benchmarks/desktop.md
	@$(GROKPUTER) bench tasks -n 10 --observer-models $(CACHE)/models --model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf --write docs/benchmarks/desktop.md

## bench-eyes: what the eyes see of real pages, SEEDS of each task, at scale 2 and 1 (docs/benchmarks/desktop.md)
.PHONY: bench-eyes
bench-eyes: SEEDS = 20
bench-eyes: build model miniwob
	@$(GROKPUTER) bench eyes --observer-models $(CACHE)/models --seeds $(SEEDS) --scale 2 --write docs/benchmarks/desktop.md
	@$(GROKPUTER) bench eyes --observer-models $(CACHE)/models --seeds $(SEEDS) --scale 1 --write docs/benchmarks/desktop.md

## bench-miniwob: the agent on real pages, SEEDS=1000000-1000049 of each of TASKS (all for development), PLANNER=local or scripted; goes on where it was interrupted
.PHONY: bench-miniwob
bench-miniwob: SEEDS = 1000000-1000049
bench-miniwob: PLANNER = local
bench-miniwob: TASKS =
bench-miniwob: model miniwob
	@mkdir -p docs/benchmarks
	@$(GROKPUTER) bench miniwob --observer-models $(CACHE)/models --seeds $(SEEDS) --planner $(PLANNER) $(if $(TASKS),--tasks $(TASKS)) --results $(CACHE)/miniwob-bench \
	  --json docs/benchmarks/miniwob-$(PLANNER).json --write docs/benchmarks/desktop.md --model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf

## chaos: kill trainings and the loop of learning (ROUNDS=100 times), the actor and the whole agent (200 times each) at random moments; goes on where it was interrupted, but for the loop (make chaos-loop)
.PHONY: chaos
chaos: model
	@cd lm && GROKPUTER_CHAOS=$(or $(ROUNDS),100) go test -v -count=1 -timeout 0 -run '^TestTrainChaos$$' .
	@cd services/actor && GROKPUTER_CHAOS=$(or $(ROUNDS),200) GROKPUTER_CHAOS_STATE=$(CACHE)/chaos-actor.json go test -v -count=1 -timeout 0 -run '^TestKillChaos$$' .
	@cd tests && GROKPUTER_CHAOS=$(or $(ROUNDS),200) GROKPUTER_CHAOS_STATE=$(CACHE)/chaos.json go test -v -count=1 -timeout 0 -run '^TestChaos$$' .
	@$(MAKE) --no-print-directory chaos-loop CHAOS_LOOP=$(or $(CHAOS_LOOP),$(ROUNDS),100)

## chaos-loop: go CHAOS_LOOP=100 times through the loop of learning and kill its processes at random moments; SEED=n draws the same again, ROUND=1,5 only those of them
.PHONY: chaos-loop
chaos-loop: CHAOS_LOOP = 100
chaos-loop:
	@cd tests && GROKPUTER_CHAOS=$(CHAOS_LOOP) GROKPUTER_CHAOS_SEED=$(SEED) GROKPUTER_CHAOS_ROUND=$(ROUND) go test -v -count=1 -timeout 0 -run '^TestLoopChaos$$' .

## bench-stop: how long after a stop the last input comes, seen by an independent X client, ROUNDS=10 times (at most LIMIT=200ms)
.PHONY: bench-stop
bench-stop: ROUNDS = 10
bench-stop: LIMIT = 200ms
bench-stop:
	@cd services/actor && GROKPUTER_STOP_LIMIT=$(LIMIT) go test -v -count=$(ROUNDS) -parallel 1 -run '^TestStopOnARealDesktop$$' . | grep -E 'the last input came|^(---|FAIL|ok)'

## test-peers: the planner over HTTP against a real server (llama_cpp.server, slow to build)
.PHONY: test-peers
test-peers: model
	@test -x $(CACHE)/peers/bin/python || python3 -m venv $(CACHE)/peers
	@$(CACHE)/peers/bin/pip install --quiet "llama-cpp-python[server]==0.3.36"
	@cd services/actor && GROKPUTER_PEER_PYTHON=$(CACHE)/peers/bin/python \
	  GROKPUTER_PEER_MODEL=$(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf go test -count=1 -tags peers -run TestPeer ./openai

## picture: make docs/picture.png, the screen after a task
.PHONY: picture
picture: model
	@rm -rf $(CACHE)/picture
	@GROKPUTER_DATA=$(CACHE)/picture $(GROKPUTER) run --session picture --no-rate --nats-port 0 --s3-port 0 --http-port 0 --no-nats-context \
	  --observer-models $(CACHE)/models --model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf "open the calculator and work out 17+25"
	@cp $(CACHE)/picture/logs/picture/last.png docs/picture.png

## bench-lm: the engine against PEFT and llama.cpp, ROUNDS=5 in turn, all limited to ISA=avx2 or avx512-bf16 if that is given (docs/benchmarks/lm*.md); goes on where it was interrupted
.PHONY: bench-lm
bench-lm: ROUNDS = 5
bench-lm: ISA = auto
bench-lm: model
	@tools/peers $(ISA)
	@cd lm && go run ./bench/cmd/versus -rounds $(ROUNDS) -isa $(ISA) -model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf \
	  -state $(CACHE)/bench-lm -out $(CURDIR)/docs/benchmarks -peft $(CACHE)/golden/bin/python -llama $(CACHE)/llama$(patsubst %,-%,$(filter-out auto,$(ISA)))/bin/python

## bench-learning: the agent learns from rated sessions in ROUNDS=8 and is measured after each (docs/benchmarks/learning.md); STARS=alone gives no corrections; ARGS are further flags; goes on where it was interrupted
.PHONY: bench-learning
bench-learning: ROUNDS = 8
bench-learning: STARS =
bench-learning: ARGS =
bench-learning: model miniwob
	@mkdir -p docs/benchmarks
	@$(GROKPUTER) bench learning --observer-models $(CACHE)/models --model $(CACHE)/models/SmolLM2-135M-Instruct.Q4_1.gguf --rounds $(ROUNDS) $(if $(STARS),--no-corrections) \
	  --results $(CACHE)/learning$(if $(STARS),-stars) --write docs/benchmarks/learning.md $(ARGS)

## bench-rollout: how often and how soon experiments between two adapter versions are decided, RUNS=10000 simulated of each kind (docs/benchmarks/rollout.md)
.PHONY: bench-rollout
bench-rollout: RUNS = 10000
bench-rollout: build
	@$(GROKPUTER) bench rollout --runs $(RUNS) --write docs/benchmarks/rollout.md

## bench-readers: how well and how fast each reader reads the lines of a page in a browser
.PHONY: bench-readers
bench-readers: model
	@cd services/observer && go test -run '^$$' -bench Readers -benchtime 3x -v ./cmd/readers

## bench-kernels: Go benchmarks of the model's passes and of the kernels
.PHONY: bench-kernels
bench-kernels: model
	@cd lm && go test -run '^$$' -bench . -benchtime 3x ./...

.PHONY: deps
deps:
	@tools/deps

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  make %-14s %s\n", $$1, $$2}'
