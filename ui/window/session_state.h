// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "ui/theme/theme.h"

/// What the window remembers from one time to the next: only how it looks, never what is studied.
namespace bitloupe::ui::session_state {

[[nodiscard]] QStringList recentStudies();
/// Puts `path` first; the list keeps eight.
void addRecentStudy(const QString& path);
void forgetRecentStudy(const QString& path);

/// Pinned designs of one results file.
[[nodiscard]] std::vector<std::int64_t> pins(const QString& resultsPath);
void setPins(const QString& resultsPath, const std::vector<std::int64_t>& pins);

/// How one results file was last looked at.
struct StudyView {
    int page = -1;            ///< -1: not known
    std::int64_t design = 0;  ///< selected
    QString filter;           ///< DesignFilter::toText()
};
[[nodiscard]] StudyView view(const QString& resultsPath);
void setView(const QString& resultsPath, const StudyView& view);

[[nodiscard]] ThemeMode theme();
void setTheme(ThemeMode mode);

[[nodiscard]] QByteArray blob(const QString& key);
void setBlob(const QString& key, const QByteArray& value);

}  // namespace bitloupe::ui::session_state
