# Read by the other scripts: a virtual environment that holds exactly what a lock says, and nothing of this machine.

unset PYTHONPATH PYTHONHOME PYTHONSTARTUP

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 2
}

# The first Python that is new enough; PYTHON in the environment goes first.
find_python() {
  for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Debian keeps this in a package of its own.
can_make_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# What the environment was made of: when any of it changes, it is made anew.
_fingerprint() {
  python=$1 lock=$2
  {
    printf '%s\n' "$PWD"
    "$python" -c 'import sys; print(sys.version, sys.executable)'
    cat pyproject.toml requirements-build.lock "$lock" scripts/environment.sh
  } | sha256sum
}

# make_environment FOLDER LOCK: the lock with its hashes checked, and the project itself. Reused while nothing changed.
make_environment() {
  folder=$1 lock=$2
  python=$(find_python) || fail 'this needs Python 3.11 or newer (Debian 12 or newer: apt-get install python3 python3-venv)'
  can_make_environments "$python" ||
    fail "$python cannot make virtual environments; install them first (Debian: apt-get install python3-venv)"
  fingerprint=$(_fingerprint "$python" "$lock")
  if [ "$(cat "$folder/fingerprint" 2>/dev/null)" = "$fingerprint" ] && "$folder/bin/python" -c 'import ksmail' 2>/dev/null; then
    return
  fi
  if [ -e "$folder" ] && [ ! -e "$folder/pyvenv.cfg" ]; then
    fail "$folder is in the way: it is no virtual environment"
  fi
  say "Making $folder (once; later runs reuse it) ..."
  rm -rf "$folder"
  "$python" -m venv "$folder" || fail "could not make $folder"
  # The tools that build come first, from a lock too: a build in isolation would fetch whatever is newest.
  _pip "$folder" --require-hashes -r requirements-build.lock
  _pip "$folder" --require-hashes --no-build-isolation --use-pep517 -r "$lock"
  _pip "$folder" --no-deps --no-build-isolation -e .
  printf '%s\n' "$fingerprint" >"$folder/fingerprint"
}

_pip() {
  target=$1
  shift
  "$target/bin/python" -m pip install -qq --disable-pip-version-check --no-input "$@" ||
    fail "pip could not install what $target needs; the lines above say why (is the network there?)"
}
