// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/file_kinds.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>

namespace bitloupe::ui {

namespace {

QString personalFolder(const QString& part) {
    const QString folder =
        QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QLatin1Char('/') + part;
    QDir().mkpath(folder);
    return folder;
}

QString beside(const QString& path, const QString& ending) {
    const QFileInfo file(path);
    return file.absolutePath() + QLatin1Char('/') + file.completeBaseName() + ending;
}

}  // namespace

FileKind guessKind(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    QFile file(path);
    const QByteArray start = file.open(QIODevice::ReadOnly) ? file.read(64 * 1024) : QByteArray();
    if (start.startsWith("SQLite format 3") || suffix == QLatin1String("bitloupe")) {
        return FileKind::Results;
    }
    if (suffix == QLatin1String("yaml") || suffix == QLatin1String("yml")) {
        static const QRegularExpression kOfStudy(
            QStringLiteral("^(network|accelerators?|objectives|strategy)\\s*:"),
            QRegularExpression::MultilineOption);
        const bool data =
            start.contains("kind:") && !kOfStudy.match(QString::fromUtf8(start)).hasMatch();
        return data ? FileKind::Data : FileKind::Study;
    }
    for (const char* known : {"onnx", "pth", "pt", "safetensors"}) {
        if (suffix == QLatin1String(known)) {
            return FileKind::Network;
        }
    }
    return FileKind::Data;
}

QString resultsPathFor(const QString& studyPath) {
    return beside(studyPath, QStringLiteral(".bitloupe"));
}

QString unusedResultsPath(const QString& resultsPath) {
    const QString suffix = QFileInfo(resultsPath).suffix();
    for (int number = 2;; ++number) {
        const QString candidate =
            beside(resultsPath, QStringLiteral("-%1.%2").arg(number).arg(suffix));
        if (!QFileInfo::exists(candidate)) {
            return candidate;
        }
    }
}

QString folderForNewStudy(const QString& name) {
    static const QRegularExpression kUnfit(QStringLiteral("[^A-Za-z0-9]+"));
    QString stem = QString(name).replace(kUnfit, QStringLiteral("-")).left(40);
    const QString time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    return personalFolder(QStringLiteral("studies/%1-%2").arg(stem, time));
}

QString folderForExample(const QString& name) {
    return personalFolder(QStringLiteral("examples/") + name);
}

}  // namespace bitloupe::ui
