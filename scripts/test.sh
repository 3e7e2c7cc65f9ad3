#!/usr/bin/env bash
# Everything that must hold before a change lands. Each step runs even when an
# earlier one failed; the last line counts tests and steps.
source "$(dirname "$0")/lib.sh"
rm -f "$OUT"/*.json "$OUT"/*.jsonl "$OUT"/*.xml
failed=()
started=$SECONDS

# step NAME COMMAND... runs one step and remembers how it ended.
step() {
  local name=$1 begun=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    echo "== $name: ok ($((SECONDS - begun)) s)"
  else
    echo "== $name: FAILED ($((SECONDS - begun)) s)"
    failed+=("$name")
  fi
}

prepare() {
  need_compiler && need git git && need vips libvips-tools && need chromium chromium && need_web
}
go_tests() {
  tool gotestsum --format pkgname-and-test-fails --hide-summary=skipped --jsonfile "$OUT/go.jsonl" -- \
    -race -shuffle=on -timeout 10m ./...
}
# Every placement from every source: under the race detector only some are made.
pixel_tests() { go test ./imagechat/finish; }
# What is signed is read by the reference implementation of C2PA.
signed_files() {
  local python
  python=$(python_with scripts/c2pa-requirements.txt) && go build -o bin/imagechat ./cmd/imagechat &&
    XDG_CONFIG_HOME="$OUT/c2pa" "$python" scripts/c2pa_check.py "$ROOT/bin/imagechat" adapters/gemini/testdata/flash-lite-image.unary.json "$OUT/c2pa"
}
web_unit() { (cd web && npm run --silent test -- --reporter=default --reporter=json --outputFile="$OUT/web-unit.json"); }
web_types() { (cd web && npm run --silent typecheck); }
web_lint() { (cd web && npm run --silent lint); }
client_types() { (cd openapi/ts && npm run --silent typecheck && npm run --silent size); }
document_lint() { (cd openapi/ts && npm run --silent lint:spec); }
client_tests() { (cd openapi/ts && npm run --silent build && node --test --test-timeout=180000 --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination="$OUT/client.xml" test/*.test.mjs); }
python_agents() {
  local python
  go build -o bin/imagechat ./cmd/imagechat && python=$(python_with scripts/agents/requirements.txt) && "$python" scripts/agents/agents.py bin/imagechat
}
generated_clients() {
  local python
  python=$(python_with scripts/clients/requirements.txt) && "$python" scripts/clients/clients.py bin/imagechat openapi/openapi.yaml
}
web_e2e() {
  go build -o bin/imagechat ./cmd/imagechat &&
    (cd web && IMAGECHAT_BIN="$ROOT/bin/imagechat" PLAYWRIGHT_JSON_OUTPUT_NAME="$OUT/web-e2e.json" npm run --silent e2e -- --reporter=list,json)
}

step "what the tests need" prepare
step "Go lint" tool golangci-lint run --allow-parallel-runners ./...
step "Go tests" go_tests
step "every placement, exactly" pixel_tests
step "signed files, read by c2pa-python" signed_files
step "OpenAPI document lint" document_lint
step "TypeScript client types and size" client_types
step "TypeScript client tests" client_tests
step "agents with the Python client" python_agents
step "a client that others generate" generated_clients
step "web types" web_types
step "web lint" web_lint
step "web unit tests" web_unit
step "generated files" scripts/drift.sh
step "web end to end" web_e2e

echo "took $((SECONDS - started)) s"
node scripts/count.mjs "$OUT" "${failed[@]+"${failed[@]}"}"
