// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/format_browser.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QTabBar>
#include <QTabWidget>
#include <QVBoxLayout>
#include <array>

#include "ui/charts/curve_view.h"
#include "ui/dialogs/format_column.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

charts::CurveData curvesOver(const QString& label, const QString& unit, charts::ScaleKind scale) {
    charts::CurveData data;
    data.xAxis = {FormatBrowser::tr("Magnitude"),
                  {},
                  charts::Better::Neither,
                  charts::ScaleKind::Logarithmic};
    data.yAxis = {label, unit, charts::Better::Neither, scale};
    return data;
}

}  // namespace

FormatBrowser::FormatBrowser(QWidget* parent)
    : QDialog(parent),
      m_layers(new QComboBox(this)),
      m_state(makeLabel({}, TextRole::Muted, this)),
      m_logarithmic(new QCheckBox(tr("&Logarithmic number line"), this)),
      m_first(new FormatColumn(tr("First format"), tr("solid line"), QStringLiteral("int8"), this)),
      m_second(new FormatColumn(tr("Second format"), tr("dashed line"),
                                QStringLiteral("posit<8,1>"), this)),
      m_errors(new charts::CurveView(this)),
      m_decimals(new charts::CurveView(this)) {
    setWindowTitle(tr("Number formats"));
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    build();
    setNetwork(nullptr);
    connect(m_layers, &QComboBox::currentIndexChanged, this, &FormatBrowser::chooseLayer);
    connect(m_logarithmic, &QCheckBox::toggled, this, &FormatBrowser::refresh);
    for (FormatColumn* column : {m_first, m_second}) {
        connect(column, &FormatColumn::formatChanged, this, &FormatBrowser::refresh);
    }
    resize(fontMetrics().averageCharWidth() * 160, fontMetrics().height() * 56);
}

void FormatBrowser::build() {
    m_layers->setAccessibleName(tr("Layer"));
    m_layers->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto* label = new QLabel(tr("Weights of la&yer"), this);
    label->setBuddy(m_layers);
    auto* top = new QHBoxLayout;
    top->setSpacing(kGrid);
    top->addWidget(label);
    top->addWidget(m_layers);
    top->addWidget(m_state, 1);
    top->addWidget(m_logarithmic);
    auto* sides = new QHBoxLayout;
    sides->setSpacing(4 * kGrid);
    sides->addWidget(m_first, 1);
    sides->addWidget(m_second, 1);
    auto* tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->tabBar()->setAccessibleName(tr("Exactness"));
    tabs->setAccessibleName(tr("Exactness"));
    tabs->addTab(m_errors, tr("Relative &error"));
    tabs->addTab(m_decimals, tr("&Decimal accuracy"));
    for (charts::CurveView* view : {m_errors, m_decimals}) {
        view->setFrameShape(QFrame::NoFrame);
        view->setMinimumHeight(fontMetrics().height() * 12);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(3 * kGrid, 2 * kGrid, 3 * kGrid, 2 * kGrid);
    column->setSpacing(2 * kGrid);
    column->addLayout(top);
    column->addWidget(makeRule(Qt::Horizontal, this));
    column->addLayout(sides, 3);
    column->addWidget(tabs, 2);
}

void FormatBrowser::setNetwork(std::shared_ptr<const network::Network> network) {
    if (network && network == m_network) {
        return;
    }
    const QString chosen = m_layers->currentText();
    m_network = std::move(network);
    const QSignalBlocker quiet(m_layers);
    m_layers->clear();
    if (m_network) {
        for (std::size_t i = 0; i < m_network->layers.size(); ++i) {
            const network::Layer& layer = m_network->layers[i];
            if (m_network->graph->initializers.count(layer.weight) > 0) {
                m_layers->addItem(QString::fromStdString(layer.name), QVariant::fromValue(i));
            }
        }
        m_layers->setCurrentIndex(m_layers->count() > 0 ? std::max(0, m_layers->findText(chosen))
                                                        : -1);
    }
    m_layers->setEnabled(m_layers->count() > 0);
    chooseLayer();
}

void FormatBrowser::chooseLayer() {
    m_weights.clear();
    if (m_layers->currentIndex() >= 0) {
        const auto layer = m_layers->currentData().value<std::size_t>();
        m_weights = weightsOf(*m_network, m_network->layers[layer]);
    }
    if (!m_network) {
        m_state->setText(tr("No network is open: formats are shown at scale 1."));
    } else if (m_weights.empty()) {
        m_state->setText(tr("No float weights are stored: formats are shown at scale 1."));
    } else {
        m_state->setText(tr("%1 weights").arg(wording::count(double(m_weights.size()))));
    }
    refresh();
}

void FormatBrowser::refresh() {
    const std::array figures = {figuresOf(m_first->format(), m_weights),
                                figuresOf(m_second->format(), m_weights)};
    const QString layer = m_layers->currentText();
    m_first->show(figures[0], m_weights, layer, m_logarithmic->isChecked());
    m_second->show(figures[1], m_weights, layer, m_logarithmic->isChecked());
    charts::CurveData errors = curvesOver(tr("Relative error"), {}, charts::ScaleKind::Logarithmic);
    charts::CurveData decimals =
        curvesOver(tr("Decimal accuracy"), tr("digits"), charts::ScaleKind::Linear);
    const MagnitudeRange range = magnitudesOf(figures);
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const auto style = i == 0 ? charts::CurveStyle::Line : charts::CurveStyle::Dashed;
        const QString name = QString::fromStdString(figures[i].format.name());
        charts::Curve error{name, {}, style, static_cast<int>(i), {}};
        charts::Curve decimal = error;
        for (const numerics::AccuracyPoint& point : accuracyOf(figures[i], range, m_weights)) {
            error.points.emplace_back(point.magnitude, point.relativeError);
            decimal.points.emplace_back(point.magnitude, point.decimalAccuracy);
        }
        errors.curves.push_back(std::move(error));
        decimals.curves.push_back(std::move(decimal));
    }
    m_errors->setData({});  // each pair of formats has a range of its own
    m_errors->setData(std::move(errors));
    m_decimals->setData({});
    m_decimals->setData(std::move(decimals));
}

}  // namespace bitloupe::ui
