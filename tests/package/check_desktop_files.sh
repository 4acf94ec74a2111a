#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The files that a desktop reads, by the desktop's own validators: check_desktop_files.sh RESOURCES
set -euo pipefail
cd "$1"
for tool in desktop-file-validate appstreamcli xmllint; do
  command -v "$tool" >/dev/null || { echo "not run: $tool is not installed"; exit 77; }
done
desktop-file-validate desktop/*.desktop
appstreamcli validate --no-net --no-color desktop/*.metainfo.xml
xmllint --noout desktop/bitloupe.xml icons/*.svg
for page in man/*.1; do
  [ -z "$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)" ] || {
    echo "$page has faults"; exit 1; }
done
