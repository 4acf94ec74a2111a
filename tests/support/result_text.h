// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QByteArray>

#include "core/base/result.h"

namespace bitloupe::testing {

/// What went wrong, or "": QVERIFY2 evaluates its message also when all is well.
template <typename T>
[[nodiscard]] QByteArray reason(const Result<T>& result) {
    return result.hasError() ? QByteArray::fromStdString(result.error().sentence()) : QByteArray();
}

}  // namespace bitloupe::testing
