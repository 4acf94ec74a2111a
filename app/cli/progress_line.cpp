// SPDX-License-Identifier: Apache-2.0
#include "app/cli/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace bitloupe::cli {

namespace {

using exploration::Phase;

constexpr std::chrono::seconds kLineEvery{2};
constexpr std::chrono::milliseconds kRedrawEvery{100};

std::string phaseName(Phase phase) {
    switch (phase) {
        case Phase::Reference:
            return "float network";
        case Phase::Sensitivity:
            return "sensitivity";
        case Phase::Search:
            return "search";
    }
    return "";
}

std::string durationText(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    if (whole < 120) {
        return std::to_string(whole) + " s";
    }
    const std::int64_t minutes = (whole + 30) / 60;
    if (minutes < 120) {
        return std::to_string(minutes) + " min";
    }
    return std::to_string((minutes + 30) / 60) + " h";
}

}  // namespace

std::string progressText(const exploration::Progress& progress) {
    std::ostringstream text;
    text << phaseName(progress.phase) << ' ' << progress.done << " of " << progress.total;
    if (progress.perSecond > 0) {
        text << ", " << std::setprecision(3) << progress.perSecond << " a second";
    }
    if (progress.secondsLeft > 0) {
        text << ", about " << durationText(progress.secondsLeft) << " left";
    }
    return text.str();
}

ProgressLine::ProgressLine(std::ostream& err, bool quiet)
    : m_err(err),
      m_quiet(quiet),
      m_isTerminal(&err == &std::cerr && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    if (m_width > 0) {
        m_err << '\n';
    }
}

void ProgressLine::show(const exploration::Progress& progress) {
    const std::scoped_lock lock(m_mutex);
    const bool isEdge = progress.phase != m_phase || progress.done >= progress.total;
    m_phase = progress.phase;
    write(progressText(progress), isEdge);
}

void ProgressLine::show(const std::string& step, bool isImportant) {
    const std::scoped_lock lock(m_mutex);
    write(step, isImportant);
}

void ProgressLine::write(const std::string& text, bool isImportant) {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = m_isTerminal ? std::chrono::milliseconds(kRedrawEvery) : kLineEvery;
    if (m_quiet || (!isImportant && now - m_last < pause)) {
        return;
    }
    m_last = now;
    if (m_isTerminal) {
        m_err << '\r' << text << std::string(std::max(m_width, text.size()) - text.size(), ' ')
              << std::flush;
        m_width = text.size();
    } else {
        m_err << text << std::endl;
    }
}

}  // namespace bitloupe::cli
