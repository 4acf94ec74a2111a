// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace bitloupe::ui {

/// A part of the set-up: a line, its name, its state in a sign and one sentence, and below what
/// belongs to it.
class Card : public QWidget {
    Q_OBJECT

public:
    enum class State { Empty, Ready, Problem };

    explicit Card(const QString& name, QWidget* parent = nullptr);

    void setState(State state, const QString& sentence);
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QVBoxLayout& content() { return *m_content; }
    /// Widgets at the right of the name.
    [[nodiscard]] QHBoxLayout& tools() { return *m_tools; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void paintSign();

    State m_state = State::Empty;
    QLabel* m_sign;
    QLabel* m_sentence;
    QHBoxLayout* m_tools;
    QVBoxLayout* m_content;
};

}  // namespace bitloupe::ui
