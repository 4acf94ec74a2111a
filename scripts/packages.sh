#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what Bitloupe is built from, on Debian 12 and 13. Source this file and call
# bitloupe_install_packages; it asks apt only when something is missing.

# One line per need; alternatives (the releases name some packages differently) are split by "|".
bitloupe_packages=(
  "build-essential" "cmake" "ninja-build" "pkg-config" "ccache" "ca-certificates"
  "qt6-base-dev" "qt6-charts-dev|libqt6charts6-dev" "qt6-svg-dev|libqt6svg6-dev"
  "libqt6opengl6-dev|qt6-base-dev" "libgl-dev" "qt6-qpa-plugins"
  "libtorch-dev" "libopenblas0-openmp" "libonnx-dev" "libprotobuf-dev" "protobuf-compiler"
  "libhwy-dev" "libcli11-dev" "nlohmann-json3-dev" "libyaml-cpp-dev" "libsqlite3-dev"
  "libzip-dev" "zlib1g-dev" "libpng-dev" "libjpeg-dev" "libhdf5-dev" "fonts-dejavu-core"
)
# Only the tests need these: the Python environment of the export checks, and what reads Verilog.
bitloupe_test_packages=("python3" "python3-venv" "python3-dev" "iverilog" "verilator" "yosys" "desktop-file-utils" "appstream" "libxml2-utils" "man-db")

bitloupe_is_installed() {
  dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# The first alternative that is installed, else the first that apt knows.
bitloupe_pick() {
  local alternatives name
  IFS='|' read -ra alternatives <<<"$1"
  for name in "${alternatives[@]}"; do
    if bitloupe_is_installed "$name"; then return 0; fi
  done
  for name in "${alternatives[@]}"; do
    if apt-cache show "$name" >/dev/null 2>&1; then echo "$name"; return 0; fi
  done
  echo "${alternatives[0]}"
}

bitloupe_install_packages() {
  local need missing=() installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  for need in "$@"; do
    grep -qxE "$need" <<<"$installed" || missing+=("$need")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Bitloupe needs these packages, and neither root nor sudo is at hand: ${missing[*]}" >&2
      return 1
    }
    echo "Bitloupe installs what it is built from with apt; sudo may ask for your password." >&2
    as_root=(sudo)
  fi
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq || echo "apt could not refresh its lists; going on with the old ones" >&2
  local packages=()
  for need in "${missing[@]}"; do packages+=($(bitloupe_pick "$need")); done
  echo "Installing: ${packages[*]}" >&2
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || {
    echo "apt could not install: ${packages[*]}. Run 'apt-get install ${packages[*]}' to see why." >&2
    return 1
  }
}
