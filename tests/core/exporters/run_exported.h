// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <span>
#include <string>
#include <vector>

#include "core/exporters/exporter.h"

namespace bitloupe::testing {

/// The export kind with this key.
[[nodiscard]] exporters::ExportKind exportKind(const std::string& key);

/// What a consumer made of one exported network.
struct ConsumerRun {
    std::vector<float> outputs;  ///< the network's first output
    QByteArray operators;        ///< those in the file: "Conv=2 Gemm=3"
};

/// Runs exported networks in their own consumer (a script of this folder) on `inputs` of `shape`
/// ("50x1x8x8"), all in one process; nothing after a failure, which is printed.
[[nodiscard]] std::vector<ConsumerRun> runExported(const QString& script, const QStringList& models,
                                                   std::span<const float> inputs,
                                                   const QString& shape);

}  // namespace bitloupe::testing
