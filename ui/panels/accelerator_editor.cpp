// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/accelerator_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <array>

#include "core/hardware/presets.h"
#include "ui/panels/flow_layout.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

constexpr int kMostKilobytes = 1 << 20;
constexpr double kMostBandwidth = 1e6;
constexpr double kMostMegahertz = 1e5;
constexpr std::int64_t kKilobyte = 1024;

QSpinBox* makeNumber(int low, int high, QWidget* parent) {
    auto* field = new QSpinBox(parent);
    field->setRange(low, high);
    field->setKeyboardTracking(false);
    field->setGroupSeparatorShown(true);
    return field;
}

QDoubleSpinBox* makeReal(double low, double high, QWidget* parent) {
    auto* field = new QDoubleSpinBox(parent);
    field->setRange(low, high);
    field->setDecimals(1);
    field->setKeyboardTracking(false);
    return field;
}

}  // namespace

AcceleratorEditor::AcceleratorEditor(QWidget* parent)
    : QWidget(parent),
      m_rows(makeNumber(1, static_cast<int>(hardware::kMaximumArraySide), this)),
      m_columns(makeNumber(1, static_cast<int>(hardware::kMaximumArraySide), this)),
      m_dataflow(new QComboBox(this)),
      m_element(new QComboBox(this)),
      m_ifmap(makeNumber(1, kMostKilobytes, this)),
      m_filter(makeNumber(1, kMostKilobytes, this)),
      m_ofmap(makeNumber(1, kMostKilobytes, this)),
      m_bandwidth(makeReal(0, kMostBandwidth, this)),
      m_split(new QCheckBox(tr("for each operand"), this)),
      m_clock(makeReal(0.1, kMostMegahertz, this)),
      m_vector(new QCheckBox(tr("Element-wise work"), this)) {
    for (const hardware::Dataflow dataflow : hardware::kAllDataflows) {
        const auto name = hardware::dataflowName(dataflow);
        m_dataflow->addItem(QString::fromUtf8(name.data(), qsizetype(name.size())));
    }
    for (const QString& words : {tr("parallel"), tr("serial inputs (Stripes)"),
                                 tr("serial both (Loom)"), tr("composable (Bit Fusion)")}) {
        m_element->addItem(words);
    }
    for (QComboBox* field : {m_dataflow, m_element}) {
        field->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    }
    m_bandwidth->setSpecialValueText(tr("no limit"));
    new FlowLayout(this, 2 * kGrid);
    layout()->setContentsMargins(0, 0, 0, 0);
    layout()->addWidget(makeFileButtons());
    addField(tr("Rows"), m_rows, tr("Rows of the array, 1 to 65,536"));
    addField(tr("Columns"), m_columns, tr("Columns of the array, 1 to 65,536"));
    addField(tr("Dataflow"), m_dataflow, tr("What stays in the array: outputs, weights, inputs"));
    addField(
        tr("Element"), m_element,
        tr("How a processing element multiplies: one product a cycle; bit by bit in the inputs "
           "(Stripes) or in both operands (Loom); in bricks of 2 bits (Bit Fusion)"));
    addField(tr("Input KiB"), m_ifmap, tr("Input buffer, both halves"));
    addField(tr("Weight KiB"), m_filter, tr("Weight buffer, both halves"));
    addField(tr("Output KiB"), m_ofmap, tr("Output and partial-sum buffer, both halves"));
    addField(tr("DRAM B/cycle"), m_bandwidth, tr("Bytes per cycle; 0: memory is never the limit"));
    layout()->addWidget(m_split);
    addField(tr("MHz"), m_clock, tr("Clock"));
    layout()->addWidget(m_vector);
    m_split->setToolTip(tr("The bandwidth in full for inputs, weights and outputs each"));
    m_vector->setToolTip(
        tr("Activations, normalizations and residuals on a vector unit of one "
           "lane a column"));
    for (QSpinBox* field : {m_rows, m_columns, m_ifmap, m_filter, m_ofmap}) {
        connect(field, &QSpinBox::valueChanged, this, &AcceleratorEditor::read);
    }
    for (QDoubleSpinBox* field : {m_bandwidth, m_clock}) {
        connect(field, &QDoubleSpinBox::valueChanged, this, &AcceleratorEditor::read);
    }
    for (QComboBox* field : {m_dataflow, m_element}) {
        connect(field, &QComboBox::currentIndexChanged, this, &AcceleratorEditor::read);
    }
    for (QCheckBox* field : {m_split, m_vector}) {
        connect(field, &QCheckBox::toggled, this, &AcceleratorEditor::read);
    }
    show();
}

void AcceleratorEditor::addField(const QString& name, QWidget* field, const QString& hint) {
    auto* pair = new QWidget(this);
    auto* row = new QHBoxLayout(pair);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid / 2);
    QLabel* label = makeLabel(name, TextRole::Muted, pair);
    label->setBuddy(field);
    field->setAccessibleName(name);
    field->setToolTip(hint);
    row->addWidget(label);
    row->addWidget(field);
    layout()->addWidget(pair);
}

QWidget* AcceleratorEditor::makeFileButtons() {
    auto* button = new QToolButton(this);
    button->setText(tr("Preset or file"));
    button->setToolTip(tr("Known accelerators; open and save YAML and SCALE-Sim files"));
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setAccessibleName(button->text());
    auto* menu = new QMenu(button);
    for (const std::string& name : hardware::presetNames()) {
        const auto preset = hardware::presetOrFile(name);
        const QString label = preset.hasValue() ? QString::fromStdString(preset.value().description)
                                                : QString::fromStdString(name);
        connect(menu->addAction(label), &QAction::triggered, this,
                [this, name] { open(QString::fromStdString(name)); });
    }
    menu->addSeparator();
    connect(menu->addAction(tr("Open …")), &QAction::triggered, this,
            &AcceleratorEditor::chooseFile);
    connect(menu->addAction(tr("Save as …")), &QAction::triggered, this,
            &AcceleratorEditor::chooseTarget);
    menu->addSeparator();
    connect(menu->addAction(tr("Add to the study")), &QAction::triggered, this,
            [this] { Q_EMIT wanted(m_accelerator); });
    button->setMenu(menu);
    return button;
}

bool AcceleratorEditor::vectorUnit() const {
    return m_vector->isChecked();
}

void AcceleratorEditor::setAccelerator(const hardware::Accelerator& accelerator) {
    m_accelerator = accelerator;
    show();
}

void AcceleratorEditor::show() {
    const std::array<QSignalBlocker, 10> quiet = {
        QSignalBlocker(m_rows),    QSignalBlocker(m_columns),   QSignalBlocker(m_dataflow),
        QSignalBlocker(m_element), QSignalBlocker(m_ifmap),     QSignalBlocker(m_filter),
        QSignalBlocker(m_ofmap),   QSignalBlocker(m_bandwidth), QSignalBlocker(m_split),
        QSignalBlocker(m_clock)};
    const auto kilobytes = [](std::int64_t bytes) {
        return static_cast<int>((bytes + kKilobyte - 1) / kKilobyte);
    };
    m_rows->setValue(static_cast<int>(m_accelerator.rows));
    m_columns->setValue(static_cast<int>(m_accelerator.columns));
    m_dataflow->setCurrentIndex(static_cast<int>(m_accelerator.dataflow));
    m_element->setCurrentIndex(static_cast<int>(m_accelerator.element));
    m_ifmap->setValue(kilobytes(m_accelerator.ifmapBytes));
    m_filter->setValue(kilobytes(m_accelerator.filterBytes));
    m_ofmap->setValue(kilobytes(m_accelerator.ofmapBytes));
    m_bandwidth->setValue(m_accelerator.bandwidth);
    m_split->setChecked(!m_accelerator.sharedBandwidth);
    m_clock->setValue(m_accelerator.clockMhz);
}

void AcceleratorEditor::read() {
    m_accelerator.rows = m_rows->value();
    m_accelerator.columns = m_columns->value();
    m_accelerator.dataflow = static_cast<hardware::Dataflow>(m_dataflow->currentIndex());
    m_accelerator.element = static_cast<hardware::ProcessingElement>(m_element->currentIndex());
    m_accelerator.ifmapBytes = m_ifmap->value() * kKilobyte;
    m_accelerator.filterBytes = m_filter->value() * kKilobyte;
    m_accelerator.ofmapBytes = m_ofmap->value() * kKilobyte;
    m_accelerator.bandwidth = m_bandwidth->value();
    m_accelerator.sharedBandwidth = !m_split->isChecked();
    m_accelerator.clockMhz = m_clock->value();
    Q_EMIT changed();
}

void AcceleratorEditor::open(const QString& presetOrPath) {
    const auto file = hardware::presetOrFile(presetOrPath.toStdString());
    if (file.hasError()) {
        Q_EMIT failed(file.error());
        return;
    }
    setAccelerator(file.value().accelerator);
    Q_EMIT changed();
}

Result<void> AcceleratorEditor::save(const QString& path) const {
    return hardware::writeAccelerator(
        {QFileInfo(path).completeBaseName().toStdString(), {}, m_accelerator}, path.toStdString());
}

void AcceleratorEditor::chooseFile() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open an accelerator"), {},
                                                      tr("Accelerators (*.yaml *.yml *.cfg)"));
    if (!path.isEmpty()) {
        open(path);
    }
}

void AcceleratorEditor::chooseTarget() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the accelerator"),
                                                      QStringLiteral("accelerator.yaml"),
                                                      tr("Bitloupe (*.yaml);;SCALE-Sim (*.cfg)"));
    if (path.isEmpty()) {
        return;
    }
    if (const Result<void> saved = save(path); saved.hasError()) {
        Q_EMIT failed(saved.error());
    }
}

}  // namespace bitloupe::ui
