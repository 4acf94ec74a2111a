// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

namespace bitloupe::ui {

/// What a dropped or named file is taken for, before it is read.
enum class FileKind { Study, Results, Network, Data };

/// By its content where that is certain (a results file, a study or data description in YAML), else
/// by its name. A file nobody knows is taken for data, whose reader says what it can read.
[[nodiscard]] FileKind guessKind(const QString& path);

/// Where the results of a study file are kept: beside it, with the suffix `.bitloupe`, as the
/// command line does.
[[nodiscard]] QString resultsPathFor(const QString& studyPath);
/// A neighbour of `resultsPath` that does not exist yet.
[[nodiscard]] QString unusedResultsPath(const QString& resultsPath);

/// Folders of the person's own data: made when missing.
[[nodiscard]] QString folderForNewStudy(const QString& name);
[[nodiscard]] QString folderForExample(const QString& name);

}  // namespace bitloupe::ui
