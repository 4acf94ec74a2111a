// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <span>
#include <string>
#include <vector>

#include "core/exporters/exporter.h"

namespace bitloupe::testing {

/// The export kind with this key.
[[nodiscard]] exporters::ExportKind exportKind(const std::string& key);

/// Runs an exported network in its own consumer (a script of this folder) on `inputs` of `shape`
/// ("50x1x8x8") and returns its first output, empty after a failure, which is printed. `operators`
/// gets what the file holds.
[[nodiscard]] std::vector<float> runExported(const QString& script, const QString& model,
                                             std::span<const float> inputs, const QString& shape,
                                             QByteArray& operators);

}  // namespace bitloupe::testing
