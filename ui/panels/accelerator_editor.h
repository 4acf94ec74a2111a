// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "core/base/result.h"
#include "core/hardware/accelerator.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace bitloupe::ui {

/// One accelerator as fields: sides, dataflow, kind of element, buffers, bandwidth and clock; with
/// presets, and files to open and save (YAML, or SCALE-Sim's .cfg).
class AcceleratorEditor : public QWidget {
    Q_OBJECT

public:
    explicit AcceleratorEditor(QWidget* parent = nullptr);

    /// Shows it without saying changed().
    void setAccelerator(const hardware::Accelerator& accelerator);
    [[nodiscard]] const hardware::Accelerator& accelerator() const { return m_accelerator; }
    /// Whether element-wise work (activations, normalizations) counts.
    [[nodiscard]] bool vectorUnit() const;

    /// Says changed(), or failed().
    void open(const QString& presetOrPath);
    [[nodiscard]] Result<void> save(const QString& path) const;

Q_SIGNALS:
    /// The person changed a field, chose a preset or opened a file.
    void changed();
    /// The accelerator shall be one of the study's.
    void wanted(const bitloupe::hardware::Accelerator& accelerator);
    void failed(const bitloupe::Error& error);

private:
    void addField(const QString& name, QWidget* field, const QString& hint);
    [[nodiscard]] QWidget* makeFileButtons();
    void read();
    void show();
    void chooseFile();
    void chooseTarget();

    hardware::Accelerator m_accelerator;
    QSpinBox* m_rows;
    QSpinBox* m_columns;
    QComboBox* m_dataflow;
    QComboBox* m_element;
    QSpinBox* m_ifmap;   ///< KiB
    QSpinBox* m_filter;  ///< KiB
    QSpinBox* m_ofmap;   ///< KiB
    QDoubleSpinBox* m_bandwidth;
    QCheckBox* m_split;
    QDoubleSpinBox* m_clock;
    QCheckBox* m_vector;
};

}  // namespace bitloupe::ui
