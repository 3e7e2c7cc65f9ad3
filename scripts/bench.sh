#!/usr/bin/env bash
# Measures the built program; arguments go to internal/bench (-help lists them).
source "$(dirname "$0")/lib.sh"
go run ./internal/bench "$@"
# What a turn with Gemini costs, beside the maker's SDK alone and a floor; only
# where nothing else was asked for.
[ $# -gt 0 ] || go test -run '^$' -bench . -benchtime 10x ./adapters/gemini
