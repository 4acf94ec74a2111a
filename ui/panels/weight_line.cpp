// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/weight_line.h"

#include <QLabel>
#include <QVBoxLayout>

#include "core/network/network.h"
#include "core/quantization/quantizer.h"
#include "ui/models/format_figures.h"
#include "ui/theme/text_roles.h"

namespace bitloupe::ui {

WeightLine::WeightLine(QWidget* parent)
    : QWidget(parent),
      m_view(new charts::HistogramView(this)),
      m_caption(makeSentence({}, TextRole::Muted, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_view, 1);
    column->addWidget(m_caption);
}

void WeightLine::show(const std::shared_ptr<const network::Network>& network, int layer,
                      const QString& format) {
    m_network = network;
    m_layer = layer;
    m_format = format;
    count();
}

void WeightLine::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) {
        count();
    }
}

void WeightLine::count() {
    m_stale = !isVisible();
    if (m_stale) {
        return;  // fitting a scale to weights that nobody sees would take time from a run
    }
    const int request = ++m_request;
    const auto quantizer = quantization::Quantizer::parse(m_format.toStdString());
    if (!m_network || quantizer.hasError()) {
        m_view->setData({});
        m_caption->clear();
        return;
    }
    const QString label =
        tr("Weights of %1 in %2")
            .arg(QString::fromStdString(m_network->layers[static_cast<std::size_t>(m_layer)].name),
                 m_format);
    m_worker.run<charts::HistogramData>(
        [network = m_network, layer = m_layer, chosen = quantizer.value().format,
         label]() -> Result<charts::HistogramData> {
            const std::vector<float> weights =
                weightsOf(*network, network->layers[static_cast<std::size_t>(layer)]);
            const FormatFigures figures = figuresOf(chosen, weights);
            return charts::histogramOf(
                weights, std::vector<double>(figures.values.begin(), figures.values.end()),
                {.label = label, .unit = {}});
        },
        [this, request](const Result<charts::HistogramData>& counted) {
            if (request == m_request && counted.hasValue()) {
                charts::HistogramData histogram = counted.value();
                histogram.captioned = false;  // there is little room: the caption wraps below
                m_view->setData(std::move(histogram));
                m_caption->setText(m_view->pictureSummary());
                Q_EMIT shown();
            }
        });
}

}  // namespace bitloupe::ui
