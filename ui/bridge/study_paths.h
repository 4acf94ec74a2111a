// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/study/study_description.h"

class QString;

/// The files a study names, when it moves to another folder.
namespace bitloupe::ui {

/// Every relative path becomes absolute, so that the description no longer needs its folder.
void makePathsAbsolute(study::StudyDescription& description);

/// Paths inside `folder` become relative to it; others stay absolute. For writing the study there.
void makePathsRelative(study::StudyDescription& description, const QString& folder);

}  // namespace bitloupe::ui
