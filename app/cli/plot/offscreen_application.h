// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

class QApplication;

namespace bitloupe::cli {

struct ApplicationDeleter {
    void operator()(QApplication* application) const;
};
/// An application of its own when there is none, without a display; else nothing.
[[nodiscard]] std::unique_ptr<QApplication, ApplicationDeleter> makeOffscreenApplication();

}  // namespace bitloupe::cli
