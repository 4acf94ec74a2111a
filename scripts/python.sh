#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Python packages that only tests need, in build/python, outside the system's packages.
# onnx is held back: newer ones make files that qonnx asks ONNX Runtime to run and it refuses.
bitloupe_python_packages=("onnxruntime" "onnx==1.19.1" "numpy" "qonnx" "safetensors" "h5py" "pillow" "scalesim==3.0.0"
                          "hls4ml" "pyyaml")
bitloupe_python_state=""

bitloupe_python_environment() {
  local folder="$PWD/build/python" stamp
  stamp="$folder/installed-$(tr ' ' '-' <<<"${bitloupe_python_packages[*]}")"
  if [ ! -f "$stamp" ]; then
    echo "Making a Python environment for the export checks (${bitloupe_python_packages[*]})" >&2
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check \
             "${bitloupe_python_packages[@]}" && touch "$stamp"; } >build-python.log 2>&1; then
      mkdir -p build && mv build-python.log build/python.log
      bitloupe_python_state="missing"
      return 0
    fi
    rm -f build-python.log
  fi
  export BITLOUPE_TEST_PYTHON="$folder/bin/python3"
}

# Said last, so that nobody takes a skipped check for a passed one.
bitloupe_python_report() {
  if [ "$bitloupe_python_state" = "missing" ]; then
    echo "NOT RUN: the checks against ${bitloupe_python_packages[*]} (the package index could not be reached; see build/python.log)"
  fi
}
