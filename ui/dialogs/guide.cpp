// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/guide.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

Guide::Guide(std::vector<Stop> stops, std::function<void(int)> showPage, QWidget* parent)
    : QDialog(parent),
      m_stops(std::move(stops)),
      m_showPage(std::move(showPage)),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_text(makeSentence({}, TextRole::Body, this)),
      m_back(new QPushButton(tr("&Back"), this)),
      m_next(new QPushButton(this)) {
    setWindowTitle(tr("A short tour"));
    m_next->setDefault(true);
    auto* close = new QPushButton(tr("&Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(close);
    buttons->addStretch(1);
    buttons->addWidget(m_back);
    buttons->addWidget(m_next);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    column->addWidget(m_title);
    column->addWidget(m_text, 1);
    column->addLayout(buttons);
    resize(fontMetrics().averageCharWidth() * 64, fontMetrics().height() * 12);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_back, &QPushButton::clicked, this, [this] { go(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] {
        if (m_at + 1 == static_cast<int>(m_stops.size())) {
            accept();
        } else {
            go(1);
        }
    });
    go(0);
}

void Guide::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    // In a corner of the page, where it covers least.
    if (const QWidget* window = parentWidget()) {
        const QPoint corner = window->mapToGlobal(window->rect().bottomRight());
        move(corner - QPoint(width() + 4 * kGrid, height() + 8 * kGrid));
    }
}

void Guide::go(int step) {
    m_at = std::clamp(m_at + step, 0, static_cast<int>(m_stops.size()) - 1);
    const Stop& stop = m_stops.at(static_cast<std::size_t>(m_at));
    m_showPage(stop.page);
    m_title->setText(tr("%1 of %2 · %3").arg(m_at + 1).arg(m_stops.size()).arg(stop.title));
    m_text->setText(stop.text);
    m_back->setEnabled(m_at > 0);
    m_next->setText(m_at + 1 == static_cast<int>(m_stops.size()) ? tr("&Done") : tr("&Next"));
}

}  // namespace bitloupe::ui
