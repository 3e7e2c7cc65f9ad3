#!/usr/bin/env bash
# Measures the built program; arguments go to internal/bench (-help lists them).
source "$(dirname "$0")/lib.sh"
go run ./internal/bench "$@"
