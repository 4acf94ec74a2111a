// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/study/session.h"

namespace bitloupe::study {

/// How the last measurement of a front ended, and of how many designs it has a result.
struct TestReport {
    JobOutcome outcome = JobOutcome::Finished;
    std::size_t measured = 0;
    Error error;
};

/// Measures designs on the test split, which no search has looked at, and keeps each result in the
/// journal as soon as it is there. `results`: the journal's file, beside which fine-tuned weights
/// lie. What the journal has already is not measured again. Without a test split nothing happens.
[[nodiscard]] TestReport measureOnTestSplit(const Session& session, Journal& journal,
                                            const std::string& results,
                                            const std::vector<exploration::Evaluation>& designs,
                                            const std::stop_token& stop,
                                            const std::function<void(double)>& progress);

}  // namespace bitloupe::study
