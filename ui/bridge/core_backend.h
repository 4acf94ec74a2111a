// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/backend.h"

namespace bitloupe::ui {

/// The real thing: importers, data readers, LibTorch evaluation, journals on disk.
[[nodiscard]] Backend coreBackend();

}  // namespace bitloupe::ui
