// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QFont>
#include <QString>

class QLabel;
class QWidget;

namespace bitloupe::ui {

/// The few sizes of text there are. All follow the application's font.
enum class TextRole {
    Title,    ///< name of a page
    Heading,  ///< name of a part
    Body,     ///< everything else
    Muted,    ///< explanations and units
    Figure    ///< a number that is looked at, digits of equal width
};

[[nodiscard]] QFont fontOf(TextRole role);
/// A label whose colour and size follow theme and font by themselves.
[[nodiscard]] QLabel* makeLabel(const QString& text, TextRole role, QWidget* parent = nullptr);
/// A label for whole sentences: wraps, and may be selected with the mouse.
[[nodiscard]] QLabel* makeSentence(const QString& text, TextRole role, QWidget* parent = nullptr);
/// A hairline across a layout.
[[nodiscard]] QWidget* makeRule(Qt::Orientation orientation, QWidget* parent = nullptr);

}  // namespace bitloupe::ui
