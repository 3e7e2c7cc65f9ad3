#!/usr/bin/env bash
# Fails when what is committed differs from what would be generated now.
source "$(dirname "$0")/lib.sh"
# Sums instead of git diff: other changes in the working tree don't matter.
sums() { git ls-files -co --exclude-standard -- openapi web/dist web/src | sort -u | xargs -r -d '\n' sha256sum 2>/dev/null || true; }
sums >"$OUT/generated.before"
scripts/generate.sh
sums >"$OUT/generated.after"
diff -u "$OUT/generated.before" "$OUT/generated.after" ||
  { echo "generated files were out of date; they are made anew now: commit them (make generate)" >&2; exit 1; }
