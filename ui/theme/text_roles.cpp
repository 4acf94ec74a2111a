// SPDX-License-Identifier: Apache-2.0
#include "ui/theme/text_roles.h"

#include <QApplication>
#include <QLabel>
#include <QPainter>

#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

class Rule final : public QWidget {
public:
    Rule(Qt::Orientation orientation, QWidget* parent) : QWidget(parent) {
        const bool horizontal = orientation == Qt::Horizontal;
        setSizePolicy(horizontal ? QSizePolicy::Expanding : QSizePolicy::Fixed,
                      horizontal ? QSizePolicy::Fixed : QSizePolicy::Expanding);
        horizontal ? setFixedHeight(1) : setFixedWidth(1);
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QPainter(this).fillRect(rect(), Colors::of(palette()).line);
    }
};

}  // namespace

QFont fontOf(TextRole role) {
    QFont font = QApplication::font();
    switch (role) {
        case TextRole::Title:
            font.setPointSizeF(font.pointSizeF() * 1.45);
            font.setWeight(QFont::DemiBold);
            break;
        case TextRole::Heading:
            font.setWeight(QFont::DemiBold);
            break;
        case TextRole::Figure:
            font.setStyleHint(QFont::SansSerif);
            break;
        case TextRole::Body:
        case TextRole::Muted:
            break;
    }
    return font;
}

QLabel* makeLabel(const QString& text, TextRole role, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setFont(fontOf(role));
    label->setTextFormat(Qt::PlainText);
    if (role == TextRole::Muted) {
        label->setForegroundRole(QPalette::PlaceholderText);
    }
    return label;
}

QLabel* makeSentence(const QString& text, TextRole role, QWidget* parent) {
    QLabel* label = makeLabel(text, role, parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);  // text is no stop on the way of the Tab key
    return label;
}

QWidget* makeRule(Qt::Orientation orientation, QWidget* parent) {
    return new Rule(orientation, parent);
}

}  // namespace bitloupe::ui
