// SPDX-License-Identifier: Apache-2.0
#include "ui/window/session_state.h"

#include <QCryptographicHash>
#include <QSettings>

namespace bitloupe::ui::session_state {

namespace {

constexpr int kMostRecent = 8;

QString recentKey() {
    return QStringLiteral("recent");
}

QString pinsKey(const QString& resultsPath) {
    const QByteArray hash =
        QCryptographicHash::hash(resultsPath.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    return QStringLiteral("pins/") + QString::fromLatin1(hash);
}

}  // namespace

QStringList recentStudies() {
    return QSettings().value(recentKey()).toStringList();
}

void addRecentStudy(const QString& path) {
    QStringList paths = recentStudies();
    paths.removeAll(path);
    paths.prepend(path);
    QSettings().setValue(recentKey(), paths.mid(0, kMostRecent));
}

void forgetRecentStudy(const QString& path) {
    QStringList paths = recentStudies();
    paths.removeAll(path);
    QSettings().setValue(recentKey(), paths);
}

std::vector<std::int64_t> pins(const QString& resultsPath) {
    std::vector<std::int64_t> ids;
    for (const QString& id : QSettings().value(pinsKey(resultsPath)).toStringList()) {
        ids.push_back(id.toLongLong());
    }
    return ids;
}

void setPins(const QString& resultsPath, const std::vector<std::int64_t>& ids) {
    if (resultsPath.isEmpty()) {
        return;
    }
    QStringList texts;
    for (const std::int64_t id : ids) {
        texts << QString::number(id);
    }
    QSettings settings;
    texts.isEmpty() ? settings.remove(pinsKey(resultsPath))
                    : settings.setValue(pinsKey(resultsPath), texts);
}

ThemeMode theme() {
    const int mode = QSettings().value(QStringLiteral("theme")).toInt();
    return mode == 1 ? ThemeMode::Light : mode == 2 ? ThemeMode::Dark : ThemeMode::System;
}

void setTheme(ThemeMode mode) {
    QSettings().setValue(QStringLiteral("theme"), static_cast<int>(mode));
}

QByteArray blob(const QString& key) {
    return QSettings().value(key).toByteArray();
}

void setBlob(const QString& key, const QByteArray& value) {
    QSettings().setValue(key, value);
}

}  // namespace bitloupe::ui::session_state
