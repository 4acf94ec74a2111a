// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/tensor_line.h"

#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "core/network/network.h"
#include "core/study/session.h"
#include "ui/models/format_figures.h"
#include "ui/theme/text_roles.h"

namespace bitloupe::ui {

namespace {

using exploration::Side;

struct ValuesInFormat {
    std::vector<float> values;
    FormatFigures figures;
};

Result<ValuesInFormat> valuesOf(const TensorInFormat& tensor,
                                const quantization::Quantizer& quantizer) {
    const auto layer = static_cast<std::size_t>(tensor.layer);
    if (tensor.side == Side::Weights) {
        std::vector<float> weights = weightsOf(*tensor.network, tensor.network->layers[layer]);
        FormatFigures figures = figuresOf(quantizer.format, weights);
        return ValuesInFormat{std::move(weights), std::move(figures)};
    }
    const quantization::ValueStatistics* seen =
        tensor.session ? tensor.session->evaluator->inputStatistics(layer) : nullptr;
    if (!seen || quantizer.format.isIdentity()) {
        return ValuesInFormat{seen ? seen->sample : std::vector<float>(),
                              figuresOf(quantizer.format, {})};
    }
    const auto rounding = quantization::chooseActivationRounding(*seen, quantizer);
    if (rounding.hasError()) {
        return rounding.error();
    }
    return ValuesInFormat{
        seen->sample, figuresOf(rounding.value().format, seen->sample, rounding.value().options)};
}

}  // namespace

TensorLine::TensorLine(QWidget* parent)
    : QWidget(parent),
      m_view(new charts::HistogramView(this)),
      m_caption(makeSentence({}, TextRole::Muted, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    // Where there is little room the plot gives way, not the line below it.
    m_view->setMinimumHeight(fontMetrics().height() * 10);
    m_caption->setMinimumHeight(2 * fontMetrics().lineSpacing());  // it wraps in most windows
    m_caption->setAlignment(Qt::AlignTop);
    column->addWidget(m_view, 1);
    column->addWidget(m_caption);
}

QString TensorLine::caption() const {
    return m_caption->text();
}

void TensorLine::show(const TensorInFormat& tensor) {
    const bool named = tensor.network && tensor.network->graph->nodes.empty();  // nothing more
    m_tensor = named ? TensorInFormat() : tensor;
    count();
}

void TensorLine::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) {
        count();
    }
}

Result<TensorLine::Counted> TensorLine::counted(const TensorInFormat& tensor,
                                                const QString& label) {
    const auto quantizer = quantization::Quantizer::parse(
        tensor.format.isEmpty() ? "fp32" : tensor.format.toStdString());
    if (quantizer.hasError()) {
        return quantizer.error();
    }
    const Result<ValuesInFormat> found = valuesOf(tensor, quantizer.value());
    if (found.hasError()) {
        return found.error();
    }
    const ValuesInFormat& known = found.value();
    Counted result;
    result.histogram = charts::histogramOf(
        known.values, std::vector<double>(known.figures.values.begin(), known.figures.values.end()),
        {.label = label, .unit = {}});
    result.histogram.captioned = false;  // there is little room: the caption wraps below
    result.sqnrDb = std::numeric_limits<double>::quiet_NaN();
    if (!quantizer.value().format.isIdentity() && tensor.session) {
        result.sqnrDb = tensor.session->evaluator
                            ->roundingError(static_cast<std::size_t>(tensor.layer), tensor.side,
                                            quantizer.value())
                            .sqnrDb;
    } else if (known.figures.loss) {
        result.sqnrDb = known.figures.loss->sqnrDecibels;
    }
    return result;
}

void TensorLine::count() {
    m_stale = !isVisible();
    if (m_stale) {
        return;  // fitting a scale to values that nobody sees would take time from a run
    }
    const int request = ++m_request;
    if (!m_tensor.network) {
        take({});
        return;
    }
    const QString layer = QString::fromStdString(
        m_tensor.network->layers[static_cast<std::size_t>(m_tensor.layer)].name);
    const QString format = m_tensor.format.isEmpty() ? tr("float32") : m_tensor.format;
    const QString label = m_tensor.side == Side::Weights
                              ? tr("Weights of %1 in %2").arg(layer, format)
                              : tr("Activations of %1 in %2").arg(layer, format);
    m_worker.run<Counted>([tensor = m_tensor, label] { return counted(tensor, label); },
                          [this, request](Result<Counted> answer) {
                              if (request == m_request) {
                                  take(answer.hasValue() ? std::move(answer).value() : Counted());
                              }
                          });
}

void TensorLine::take(Counted counted) {
    QString caption;
    if (!counted.histogram.edges.empty()) {
        m_view->setData(std::move(counted.histogram));
        caption = m_view->pictureSummary();
        if (std::isfinite(counted.sqnrDb)) {
            caption += tr("; signal to rounding noise %1 dB")
                           .arg(QLocale().toString(counted.sqnrDb, 'f', 1));
        }
    } else {
        m_view->setData({});
    }
    m_caption->setText(caption);
    Q_EMIT shown();
}

}  // namespace bitloupe::ui
