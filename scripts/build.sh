#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bitloupe_build PRESET TARGET...: configures when needed and builds, with one progress line on a terminal.
bitloupe_build() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    local log="build/$preset-configure.log"
    mkdir -p build
    cmake --preset "$preset" >"$log" 2>&1 || { tail -30 "$log" >&2; return 1; }
  fi
  # Links of LibTorch programs are the only steps that take much memory; two at a time fit in 4 GiB.
  NINJA_STATUS='[%f/%t, %es] ' ninja -C "build/$preset" "$@"
}
