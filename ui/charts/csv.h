// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QStringList>

namespace bitloupe::charts {

/// One record of RFC 4180: quoted where needed, ended by CR LF.
[[nodiscard]] QString csvRow(const QStringList& fields);

/// The shortest text that reads back as the same number; empty for NaN.
[[nodiscard]] QString csvNumber(double value);

}  // namespace bitloupe::charts
