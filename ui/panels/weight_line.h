// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <memory>

#include "ui/bridge/worker.h"
#include "ui/charts/histogram_view.h"

class QLabel;

namespace bitloupe::network {
struct Network;
}

namespace bitloupe::ui {

/// The weights of one layer as a histogram over the number line of a format, at the scale a study
/// gives the tensor: what is representable, what is clipped, what vanishes. Computed on a thread of
/// its own.
class WeightLine : public QWidget {
    Q_OBJECT

public:
    explicit WeightLine(QWidget* parent = nullptr);

    /// `format` is a quantizer's text. Nothing, or a layer without weights, empties it.
    void show(const std::shared_ptr<const network::Network>& network, int layer,
              const QString& format);
    [[nodiscard]] charts::HistogramView& view() { return *m_view; }

Q_SIGNALS:
    void shown();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void count();  ///< at once when it is seen, else when it is next

    std::shared_ptr<const network::Network> m_network;
    int m_layer = 0;
    QString m_format;
    bool m_stale = false;  ///< show() was called and nothing counted yet
    charts::HistogramView* m_view;
    QLabel* m_caption;
    int m_request = 0;  ///< only the answer to the latest counts
    Worker m_worker;    // last: stops before what its answers touch
};

}  // namespace bitloupe::ui
