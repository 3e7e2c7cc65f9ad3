#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 20s) each. What one finds does
# not keep the others from being run.
source "$(dirname "$0")/lib.sh"
time=${FUZZTIME:-20s}
ran=0
failed=()
while IFS=: read -r file target; do
  ran=$((ran + 1))
  echo "== $target in $(dirname "$file")"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$time" || failed+=("$target in $(dirname "$file")")
done < <(git grep -oE '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sed 's/func //')
[ "$ran" -gt 0 ] || { echo "no fuzz target was found" >&2; exit 1; }
[ ${#failed[@]} = 0 ] || { printf 'found something: %s\n' "${failed[@]}" >&2; exit 1; }
echo "$ran targets, nothing found"
