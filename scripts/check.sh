#!/usr/bin/env bash
# What a release must pass beside the tests: lint, known vulnerabilities, the
# licences of everything that ships, and a bill of materials. Every step runs;
# one that cannot (the two that ask a database need the network) fails. Words
# after the command run only the steps that have one of them in their name.
#
# GOVULNDB names another Go vulnerability database to ask (https://… or file://…,
# laid out as https://go.dev/doc/security/vuln/database says, or a folder of OSV
# files). Where that does not answer, the module that it is published from is
# asked for instead: a module proxy may be reachable where the database is not.
source "$(dirname "$0")/lib.sh"
failed=()
ran=0
only=("$@")
step() {
  local name=$1 word
  shift
  if [ ${#only[@]} -gt 0 ]; then
    for word in "${only[@]}" ''; do [[ -n $word && $name == *"$word"* ]] && break; done
    [ -n "$word" ] || return 0
  fi
  ran=$((ran + 1))
  echo "== $name"
  "$@" || { echo "== $name: FAILED" >&2; failed+=("$name"); }
}
# The version lines say which database answered, and of what day its data are.
# It must say that it found nothing: one that breaks off may still exit with 0.
govulncheck() {
  tool govulncheck ${GOVULNDB:+-db "$GOVULNDB"} -show version "${CHECK_PACKAGES:-./...}" 2>&1 | tee "$OUT/govulncheck.log" &&
    grep -qE '^(No vulnerabilities found|Your code is affected by 0 vulnerabilities)' "$OUT/govulncheck.log"
}
go_vulnerabilities() {
  govulncheck && return 0
  grep -qE '^(govulncheck: fetching|creating client)' "$OUT/govulncheck.log" || return 1
  echo "the database did not answer; asking for the module it is published from"
  # A cache of its own: what is fetched is data, and no part of the build.
  (cd "$OUT" && GOTOOLCHAIN=local GOWORK=off GOFLAGS=-modcacherw GOMODCACHE=$OUT/vulndb \
    go mod download -json golang.org/x/vulndb@latest) >"$OUT/vulndb.json" || echo "no newer copy can be had" >&2
  # Without a network the newest copy that was fetched before has to do.
  local folder
  folder=$(find "$OUT/vulndb/golang.org/x" -mindepth 1 -maxdepth 1 -name 'vulndb@*' 2>/dev/null | sort | tail -1)/data/osv
  [ -d "$folder" ] || { echo "neither the database nor its module can be had: set GOVULNDB to a copy" >&2; return 1; }
  # The folder has no index, from which govulncheck would know its date; the
  # module's version has it: v0.0.0-YYYYMMDDhhmmss-…
  echo "the database is of $(sed -E 's/.*-([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{6}-.*/\1-\2-\3/' <<<"$folder")"
  GOVULNDB=file://$folder govulncheck
}
go_licences() {
  CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -o bin/imagechat ./cmd/imagechat &&
    go -C tools run ./supply -binary "$ROOT/bin/imagechat" -sbom "$OUT/sbom-go.cdx.json"
}
# It reads the lock files alone: nothing has to be installed.
npm_audit() {
  local folder status=0
  for folder in web openapi/ts; do
    (cd "$folder" && npm audit --package-lock-only --audit-level=high) || status=1
  done
  return $status
}
web_bill() { need_packages web && (cd web && npm sbom --sbom-format cyclonedx --omit dev >"$OUT/sbom-web.cdx.json") && echo "bills of materials: .out/sbom-go.cdx.json .out/sbom-web.cdx.json"; }

need_node
step "lint" tool golangci-lint run ./...
step "modules are what their sums say" go mod verify
step "known vulnerabilities in Go (asks the Go vulnerability database)" go_vulnerabilities
step "known vulnerabilities in npm packages (asks the registry)" npm_audit
step "licences and bill of materials of the program" go_licences
step "bill of materials of the web app" web_bill
[ "$ran" -gt 0 ] || { echo "no step is called ${only[*]}" >&2; exit 1; }
[ ${#failed[@]} = 0 ] || { printf 'failed: %s\n' "${failed[@]}"; exit 1; }
