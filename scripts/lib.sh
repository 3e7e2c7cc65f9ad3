# Sourced by the other scripts: where things are, and how to get what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
OUT=${CHECK_OUT:-$ROOT/.out} # logs and reports; ignored by git
mkdir -p "$OUT"

# Tests, checks and releases use the compiler that go.mod names: some
# distributions switch the fetching of a newer one off. Where it cannot be had,
# the installed one works, but for its known vulnerabilities.
pinned=$(sed -n 's/^toolchain //p' "$ROOT/go.mod")
if command -v go >/dev/null && [ "$(go env GOVERSION)" != "$pinned" ]; then
  if GOTOOLCHAIN=$pinned go version >/dev/null 2>&1; then
    export GOTOOLCHAIN=$pinned
  else
    echo "go.mod asks for $pinned, which cannot be fetched: going on with $(go env GOVERSION)" >&2
  fi
fi

# The linter's cache remembers whole paths: shared between clones, it reports on
# files of one that has been deleted.
export GOLANGCI_LINT_CACHE=$OUT/golangci-lint

# tool NAME ARGS... runs a development tool pinned in tools/go.mod. Go builds
# it on first use and keeps the program in its build cache.
tool() { go tool -modfile="$ROOT/tools/go.mod" "$@"; }

# get WHAT DEBIAN-PACKAGE... installs packages where it may, else it says what
# to install and fails.
get() {
  local what=$1 as=(env)
  shift
  [ "$(id -u)" = 0 ] || as=(sudo -n env)
  if ! command -v apt-get >/dev/null || ! "${as[@]}" true 2>/dev/null; then
    echo "$what is missing: install it (Debian, Ubuntu: sudo apt-get install $*) and run again" >&2
    return 1
  fi
  echo "installing $* (for $what)"
  { "${as[@]}" apt-get update -qq && "${as[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$OUT/apt.log" 2>&1 ||
    { tail -5 "$OUT/apt.log" >&2; echo "$what is missing, and apt-get install $* failed" >&2; return 1; }
}

# need COMMAND DEBIAN-PACKAGE makes sure that a command exists.
need() { command -v "$1" >/dev/null || get "$1" "$2"; }

# need_compiler makes sure that C compiles and links, which Go's race detector
# asks for: a compiler without the C library's headers is as good as none.
need_compiler() {
  printf '#include <stdio.h>\nint main(void) { return 0; }\n' | gcc -x c -o /dev/null - 2>/dev/null ||
    get "a C compiler" gcc libc6-dev
}

# python_with REQUIREMENTS prints the Python of an environment that holds the
# packages of a file, made once for each state of it.
python_with() {
  local want folder
  want=$(sha256sum "$1" | cut -c1-16)
  folder=$OUT/python-$want
  if [ ! -e "$folder/.installed" ]; then
    need python3 python3 >&2
    rm -rf "$folder"
    python3 -m venv "$folder" >&2 || { rm -rf "$folder" && get "Python's venv" python3-venv >&2 && python3 -m venv "$folder" >&2; } || return 1
    "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$1" >&2 || return 1
    touch "$folder/.installed"
  fi
  echo "$folder/bin/python"
}

# need_node accepts only a Node that the web tools run on.
need_node() {
  need node nodejs
  need npm npm
  node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)' ||
    { echo "Node $(node --version) is too old: install 20.19 or newer (https://nodejs.org) and run again" >&2; return 1; }
}

# need_packages installs the npm packages of a folder, once for each state of its lock file.
need_packages() {
  need_node
  local stamp=$1/node_modules/.installed want
  want=$(sha256sum "$1/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return 0
  (cd "$1" && npm ci --no-audit --no-fund)
  echo "$want" >"$stamp"
}
need_web() { need_packages web && need_packages openapi/ts; }
