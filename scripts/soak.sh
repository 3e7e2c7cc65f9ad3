#!/usr/bin/env bash
# Loads a server for SOAKTIME (default 10m) and prints its memory over time;
# before that, kills it CRASH_ROUNDS times (default 200) under load and plays
# STORIES (default 200) on real stores and ten thousand in memory.
source "$(dirname "$0")/lib.sh"
CRASH_ROUNDS="${CRASH_ROUNDS:-200}" go test ./internal/crashtest -count=1 -timeout 30m -v -run TestRandomKillsUnderLoad
STORIES="${STORIES:-200}" go test ./imagechat -count=1 -timeout 30m -run TestThePromises -rapid.checks=10000
go run ./internal/bench -soak "${SOAKTIME:-10m}" "$@"
