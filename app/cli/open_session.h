// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/cli/command_line.h"
#include "app/cli/progress_line.h"
#include "core/study/session.h"

namespace bitloupe::cli {

/// Opens the session of a study and says its steps on `line`, which is taken off the screen when
/// that fails, so that the error stands alone.
[[nodiscard]] Result<study::Session> openSession(const study::StudyDescription& description,
                                                 std::unique_ptr<ProgressLine>& line,
                                                 const Context& context);

/// Opens the results of a session for writing.
[[nodiscard]] Result<std::unique_ptr<study::Journal>> openJournal(const std::string& path,
                                                                  const study::Session& session);

}  // namespace bitloupe::cli
