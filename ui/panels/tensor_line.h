// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <memory>

#include "core/exploration/design.h"
#include "ui/bridge/worker.h"
#include "ui/charts/histogram_view.h"

class QLabel;

namespace bitloupe::network {
struct Network;
}
namespace bitloupe::study {
struct Session;
}

namespace bitloupe::ui {

/// The values of one side of one layer, and the format they are rounded to.
struct TensorInFormat {
    std::shared_ptr<const network::Network> network;
    std::shared_ptr<study::Session> session;  ///< has calibrated; without it only weights are known
    int layer = 0;
    exploration::Side side = exploration::Side::Weights;
    QString format;  ///< a quantizer's text; "" is float
};

/// The weights of a layer, or what calibration saw reach it, as a histogram over the number line of
/// a format at the scale a study gives the tensor: what is representable, what is clipped, what
/// vanishes, and the signal to rounding noise ratio. Computed on a thread of its own.
class TensorLine : public QWidget {
    Q_OBJECT

public:
    explicit TensorLine(QWidget* parent = nullptr);

    /// No network, or a side without values, empties it.
    void show(const TensorInFormat& tensor);
    [[nodiscard]] charts::HistogramView& view() { return *m_view; }
    [[nodiscard]] QString caption() const;

Q_SIGNALS:
    void shown();

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Counted {
        charts::HistogramData histogram;
        double sqnrDb = 0;  ///< NaN: not known
    };

    void count();  ///< at once when it is seen, else when it is next
    void take(Counted counted);
    [[nodiscard]] static Result<Counted> counted(const TensorInFormat& tensor,
                                                 const QString& label);

    TensorInFormat m_tensor;
    bool m_stale = false;  ///< show() was called and nothing counted yet
    charts::HistogramView* m_view;
    QLabel* m_caption;
    int m_request = 0;  ///< only the answer to the latest counts
    Worker m_worker;    // last: stops before what its answers touch
};

}  // namespace bitloupe::ui
