#!/usr/bin/env bash
# Makes everything that is generated and committed: the OpenAPI document, the
# clients and the web app's dist. Needs Node.
source "$(dirname "$0")/lib.sh"
need_web
go test ./adapters/humaapi -run TestTheCommittedDocumentIsWhatTheTypesSay -update -count=1
(cd openapi/ts && npm run --silent generate)
go generate ./...
(cd web && npm run --silent build)
