#!/usr/bin/env bash
# Loads a server for SOAKTIME (default 10m) and prints its memory over time.
source "$(dirname "$0")/lib.sh"
go run ./internal/bench -soak "${SOAKTIME:-10m}" "$@"
