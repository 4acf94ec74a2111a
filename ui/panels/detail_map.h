// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/snapshot.h"
#include "ui/charts/sensitivity_model.h"
#include "ui/models/channel_rows.h"

class QLabel;
class QPushButton;

namespace bitloupe::charts {
class SensitivityHeatmap;
}

namespace bitloupe::ui {

class StudyDocument;

/// The two maps beside that of the layers, measured with a click while nothing runs: the channels
/// of one layer alone, and all layers quantized but one.
class DetailMap : public QWidget {
    Q_OBJECT

public:
    enum class Kind { Channels, LeaveOneInFloat };

    explicit DetailMap(StudyDocument& document, QWidget* parent = nullptr);

    void setKind(Kind kind);
    /// Columns and quantities are those of `frame`, the map of the layers. Starts over.
    void setFrame(const charts::SensitivityFrame& frame);
    void setLayer(int layer);
    /// Of the selected design, by layer: the column of each side, -1 for float.
    void setChosen(const std::vector<int>& weights, const std::vector<int>& activations);

    [[nodiscard]] charts::SensitivityModel& model() { return m_model; }
    [[nodiscard]] charts::SensitivityHeatmap& heatmap() { return *m_heatmap; }
    [[nodiscard]] QPushButton& measureButton() { return *m_measure; }
    [[nodiscard]] QString sentence() const;  ///< about the cell pointed at
    [[nodiscard]] QString explanation() const;

Q_SIGNALS:
    /// A click or Enter; the cell as the map of the layers in the network's order counts.
    void cellChosen(const bitloupe::charts::SensitivityModel::Cell& cell);

private:
    void take(const SnapshotPointer& snapshot);
    void startOver();
    void addCells(const Snapshot& snapshot);
    void refreshChosen();
    void refreshState();
    void measure();
    void describeCell(const charts::SensitivityModel::Cell& cell);
    [[nodiscard]] QString figures(const charts::SensitivityModel::Cell& cell) const;
    [[nodiscard]] QString gain(const charts::SensitivityModel::Cell& cell) const;
    [[nodiscard]] bool isKnownLayer() const;
    [[nodiscard]] QString layerName() const;
    [[nodiscard]] int columnOf(const quantization::Quantizer& quantizer) const;
    [[nodiscard]] std::size_t cellsOf(const Snapshot& snapshot) const;

    StudyDocument& m_document;
    Kind m_kind = Kind::Channels;
    charts::SensitivityFrame m_frame;  ///< of the layers
    int m_layer = 0;
    ChannelRows m_rows;
    std::vector<int> m_chosenWeights;
    std::vector<int> m_chosenActivations;
    std::size_t m_seen = 0;
    charts::SensitivityModel m_model;
    charts::SensitivityHeatmap* m_heatmap;
    QLabel* m_explanation;
    QPushButton* m_measure;
    QLabel* m_cell;
};

}  // namespace bitloupe::ui
