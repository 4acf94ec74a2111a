// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/setup_page.h"

#include <QGridLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/panels/accelerator_card.h"
#include "ui/panels/data_card.h"
#include "ui/panels/formats_card.h"
#include "ui/panels/network_card.h"
#include "ui/panels/space_wording.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

SetupPage::SetupPage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_cards{new NetworkCard(document, selection), new DataCard(document),
              new FormatsCard(document), new AcceleratorCard(document)},
      m_grid(new QGridLayout),
      m_size(makeSentence({}, TextRole::Heading, this)),
      m_work(makeSentence({}, TextRole::Muted, this)) {
    connect(static_cast<FormatsCard*>(m_cards.at(2)), &FormatsCard::browseRequested, this,
            &SetupPage::formatsRequested);
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, 3 * kGrid);
    column->setSpacing(3 * kGrid);
    m_grid->setHorizontalSpacing(4 * kGrid);
    m_grid->setVerticalSpacing(3 * kGrid);
    column->addLayout(m_grid);
    column->addStretch(1);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(content);
    content->setAutoFillBackground(false);
    scroll->viewport()->setBackgroundRole(QPalette::Base);
    auto* foot = new QWidget(this);
    auto* words = new QVBoxLayout(foot);
    words->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    words->setSpacing(kGrid / 2);
    words->addWidget(m_size);
    words->addWidget(m_work);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(scroll, 1);
    page->addWidget(makeRule(Qt::Horizontal, this));
    page->addWidget(foot);
    arrange(2);
    connect(&document, &StudyDocument::descriptionChanged, this, &SetupPage::refresh);
    connect(&document, &StudyDocument::loadedChanged, this, &SetupPage::refresh);
    connect(&document, &StudyDocument::estimateChanged, this, &SetupPage::refresh);
    refresh();
}

void SetupPage::arrange(int columns) {
    if (columns == m_columns) {
        return;
    }
    m_columns = columns;
    for (Card* card : m_cards) {
        m_grid->removeWidget(card);
    }
    for (int i = 0; i < m_cards.size(); ++i) {
        m_grid->addWidget(m_cards.at(i), i / columns, i % columns);
    }
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, columns == 2 ? 1 : 0);
}

void SetupPage::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange(width() < fontMetrics().averageCharWidth() * 110 ? 1 : 2);
}

void SetupPage::refresh() {
    m_size->setText(spaceSentence(m_document));
    m_work->setText(workSentence(m_document));
    m_work->setVisible(!m_work->text().isEmpty());
}

}  // namespace bitloupe::ui
