// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTabWidget>
#include <memory>

#include "core/hardware/gemm.h"
#include "ui/models/accelerator_study.h"
#include "ui/models/array_sweep_model.h"

class QComboBox;
class QLabel;
class QTableView;

namespace bitloupe::charts {
class CurveView;
class ShapeMap;
}  // namespace bitloupe::charts

namespace bitloupe::ui {

/// The accelerator page's lower half: the same network on other arrays, as a table and as a map
/// over the sides; the roofline; and what more bandwidth or larger buffers would bring.
class AcceleratorTabs : public QTabWidget {
    Q_OBJECT

public:
    explicit AcceleratorTabs(QWidget* parent = nullptr);

    /// `space`: the arrays of the study.
    void setArrays(const std::vector<hardware::Gemm>& gemms,
                   const std::vector<hardware::Accelerator>& space,
                   const hardware::Accelerator& shown);
    /// Nothing empties the plots.
    void setStudy(const std::shared_ptr<const AcceleratorStudy>& study);

    [[nodiscard]] charts::ShapeMap& shapes() { return *m_shapes; }
    [[nodiscard]] charts::CurveView& roofline() { return *m_roofline; }
    [[nodiscard]] charts::CurveView& bandwidth() { return *m_bandwidth; }
    [[nodiscard]] charts::CurveView& buffers() { return *m_buffers; }

Q_SIGNALS:
    void chosen(const bitloupe::hardware::Accelerator& accelerator);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeTable();
    QWidget* makeSweeps();
    void refreshTable();
    void revealShown();
    void refreshShapes();
    [[nodiscard]] hardware::Accelerator shape(int row, int column) const;

    ArraySweepModel m_sweep;
    std::vector<hardware::Gemm> m_gemms;
    std::vector<hardware::Accelerator> m_space;
    hardware::Accelerator m_shown;
    QComboBox* m_scope;
    QTableView* m_table;
    QLabel* m_best;
    charts::ShapeMap* m_shapes;
    charts::CurveView* m_roofline;
    charts::CurveView* m_bandwidth;
    charts::CurveView* m_buffers;
};

}  // namespace bitloupe::ui
