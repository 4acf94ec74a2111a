// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/backend.h"

namespace bitloupe::ui {

/// The half of the core that runs no network, and needs no LibTorch: studies, journals, examples.
[[nodiscard]] Backend fileBackend();

/// The results at `path`, to add to them; they are made where they are missing.
[[nodiscard]] Result<std::unique_ptr<study::Journal>> writableJournal(
    const std::string& path, const study::Session& session);

}  // namespace bitloupe::ui
