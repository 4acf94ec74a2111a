// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/link_row.h"

#include <QPainter>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

LinkRow::LinkRow(const QString& title, const QString& sentence, QWidget* parent)
    : QAbstractButton(parent), m_sentence(sentence) {
    setText(title);
    setAccessibleName(title);
    setAccessibleDescription(sentence);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

QRect LinkRow::sentenceRect(int width) const {
    return fontMetrics().boundingRect(QRect(0, 0, width - 2 * kGrid, 100 * kGrid), Qt::TextWordWrap,
                                      m_sentence);
}

int LinkRow::heightForWidth(int width) const {
    return QFontMetrics(fontOf(TextRole::Heading)).height() + sentenceRect(width).height() +
           2 * kGrid;
}

QSize LinkRow::sizeHint() const {
    const int width = 45 * kGrid;
    return {width, heightForWidth(width)};
}

void LinkRow::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    const Colors colors = Colors::of(palette());
    if (underMouse() && isEnabled()) {
        painter.fillRect(rect(), colors.hover);
    }
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
    painter.fillRect(QRect(0, height() - 1, width(), 1), colors.line);
    const QFont heading = fontOf(TextRole::Heading);
    const int line = QFontMetrics(heading).height();
    painter.setFont(heading);
    painter.setPen(isEnabled() ? palette().color(QPalette::Link) : colors.muted);
    painter.drawText(QRect(kGrid, kGrid - 1, width() - 2 * kGrid, line), Qt::AlignLeft, text());
    painter.setFont(font());
    painter.setPen(colors.muted);
    painter.drawText(QRect(kGrid, kGrid + line, width() - 2 * kGrid, height() - line - kGrid),
                     Qt::TextWordWrap, m_sentence);
}

}  // namespace bitloupe::ui
