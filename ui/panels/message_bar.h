// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <functional>

#include "core/base/error.h"

class QVBoxLayout;

namespace bitloupe::ui {

/// News and errors, one line each, above the page and never in the way. The latest three are shown;
/// an error stays until it is closed.
class MessageBar : public QWidget {
    Q_OBJECT

public:
    enum class Kind { News, Warning, Problem };

    explicit MessageBar(QWidget* parent = nullptr);

    [[nodiscard]] static QString iconOf(Kind kind);

    /// What is wrong, where, and what to do; the details can be copied.
    void showError(const Error& error);
    /// `action` is a button when it is not empty; the message goes when it was pressed.
    void showMessage(Kind kind, const QString& sentence, const QString& action = {},
                     const std::function<void()>& act = {});
    void clear();
    [[nodiscard]] QStringList sentences() const;

Q_SIGNALS:
    /// Everything that is told, also what the bar has no room for. `advice` may be empty.
    void told(bitloupe::ui::MessageBar::Kind kind, const QString& sentence, const QString& advice);

private:
    class Line;
    void add(Line* line);
    void remove(Line* line);
    QVBoxLayout* m_layout;
};

}  // namespace bitloupe::ui
