// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/card.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

Card::Card(const QString& name, QWidget* parent)
    : QWidget(parent),
      m_sign(new QLabel(this)),
      m_sentence(makeSentence({}, TextRole::Muted, this)),
      m_tools(new QHBoxLayout),
      m_content(new QVBoxLayout) {
    setAccessibleName(name);
    auto* head = new QHBoxLayout;
    head->setSpacing(kGrid);
    head->addWidget(m_sign);
    head->addWidget(makeLabel(name, TextRole::Heading, this));
    head->addStretch(1);
    m_tools->setSpacing(kGrid);
    head->addLayout(m_tools);
    m_content->setSpacing(kGrid);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(makeRule(Qt::Horizontal, this));
    column->addLayout(head);
    column->addWidget(m_sentence);
    column->addLayout(m_content, 1);
    setState(State::Empty, {});
}

QString Card::sentence() const {
    return m_sentence->text();
}

void Card::setState(State state, const QString& sentence) {
    m_state = state;
    m_sentence->setText(sentence);
    paintSign();
}

void Card::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) {
        paintSign();
    }
    QWidget::changeEvent(event);
}

void Card::paintSign() {
    const QString name = m_state == State::Ready     ? QStringLiteral("ready")
                         : m_state == State::Problem ? QStringLiteral("problem")
                                                     : QStringLiteral("empty");
    const QString words = m_state == State::Ready     ? tr("ready")
                          : m_state == State::Problem ? tr("problem")
                                                      : tr("empty");
    const Colors colors = Colors::of(palette());
    const QColor color = m_state == State::Ready     ? colors.good
                         : m_state == State::Problem ? colors.problem
                                                     : colors.muted;
    const int side = fontMetrics().height();
    QPixmap pixmap = icon(name).pixmap(QSize(side, side), devicePixelRatioF());
    QPainter painter(&pixmap);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(pixmap.rect(), color);
    painter.end();
    m_sign->setPixmap(pixmap);
    m_sign->setAccessibleName(words);
    m_sign->setToolTip(words);
}

}  // namespace bitloupe::ui
