// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <memory>

#include "core/quantization/quantizer.h"
#include "ui/charts/graph_view.h"

class QComboBox;

namespace bitloupe::network {
struct Network;
}

namespace bitloupe::ui {

class Selection;

/// The network as a graph, its layers coloured by what the person chooses: the sensitivity that
/// the page shows, the bits of the selected design, multiply-accumulates, parameters.
class NetworkGraphPanel : public QWidget {
    Q_OBJECT

public:
    enum Colour { Sensitivity, WeightBits, ActivationBits, Macs, Parameters };

    /// One value a layer under a name.
    struct Values {
        std::vector<double> byLayer;
        charts::AxisDescription axis;
    };

    explicit NetworkGraphPanel(Selection& selection, QWidget* parent = nullptr);

    void setNetwork(std::shared_ptr<const network::Network> network);
    /// What Colour::Sensitivity shows.
    void setSensitivity(Values values);
    /// Empty: no design is selected.
    void setSchemes(std::vector<quantization::LayerScheme> schemes);
    void setColour(Colour colour);
    [[nodiscard]] charts::GraphView& view() { return *m_view; }

private:
    void recolour();
    void recolourIf(bool concerned);
    [[nodiscard]] Values values() const;

    std::shared_ptr<const network::Network> m_network;
    std::shared_ptr<const charts::GraphViewData> m_graph;
    Values m_sensitivity;
    std::vector<quantization::LayerScheme> m_schemes;
    QComboBox* m_colour;
    charts::GraphView* m_view;
};

}  // namespace bitloupe::ui
