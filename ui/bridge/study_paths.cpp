// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/study_paths.h"

#include <QDir>
#include <functional>

namespace bitloupe::ui {

namespace {

bool isFile(const std::string& path) {
    return !path.empty() && !path.starts_with("architecture:");
}

void forEachPath(study::StudyDescription& description,
                 const std::function<void(std::string& path, const std::string& folder)>& visit) {
    for (std::string* path : {&description.network.model, &description.network.weightsFile}) {
        if (isFile(*path)) {
            visit(*path, description.folder);
        }
    }
    for (auto& [name, source] : description.data.sources) {
        for (auto& [part, path] : source.files) {
            if (isFile(path)) {
                visit(path, description.data.folder);
            }
        }
    }
}

}  // namespace

void makePathsAbsolute(study::StudyDescription& description) {
    forEachPath(description, [](std::string& path, const std::string& folder) {
        const QString inFolder = QString::fromStdString(folder);
        path = QDir(inFolder.isEmpty() ? QDir::currentPath() : inFolder)
                   .absoluteFilePath(QString::fromStdString(path))
                   .toStdString();
    });
    description.folder.clear();
    description.data.folder.clear();
}

void makePathsRelative(study::StudyDescription& description, const QString& folder) {
    makePathsAbsolute(description);
    const QDir home(folder);
    forEachPath(description, [&home](std::string& path, const std::string&) {
        const QString relative = home.relativeFilePath(QString::fromStdString(path));
        if (!relative.startsWith(QLatin1String(".."))) {
            path = relative.toStdString();
        }
    });
    description.folder = folder.toStdString();
    description.data.folder = folder.toStdString();
}

}  // namespace bitloupe::ui
