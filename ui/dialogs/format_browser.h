// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <memory>
#include <vector>

#include "core/network/network.h"

class QCheckBox;
class QComboBox;
class QLabel;

namespace bitloupe::charts {
class CurveView;
}

namespace bitloupe::ui {

class FormatColumn;

/// Two number formats side by side: their values, what they do to the weights of a layer, and how
/// exact they are at each magnitude. A window of its own that may stay open.
class FormatBrowser : public QDialog {
    Q_OBJECT

public:
    explicit FormatBrowser(QWidget* parent = nullptr);

    /// The network whose layers are offered; may be null. Keeps the chosen layer by name.
    void setNetwork(std::shared_ptr<const network::Network> network);

private:
    void build();
    void chooseLayer();
    void refresh();

    std::shared_ptr<const network::Network> m_network;
    std::vector<float> m_weights;  ///< of the chosen layer
    QComboBox* m_layers;
    QLabel* m_state;
    QCheckBox* m_logarithmic;
    FormatColumn* m_first;
    FormatColumn* m_second;
    charts::CurveView* m_errors;
    charts::CurveView* m_decimals;
};

}  // namespace bitloupe::ui
