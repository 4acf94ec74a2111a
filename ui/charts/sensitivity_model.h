// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QAbstractTableModel>

#include <optional>
#include <span>
#include <vector>

#include "ui/charts/axis_scale.h"

namespace bitloupe::charts {

/// Which measured quantity the heatmap shows.
enum class SensitivityQuantity { Metric, Kl, SqnrDb };

/// One measured cell: what quantizing this side of this layer alone does. Values are in the units
/// of SensitivityFrame's axes; NaN for what was not measured.
struct SensitivityEntry {
    int layer = 0;
    bool activations = false;
    int format = 0;  ///< column
    double metric = 0;
    double kl = 0;
    double sqnrDb = 0;
};

/// The empty heatmap: what its rows, columns and values are.
struct SensitivityFrame {
    QStringList layers;   ///< rows of the weights: layers in execution order, or channels
    QStringList formats;  ///< names, from fine to coarse
    AxisDescription metric;
    AxisDescription kl;                              ///< usually logarithmic
    AxisDescription sqnrDb;                          ///< decibels
    std::optional<QStringList> activationRows = {};  ///< nothing: the same as `layers`
    bool isRanked = true;  ///< cells compare: the worst one is the most sensitive
};

/// Rows are layers (or channels of one), weights first and activations below, each block under a
/// heading, an empty block left out; columns are formats. Cells arrive while a study runs and are
/// missing until then. GUI thread only.
class SensitivityModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role {
        ValueRole = Qt::UserRole,  ///< double of the shown quantity; NaN when missing
        ShareRole,                 ///< its place on the colour scale, 0..1; NaN when missing
        ChosenRole,                ///< bool: the selected design uses this format here
        HeadingRole,               ///< bool: a row that only names the block below it
    };
    struct Cell {
        int layer = 0;
        bool activations = false;
        int format = 0;
        friend bool operator==(const Cell&, const Cell&) = default;
    };

    explicit SensitivityModel(QObject* parent = nullptr);

    /// Starts over with nothing measured.
    void setFrame(const SensitivityFrame& frame);
    [[nodiscard]] const SensitivityFrame& frame() const { return m_frame; }
    /// Entries outside the frame are left out.
    void addEntries(std::span<const SensitivityEntry> entries);
    void setQuantity(SensitivityQuantity quantity);
    [[nodiscard]] SensitivityQuantity quantity() const { return m_quantity; }
    /// The column each layer uses in the selected design, -1 for float; empty: no design selected.
    void setChosen(const std::vector<int>& weights, const std::vector<int>& activations);

    /// What the colours mean at the moment: the quantity with its direction, and its range.
    [[nodiscard]] const AxisDescription& axis() const;
    [[nodiscard]] const AxisScale& scale() const { return m_scale; }
    [[nodiscard]] int measuredCells() const;
    /// "LeNet-5: 37 of 50 cells measured; most sensitive: c1 weights in int2 (accuracy 11.2 %)."
    [[nodiscard]] QString summary() const;
    [[nodiscard]] QString csv() const;

    /// The cell at an index, or nothing for a heading.
    [[nodiscard]] std::optional<Cell> cellAt(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOf(const Cell& cell) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    [[nodiscard]] std::size_t place(const Cell& cell) const;
    [[nodiscard]] double value(const Cell& cell) const;
    [[nodiscard]] double valueOf(const SensitivityEntry& entry) const;
    [[nodiscard]] bool isChosen(const Cell& cell) const;
    [[nodiscard]] QString describe(const Cell& cell) const;
    [[nodiscard]] const QStringList& names(bool activations) const;
    [[nodiscard]] int rowsOf(bool activations) const { return int(names(activations).size()); }
    /// Table rows of a block with its heading; 0 where it has none.
    [[nodiscard]] int blockOf(bool activations) const;
    bool fitScale(bool grow);
    void allChanged(const QList<int>& roles);

    SensitivityFrame m_frame;
    SensitivityQuantity m_quantity = SensitivityQuantity::Metric;
    std::vector<SensitivityEntry> m_cells;  ///< every place of the frame; NaN until measured
    std::vector<bool> m_measured;
    std::vector<int> m_chosenWeights;
    std::vector<int> m_chosenActivations;
    AxisScale m_scale;
    bool m_scaleFitted = false;  ///< to values, not only to an empty frame
};

}  // namespace bitloupe::charts
