#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 20s) each.
source "$(dirname "$0")/lib.sh"
time=${FUZZTIME:-20s}
found=0
while IFS=: read -r file target; do
  found=$((found + 1))
  echo "== $target in $(dirname "$file")"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$time"
done < <(git grep -oE '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sed 's/func //')
[ "$found" -gt 0 ] || { echo "no fuzz target was found" >&2; exit 1; }
echo "$found targets, nothing found"
