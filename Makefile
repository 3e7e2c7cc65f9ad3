# `make` prints this list. Only Go is needed for `make run`.
.DEFAULT_GOAL := help
.PHONY: help run test check generate bench fuzz soak build clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Serve on http://127.0.0.1:8000 (set GEMINI_API_KEY for real pictures)
	@go run ./cmd/imagechat

test: ## Run everything: Go, lint, generated files, web, browser (installs what is missing)
	@scripts/test.sh

check: ## Lint, vulnerabilities, licences, bill of materials
	@scripts/check.sh

generate: ## Make the OpenAPI document, the clients and the web app's dist
	@scripts/generate.sh

bench: ## Measure cold start, memory and latency
	@scripts/bench.sh

fuzz: ## Run every fuzz target (FUZZTIME=20s each)
	@scripts/fuzz.sh

soak: ## Kill a server at random under load, then watch its memory (CRASH_ROUNDS=200 SOAKTIME=10m)
	@scripts/soak.sh

build: ## Build bin/imagechat as releases are built
	@bash -c ". scripts/lib.sh && CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags '-s -w -X main.version=$(VERSION)' -o bin/imagechat ./cmd/imagechat"

clean: ## Remove what was built
	@rm -rf bin .out
