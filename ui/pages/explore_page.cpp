// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/explore_page.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/study_document.h"
#include "ui/charts/design_scatter.h"
#include "ui/charts/study_charts.h"
#include "ui/models/selection.h"
#include "ui/panels/axis_menu.h"
#include "ui/panels/design_tabs.h"
#include "ui/panels/filter_bar.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using exploration::QuantityId;

constexpr int kMostHovered = 6;

}  // namespace

ExplorePage::ExplorePage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_snapshot(document.bridge().snapshot()),
      m_scatter(new charts::DesignScatter(this)),
      m_filters(document.undoStack()),
      m_filterBar(new FilterBar(m_filters, this)),
      m_tabs(new DesignTabs(selection, this)),
      m_empty(makeSentence({}, TextRole::Muted, m_scatter)) {
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(kGrid);
    split->addWidget(makePlot());
    split->addWidget(m_tabs);
    split->setStretchFactor(0, 7);
    split->setStretchFactor(1, 3);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    page->addWidget(split);

    m_scatter->setFading(true);
    m_scatter->setHoverText([this](const QList<qint64>& ids) { return hoverText(ids); });
    connect(m_scatter, &charts::DesignScatter::designClicked, &selection, &Selection::setDesign);
    connect(m_scatter, &charts::DesignScatter::designActivated, this,
            &ExplorePage::designActivated);
    connect(m_scatter, &charts::DesignScatter::designHovered, this,
            [this](const QList<qint64>& ids) {
                m_selection.setHovered(ids.isEmpty() ? 0 : ids.constFirst());
            });
    connect(m_scatter, &charts::PlotView::axisMenuRequested, this,
            [this](Qt::Orientation orientation, QPoint place) {
                QMenu menu(this);
                fillAxisMenu(menu, orientation);
                menu.exec(place);
            });
    connect(&m_filters, &FilterHistory::changed, this, &ExplorePage::applyFilter);
    const auto takeBrush = [this](const QList<qint64>& ids) {
        m_filterBar->setBrushed({ids.begin(), ids.end()});
    };
    connect(m_scatter, &charts::DesignScatter::brushed, this, takeBrush);
    connect(m_tabs, &DesignTabs::brushed, this, takeBrush);
    connect(&selection, &Selection::hoveredChanged, this, [this](std::int64_t design) {
        m_scatter->setHighlighted(design > 0 ? QList<qint64>{design} : QList<qint64>());
    });
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &ExplorePage::take);
    connect(&document, &StudyDocument::opened, this, [this] {  // a run that goes on keeps them
        m_filters.reset({});
        m_filterBar->setBrushed({});
    });
    connect(&selection, &Selection::designChanged, this, &ExplorePage::showSelection);
    connect(&selection, &Selection::pinnedChanged, this, [this] {
        m_builder.setPinned(m_selection.pinned());
        redraw();
    });
    connect(m_tabs, &DesignTabs::refreshed, this, [this] { m_filterBar->setSnapshot(m_snapshot); });
    setAxes({});
    take(m_snapshot);
}

QWidget* ExplorePage::makePlot() {
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid / 2);
    m_yButton = makeAxisButton(Qt::Vertical);
    m_xButton = makeAxisButton(Qt::Horizontal);
    tools->addWidget(m_yButton);
    tools->addWidget(makeLabel(tr("over"), TextRole::Muted, part));
    tools->addWidget(m_xButton);
    auto* marks = new QToolButton(part);
    marks->setText(tr("Colour and size"));
    marks->setAutoRaise(true);
    marks->setPopupMode(QToolButton::InstantPopup);
    marks->setFocusPolicy(Qt::TabFocus);
    auto* markMenu = new QMenu(marks);
    connect(markMenu, &QMenu::aboutToShow, this, [this, markMenu] { fillMarkMenu(*markMenu); });
    marks->setMenu(markMenu);
    tools->addWidget(marks);
    tools->addStretch(1);
    const auto addTool = [&](const QString& text, const QString& tip, const auto* receiver,
                             auto slot) {
        auto* button = new QToolButton(part);
        button->setText(text);
        button->setToolTip(tip);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QToolButton::clicked, receiver, slot);
        tools->addWidget(button);
        return button;
    };
    m_suggest = new QToolButton(part);
    m_suggest->setText(tr("Suggest"));
    m_suggest->setToolTip(
        tr("Mark the design to look at first: the knee, or the best within the limits"));
    m_suggest->setAutoRaise(true);
    m_suggest->setPopupMode(QToolButton::InstantPopup);
    m_suggest->setFocusPolicy(Qt::TabFocus);
    auto* suggestions = new QMenu(m_suggest);
    connect(suggestions, &QMenu::aboutToShow, this,
            [this, suggestions] { fillSuggestions(*suggestions); });
    m_suggest->setMenu(suggestions);
    tools->addWidget(m_suggest);
    m_brush = addTool(tr("Brush"), tr("Draw a rectangle around designs, to keep or put them away"),
                      this, [this] { setBrushing(m_brush->isChecked()); });
    m_brush->setCheckable(true);
    addTool(tr("Show the front"), tr("Zoom to the front and what is near it"), m_scatter,
            &charts::DesignScatter::zoomToFront);
    addTool(tr("Show everything"), tr("Undo every zoom (0)"), m_scatter,
            &charts::DesignScatter::resetView);
    addTool(tr("Save picture …"), tr("As PNG, SVG, PDF or CSV"), this, &ExplorePage::savePicture);
    column->addLayout(tools);
    m_scatter->setFrameShape(QFrame::NoFrame);
    m_scatter->setMinimumHeight(24 * kGrid);
    column->addWidget(m_scatter, 1);
    column->addWidget(m_filterBar);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* over = new QVBoxLayout(m_scatter);
    over->addStretch(2);  // below the float network, which stands in the middle at first
    over->addWidget(m_empty);
    over->addStretch(1);
    return part;
}

QToolButton* ExplorePage::makeAxisButton(Qt::Orientation orientation) {
    auto* button = new QToolButton(this);
    button->setAutoRaise(true);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFocusPolicy(Qt::TabFocus);
    button->setFont(fontOf(TextRole::Heading));
    auto* menu = new QMenu(button);
    connect(menu, &QMenu::aboutToShow, this,
            [this, menu, orientation] { fillAxisMenu(*menu, orientation); });
    button->setMenu(menu);
    return button;
}

void ExplorePage::fillAxisMenu(QMenu& menu, Qt::Orientation orientation) {
    ui::fillAxisMenu(menu, orientation, m_builder.axes(),
                     [this](const ScatterAxes& axes) { setAxes(axes); });
}

void ExplorePage::fillSuggestions(QMenu& menu) {
    menu.clear();
    const charts::ScatterData& data = m_scatter->data();
    for (const auto suggestion : {charts::Suggestion::Knee, charts::Suggestion::BestVertical,
                                  charts::Suggestion::BestHorizontal}) {
        QAction* action = menu.addAction(charts::suggestionText(data, suggestion));
        action->setCheckable(true);
        action->setChecked(m_builder.suggestion() == suggestion);
        action->setEnabled(charts::suggestedPoint(data, suggestion).has_value());
        connect(action, &QAction::triggered, this, [this, suggestion](bool on) {
            suggest(on ? std::optional(suggestion) : std::nullopt);
        });
    }
}

void ExplorePage::suggest(std::optional<charts::Suggestion> suggestion) {
    m_builder.setSuggestion(suggestion);
    redraw();
    const charts::ScatterData& data = m_scatter->data();
    if (const auto point = suggestion ? charts::suggestedPoint(data, *suggestion) : std::nullopt) {
        m_selection.setDesign(data.ids[*point]);
    }
}

void ExplorePage::fillMarkMenu(QMenu& menu) {
    ui::fillMarkMenu(menu, m_builder.axes(), [this](const ScatterAxes& axes) { setAxes(axes); });
}

void ExplorePage::setAxes(const ScatterAxes& axes) {
    m_builder.setAxes(axes);
    const auto label = [](QuantityId id) {
        return QString::fromStdString(exploration::quantity(id).label);
    };
    m_xButton->setText(label(axes.x));
    m_yButton->setText(label(axes.y));
    m_xButton->setAccessibleName(tr("Horizontal axis: %1").arg(label(axes.x)));
    m_yButton->setAccessibleName(tr("Vertical axis: %1").arg(label(axes.y)));
    redraw();
    Q_EMIT axesChanged(axes);
}

void ExplorePage::setDraft(std::optional<ScatterBuilder::Draft> draft) {
    m_builder.setDraft(std::move(draft));
    if (isVisible()) {
        redraw();
    }
}

void ExplorePage::adoptMetric() {
    ScatterAxes axes = m_builder.axes();
    axes.metric = exploration::metricAmong(m_snapshot->objectives);
    for (QuantityId* axis : {&axes.x, &axes.y}) {
        *axis = exploration::isMetric(*axis) ? axes.metric : *axis;
    }
    if (!(axes == m_builder.axes())) {
        setAxes(axes);
    }
}

void ExplorePage::take(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_snapshot->generation;
    const bool grown = another || snapshot->evaluations.size() != m_snapshot->evaluations.size() ||
                       snapshot->reference.has_value() != m_snapshot->reference.has_value();
    m_snapshot = snapshot;
    if (another) {
        adoptMetric();
        m_filterBar->setSnapshot(snapshot);
    }
    if (isVisible() && grown) {
        redraw();
    }
    if (another || isVisible()) {
        m_tabs->setSnapshot(snapshot);
    }
}

void ExplorePage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    redraw();
    m_tabs->setSnapshot(m_snapshot);
}

void ExplorePage::redraw() {
    m_scatter->setData(m_builder.build(*m_snapshot));
    const bool nothing = m_snapshot->evaluations.empty();
    m_empty->setVisible(nothing);
    m_empty->setText(m_snapshot->state == RunState::Idle
                         ? tr("Every design that is measured will be a point here.\n"
                              "Press Start to measure the first ones.")
                         : tr("The first designs are being measured."));
}

void ExplorePage::showSelection() {
    const std::int64_t design = m_selection.design();
    m_scatter->setSelected(design > 0 ? std::optional<qint64>(design) : std::nullopt);
}

void ExplorePage::applyFilter() {
    const DesignFilter& filter = m_filters.filter();
    m_builder.setFilter(filter);
    const auto line = [&filter](QuantityId axis) {
        const auto limit = filter.limitOf(axis);
        return limit ? std::optional(charts::shownValue(axis, *limit)) : std::nullopt;
    };
    m_scatter->setLimits(line(m_builder.axes().x), line(m_builder.axes().y));
    m_tabs->setFilter(filter);
    redraw();
}

void ExplorePage::setBrushing(bool brushing) {
    m_scatter->setTool(brushing ? charts::DesignScatter::Tool::Brush
                                : charts::DesignScatter::Tool::Pan);
    if (!brushing) {
        m_scatter->clearBrush();
        m_filterBar->setBrushed({});
    }
}

void ExplorePage::savePicture() {
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Save the plot"), QStringLiteral("designs.svg"),
                                     tr("Pictures and numbers (*.png *.svg *.pdf *.csv)"));
    if (path.isEmpty()) {
        return;
    }
    charts::PictureOptions options;
    options.theme = charts::ChartTheme::day(font());
    const Result<void> saved = charts::savePicture(*m_scatter, path, options);
    if (saved.hasError()) {
        Q_EMIT m_document.failed(saved.error());
    }
}

QString ExplorePage::formatsOf(qint64 design) const {
    constexpr std::size_t kMostLayers = 12;
    const StudyDocument::Shown& shown = m_document.shown();
    const exploration::Evaluation* evaluation = m_snapshot->find(design);
    if (!shown.network || !evaluation) {
        return {};
    }
    const exploration::Assignment assignment = shown.space.assignment(evaluation->design);
    const auto nameOf = [](const std::optional<quantization::Quantizer>& side) {
        return side ? QString::fromStdString(side->name()).toHtmlEscaped() : tr("float");
    };
    QStringList layers;
    for (std::size_t layer = 0; layer < std::min(assignment.size(), kMostLayers); ++layer) {
        layers << tr("%1 %2/%3")
                      .arg(
                          QString::fromStdString(shown.network->layers[layer].name).toHtmlEscaped(),
                          nameOf(assignment[layer].weights), nameOf(assignment[layer].activations));
    }
    if (assignment.size() > kMostLayers) {
        layers << tr("and %1 more layers").arg(assignment.size() - kMostLayers);
    }
    return layers.join(QStringLiteral(" · "));
}

QString ExplorePage::hoverText(const QList<qint64>& ids) const {
    QStringList lines;
    for (const qint64 id : ids) {
        const exploration::Evaluation* evaluation = m_snapshot->find(id);
        if (!evaluation) {
            continue;
        }
        if (lines.size() == kMostHovered) {
            lines << tr("and %1 more").arg(ids.size() - kMostHovered);
            break;
        }
        QStringList parts = {tr("<b>Design %1</b>").arg(id)};
        for (const QuantityId quantity : {m_builder.axes().y, m_builder.axes().x}) {
            const double value = evaluation->value(quantity);
            QString words = wording::valueWithUnit(quantity, value);
            if (m_snapshot->reference && m_snapshot->referenceCosts) {
                exploration::Evaluation reference;
                reference.measured = *m_snapshot->reference;
                reference.costs = *m_snapshot->referenceCosts;
                const QString change = wording::change(quantity, value, reference.value(quantity));
                words += change.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(change);
            }
            parts << QString::fromStdString(exploration::quantity(quantity).label) +
                         QLatin1Char(' ') + words;
        }
        lines << parts.join(QStringLiteral(" · "));
    }
    if (ids.size() == 1 && lines.size() == 1) {
        lines << formatsOf(ids.constFirst());
    }
    return lines.join(QStringLiteral("<br>"));
}

}  // namespace bitloupe::ui
