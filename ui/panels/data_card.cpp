// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/data_card.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/panels/data_preview.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

QString taskWords(const data::DataSet& set) {
    switch (set.task) {
        case data::Task::Classification:
            if (!set.splits.empty() && set.splits.begin()->second.labelsPerSample() > 1) {
                return set.classNames.empty() ? DataCard::tr("a class for every pixel")
                                              : DataCard::tr("the next of %1 tokens to tell")
                                                    .arg(set.classNames.size());
            }
            return set.classNames.empty()
                       ? DataCard::tr("classes to tell apart")
                       : DataCard::tr("%1 classes to tell apart").arg(set.classNames.size());
        case data::Task::Regression:
            return DataCard::tr("a number to predict");
        case data::Task::None:
            return DataCard::tr("no labels: designs are compared with the float network");
    }
    return {};
}

}  // namespace

DataCard::DataCard(StudyDocument& document, QWidget* parent)
    : Card(tr("Data"), parent),
      m_document(document),
      m_splits(makeSentence({}, TextRole::Body, this)),
      m_preview(new DataPreview(this)),
      m_balanceTitle(makeLabel(tr("Samples of each class, search split"), TextRole::Muted, this)),
      m_balance(new ClassBalance(this)) {
    auto* open = new QPushButton(tr("Open &data …"), this);
    open->setFocusPolicy(Qt::TabFocus);
    tools().addWidget(open);
    content().addWidget(m_splits);
    content().addWidget(m_preview);
    content().addWidget(m_balanceTitle);
    content().addWidget(m_balance);
    content().addStretch(1);
    connect(open, &QPushButton::clicked, this, &DataCard::choose);
    connect(&document, &StudyDocument::loadedChanged, this, &DataCard::refresh);
    refresh();
}

QString DataCard::splitsSentence() const {
    QStringList parts;
    for (const auto& [role, samples] : m_document.data()->splits) {
        const std::string_view name = data::roleName(role);
        parts << tr("%1 %2").arg(
            QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())),
            wording::count(static_cast<double>(samples.count())));
    }
    return parts.join(QStringLiteral(" · "));
}

void DataCard::refresh() {
    const auto& set = m_document.data();
    m_preview->setData(set);
    m_balance->setData(set, data::Role::Search);
    const bool classes = set && set->task == data::Task::Classification;
    m_balance->setVisible(classes);
    m_balanceTitle->setVisible(classes);
    m_splits->setVisible(set != nullptr);
    if (!set) {
        setState(State::Empty,
                 tr("Drop data here: images, tables, arrays, text, or a YAML description."));
        return;
    }
    m_splits->setText(splitsSentence());
    const QString name = set->name.empty() ? tr("Data") : QString::fromStdString(set->name);
    QStringList warnings;
    for (const std::string& warning : set->warnings) {
        warnings << QString::fromStdString(warning);
    }
    for (const QString& warning : m_document.warnings()) {
        if (!warnings.contains(warning)) {
            warnings << warning;
        }
    }
    const QString sentence = tr("%1: %2.").arg(name, taskWords(*set));
    if (warnings.isEmpty()) {
        setState(State::Ready, sentence);
    } else {
        setState(State::Problem, sentence + QLatin1Char(' ') + warnings.join(QLatin1Char(' ')));
    }
}

void DataCard::choose() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open data"));
    if (!path.isEmpty()) {
        m_document.openData(path);
    }
}

}  // namespace bitloupe::ui
