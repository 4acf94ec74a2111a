// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/snapshot.h"
#include "ui/charts/sensitivity_model.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTabBar;

namespace bitloupe::charts {
class SensitivityHeatmap;
}

namespace bitloupe::ui {

class DetailMap;
class NetworkGraphPanel;
class Selection;
class StudyDocument;
class TensorLine;

/// What quantizing each layer alone does, as a heatmap of layers and formats, on the network as a
/// graph, and what the format of the chosen cell does to the weights. Instead of the layers alone:
/// the channels of one of them, or all of them but one.
class SensitivityPage : public QWidget {
    Q_OBJECT

public:
    enum Map { Layers, Channels, LeaveOneInFloat };

    SensitivityPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] charts::SensitivityModel& model() { return m_model; }
    [[nodiscard]] charts::SensitivityHeatmap& heatmap() { return *m_heatmap; }
    [[nodiscard]] DetailMap& detail() { return *m_detail; }
    [[nodiscard]] QTabBar& maps() { return *m_maps; }
    void setMostSensitiveFirst(bool first);
    [[nodiscard]] NetworkGraphPanel& graph() { return *m_graph; }
    [[nodiscard]] TensorLine& tensor() { return *m_tensor; }

private:
    void buildMaps();
    void showMap();
    void take(const SnapshotPointer& snapshot);
    [[nodiscard]] exploration::QuantityId metric() const;
    void startOver();
    void addCells(const SnapshotPointer& snapshot);
    void showChosen();
    void describeCell(const charts::SensitivityModel::Cell& cell);
    void refreshState();
    void choose(const charts::SensitivityModel::Cell& cell);
    /// Layers as rows: in the network's order, or the most sensitive first.
    void orderRows();
    [[nodiscard]] charts::SensitivityModel::Cell inNetwork(
        charts::SensitivityModel::Cell cell) const;
    [[nodiscard]] charts::SensitivityModel::Cell inModel(charts::SensitivityModel::Cell cell) const;
    void colourGraph();

    StudyDocument& m_document;
    Selection& m_selection;
    charts::SensitivityModel m_model;
    charts::SensitivityHeatmap* m_heatmap;
    DetailMap* m_detail;
    QTabBar* m_maps;
    QStackedWidget* m_shownMap;
    QComboBox* m_quantity;
    QComboBox* m_order;
    QLabel* m_summary;
    QLabel* m_empty;
    QLabel* m_cell;
    NetworkGraphPanel* m_graph;
    TensorLine* m_tensor;
    QSplitter* m_split;
    QStringList m_formats;
    std::vector<int> m_layerOfRow;
    std::vector<int> m_rowOfLayer;
    charts::SensitivityModel::Cell m_chosen;  ///< of the network; its column colours the graph
    std::size_t m_seen = 0;
    int m_generation = -1;
};

}  // namespace bitloupe::ui
