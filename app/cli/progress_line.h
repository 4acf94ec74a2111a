// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <iosfwd>
#include <mutex>
#include <string>

#include "core/exploration/explorer.h"

namespace bitloupe::cli {

/// "search 120 of 1000, 35.2 a second, about 25 s left"
[[nodiscard]] std::string progressText(const exploration::Progress& progress);

/// Progress on stderr: one line that is written over on a terminal, a line every two seconds
/// elsewhere. May be used from any thread.
class ProgressLine {
public:
    /// Silent when `quiet`.
    ProgressLine(std::ostream& err, bool quiet);
    ~ProgressLine();  ///< ends the line
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const exploration::Progress& progress);
    /// A step without numbers ("reading the network"), or one of many when not `isImportant`.
    void show(const std::string& step, bool isImportant = true);

private:
    void write(const std::string& text, bool isImportant);

    std::mutex m_mutex;
    std::ostream& m_err;
    bool m_quiet;
    bool m_isTerminal;
    std::size_t m_width = 0;  ///< of the line that stands on the terminal
    exploration::Phase m_phase = exploration::Phase::Reference;
    std::chrono::steady_clock::time_point m_last;
};

}  // namespace bitloupe::cli
