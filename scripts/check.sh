#!/usr/bin/env bash
# What a release must pass beside the tests: lint, known vulnerabilities, the
# licences of everything that ships, and a bill of materials.
source "$(dirname "$0")/lib.sh"
need_web
echo "== lint"
tool golangci-lint run ./...
echo "== modules are what their sums say"
go mod verify
echo "== known vulnerabilities in Go (asks https://vuln.go.dev)"
tool govulncheck ./... || { echo "govulncheck failed: see above; it needs the network to read its database" >&2; exit 1; }
echo "== known vulnerabilities in npm packages"
(cd web && npm audit --audit-level=high)
echo "== licences and bill of materials"
go build -trimpath -o bin/imagechat ./cmd/imagechat
go -C tools run ./supply -binary "$ROOT/bin/imagechat" -sbom "$OUT/sbom-go.cdx.json"
(cd web && npm sbom --sbom-format cyclonedx --omit dev >"$OUT/sbom-web.cdx.json")
echo "bills of materials: .out/sbom-go.cdx.json .out/sbom-web.cdx.json"
