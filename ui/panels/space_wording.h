// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

namespace bitloupe::ui {

class StudyDocument;

/// "10 slots × 5 formats = 9,765,625 designs", or why there is no space yet.
[[nodiscard]] QString spaceSentence(const StudyDocument& document);
/// How much of it will be evaluated and how long that takes.
[[nodiscard]] QString workSentence(const StudyDocument& document);

}  // namespace bitloupe::ui
