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

QString keyFor(const QString& group, const QString& resultsPath) {
    const QByteArray hash =
        QCryptographicHash::hash(resultsPath.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    return group + QLatin1Char('/') + QString::fromLatin1(hash);
}

QString pinsKey(const QString& resultsPath) {
    return keyFor(QStringLiteral("pins"), resultsPath);
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

StudyView view(const QString& resultsPath) {
    const QVariantList kept =
        QSettings().value(keyFor(QStringLiteral("view"), resultsPath)).toList();
    return kept.size() == 3
               ? StudyView{kept.at(0).toInt(), kept.at(1).toLongLong(), kept.at(2).toString()}
               : StudyView();
}

void setView(const QString& resultsPath, const StudyView& view) {
    if (!resultsPath.isEmpty()) {
        QSettings().setValue(
            keyFor(QStringLiteral("view"), resultsPath),
            QVariantList{view.page, static_cast<qlonglong>(view.design), view.filter});
    }
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
