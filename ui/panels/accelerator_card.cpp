// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/accelerator_card.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/hardware/array_shapes.h"
#include "ui/bridge/study_document.h"
#include "ui/panels/chip.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using hardware::Accelerator;

constexpr int kMostElements = 1 << 24;

QString joined(const std::set<std::int64_t>& numbers) {
    QStringList parts;
    for (const std::int64_t number : numbers) {
        parts << QString::number(number);
    }
    return parts.join(QStringLiteral(", "));
}

QString dataflowWords(hardware::Dataflow dataflow) {
    switch (dataflow) {
        case hardware::Dataflow::OutputStationary:
            return AcceleratorCard::tr("Output stationary");
        case hardware::Dataflow::WeightStationary:
            return AcceleratorCard::tr("Weight stationary");
        case hardware::Dataflow::InputStationary:
            return AcceleratorCard::tr("Input stationary");
    }
    return {};
}

}  // namespace

AcceleratorCard::AcceleratorCard(StudyDocument& document, QWidget* parent)
    : Card(tr("Accelerator"), parent),
      m_document(document),
      m_rows(new QLineEdit(this)),
      m_columns(new QLineEdit(this)),
      m_budget(new QSpinBox(this)) {
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(kGrid);
    grid->setVerticalSpacing(kGrid);
    grid->setColumnStretch(1, 1);
    const auto addRow = [&](const QString& name, QWidget* field, const QString& hint) {
        QLabel* label = makeLabel(name, TextRole::Muted);
        label->setBuddy(field);
        field->setAccessibleName(name);
        field->setToolTip(hint);
        const int row = grid->rowCount();
        grid->addWidget(label, row, 0);
        grid->addWidget(field, row, 1);
    };
    m_rows->setPlaceholderText(tr("8, 16, 32"));
    m_columns->setPlaceholderText(tr("8, 16, 32"));
    addRow(tr("Rows"), m_rows, tr("Numbers with commas, 1 to 65,536"));
    addRow(tr("Columns"), m_columns, tr("Numbers with commas, 1 to 65,536"));
    auto* dataflows = new QWidget(this);
    auto* chips = new QVBoxLayout(dataflows);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(kGrid / 2);
    for (const hardware::Dataflow dataflow : hardware::kAllDataflows) {
        auto* chip = new Chip(dataflowWords(dataflow), dataflows);
        chip->setAccessibleName(dataflowWords(dataflow));
        chips->addWidget(chip);
        m_dataflows.push_back(chip);
        connect(chip, &Chip::clicked, this, &AcceleratorCard::apply);
    }
    grid->addWidget(makeLabel(tr("Dataflow"), TextRole::Muted), grid->rowCount(), 0, Qt::AlignTop);
    grid->addWidget(dataflows, grid->rowCount() - 1, 1);
    m_budget->setRange(0, kMostElements);
    m_budget->setGroupSeparatorShown(true);
    m_budget->setSpecialValueText(tr("any"));
    m_budget->setKeyboardTracking(false);
    addRow(tr("Most PEs"), m_budget, tr("Larger arrays are left out of the space"));
    content().addLayout(grid);
    content().addStretch(1);
    for (QLineEdit* field : {m_rows, m_columns}) {
        connect(field, &QLineEdit::editingFinished, this, [this, field] {
            if (field->isModified()) {  // and not only left with the Tab key
                field->setModified(false);
                apply();
            }
        });
    }
    connect(m_budget, &QSpinBox::valueChanged, this, &AcceleratorCard::apply);
    connect(&document, &StudyDocument::descriptionChanged, this, &AcceleratorCard::refresh);
    refresh();
}

std::vector<std::int64_t> AcceleratorCard::sides(const QLineEdit& field, const QString& name) {
    std::vector<std::int64_t> numbers;
    for (const std::string& part : text::split(field.text().toStdString(), ',')) {
        const auto number = text::parseInteger(text::trim(part));
        if (!number || *number < 1 || *number > hardware::kMaximumArraySide) {
            m_problem = tr("%1 are whole numbers from 1 to 65,536 with commas, not “%2”.")
                            .arg(name, QString::fromStdString(text::trim(part)));
            return {};
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::vector<Accelerator> AcceleratorCard::described() {
    m_problem.clear();
    const std::vector<std::int64_t> rows = sides(*m_rows, tr("Rows"));
    const std::vector<std::int64_t> columns =
        m_problem.isEmpty() ? sides(*m_columns, tr("Columns")) : std::vector<std::int64_t>{};
    std::vector<hardware::Dataflow> dataflows;
    for (std::size_t i = 0; i < m_dataflows.size(); ++i) {
        if (m_dataflows[i]->isChecked()) {
            dataflows.push_back(hardware::kAllDataflows.at(i));
        }
    }
    if (m_problem.isEmpty() && dataflows.empty()) {
        m_problem = tr("Tick at least one dataflow.");
    }
    if (!m_problem.isEmpty()) {
        return {};
    }
    std::vector<Accelerator> arrays = hardware::arraysOf(rows, columns, dataflows);
    const int budget = m_budget->value();
    if (budget > 0) {
        std::erase_if(arrays, [budget](const Accelerator& array) {
            return array.processingElements() > budget;
        });
    }
    if (arrays.empty()) {
        m_problem = tr("Every array of these is larger than the budget: raise it.");
    }
    return arrays;
}

void AcceleratorCard::apply() {
    const std::vector<Accelerator> arrays = described();
    if (!m_problem.isEmpty()) {
        setState(State::Problem, m_problem);
        return;
    }
    if (arrays == m_document.description().accelerators) {
        refresh();
        return;
    }
    m_shown = arrays;  // the fields already say it, the budget included
    m_listed = false;
    m_document.edit(
        tr("arrays"), [&arrays](study::StudyDescription& study) { study.accelerators = arrays; },
        -1);
}

void AcceleratorCard::refresh() {
    const std::vector<Accelerator>& arrays = m_document.description().accelerators;
    if (arrays != m_shown) {
        m_shown = arrays;
        std::set<std::int64_t> rows;
        std::set<std::int64_t> columns;
        std::set<hardware::Dataflow> dataflows;
        std::int64_t most = 0;
        for (const Accelerator& array : arrays) {
            rows.insert(array.rows);
            columns.insert(array.columns);
            dataflows.insert(array.dataflow);
            most = std::max(most, array.processingElements());
        }
        const QSignalBlocker quietRows(m_rows);
        const QSignalBlocker quietColumns(m_columns);
        const QSignalBlocker quietBudget(m_budget);
        m_rows->setText(joined(rows));
        m_columns->setText(joined(columns));
        for (std::size_t i = 0; i < m_dataflows.size(); ++i) {
            m_dataflows[i]->setChecked(dataflows.contains(hardware::kAllDataflows.at(i)));
        }
        const std::vector<std::int64_t> rowList(rows.begin(), rows.end());
        const std::vector<std::int64_t> columnList(columns.begin(), columns.end());
        const std::vector<hardware::Dataflow> dataflowList(dataflows.begin(), dataflows.end());
        std::vector<Accelerator> grid = hardware::arraysOf(rowList, columnList, dataflowList);
        const bool limited = grid.size() != arrays.size();
        std::erase_if(
            grid, [most](const Accelerator& array) { return array.processingElements() > most; });
        m_listed = !std::is_permutation(grid.begin(), grid.end(), arrays.begin(), arrays.end());
        m_budget->setValue(limited && !m_listed ? static_cast<int>(most) : 0);
    }
    if (arrays.empty()) {
        setState(State::Empty, tr("Say which arrays are worth considering."));
        return;
    }
    if (m_listed) {
        QStringList names;
        for (const Accelerator& array : arrays) {
            names << QString::fromStdString(array.name());
        }
        setState(State::Ready,
                 tr("%1 arrays, named one by one: %2. Editing replaces them by a grid.")
                     .arg(arrays.size())
                     .arg(QStringList(names.mid(0, 6)).join(QStringLiteral(", ")) +
                          (names.size() > 6 ? tr(" …") : QString())));
        return;
    }
    setState(State::Ready,
             arrays.size() == 1
                 ? tr("One array: %1.").arg(QString::fromStdString(arrays.front().name()))
                 : tr("%1 arrays to choose from.").arg(arrays.size()));
}

}  // namespace bitloupe::ui
