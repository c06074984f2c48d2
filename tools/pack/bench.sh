#!/bin/sh
# The benchmark of neurite on this machine's GPU: prints the GPU and the results, and writes neurite-bench.json where it
# is called. Needs Linux on x64 with glibc 2.34 or later and a Vulkan driver; nothing is installed or fetched.
#
#   ./bench.sh --help
set -eu
PATH="${PATH:-}:/usr/bin:/bin"
case "$0" in */*) here=${0%/*} ;; *) here=. ;; esac
here=$(CDPATH='' cd -- "$here" && pwd)

# Under a name of this process' own first, so that a run that is stopped leaves no half of a file.
unpack() {
  [ -e "$here/$1" ] && return
  gzip -dc "$here/$1.gz" >"$here/$1.$$" && chmod +x "$here/$1.$$" && mv "$here/$1.$$" "$here/$1" && return
  rm -f "$here/$1.$$"
  echo "error: $here/$1 cannot be unpacked: copy the folder to where 130 MB may be written, and see that gzip is there" >&2
  exit 1
}
unpack node
unpack node_modules/webgpu/dist/linux-x64/dawn.node
exec "$here/node" "$here/bench.mjs" "$@"
