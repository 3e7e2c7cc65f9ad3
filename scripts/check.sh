#!/usr/bin/env bash
# What a release must pass beside the tests: lint, known vulnerabilities, the
# licences of everything that ships, and a bill of materials. Every step runs;
# one that cannot (the two that ask a database need the network) fails.
source "$(dirname "$0")/lib.sh"
failed=()
step() {
  local name=$1
  shift
  echo "== $name"
  "$@" || { echo "== $name: FAILED" >&2; failed+=("$name"); }
}
go_licences() {
  CGO_ENABLED=0 go build -trimpath -o bin/imagechat ./cmd/imagechat &&
    go -C tools run ./supply -binary "$ROOT/bin/imagechat" -sbom "$OUT/sbom-go.cdx.json"
}
npm_audit() { (cd web && npm audit --audit-level=high) && (cd openapi/ts && npm audit --audit-level=high); }
web_bill() { (cd web && npm sbom --sbom-format cyclonedx --omit dev >"$OUT/sbom-web.cdx.json"); }

need_web
step "lint" tool golangci-lint run ./...
step "modules are what their sums say" go mod verify
step "known vulnerabilities in Go (asks vuln.go.dev)" tool govulncheck ./...
step "known vulnerabilities in npm packages (asks the registry)" npm_audit
step "licences and bill of materials of the program" go_licences
step "bill of materials of the web app" web_bill
echo "bills of materials: .out/sbom-go.cdx.json .out/sbom-web.cdx.json"
[ ${#failed[@]} = 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
