// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/explore_page.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/charts/design_scatter.h"
#include "ui/models/selection.h"
#include "ui/panels/axis_menu.h"
#include "ui/panels/constraint_bar.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using exploration::QuantityId;

constexpr int kListInterval = 250;  // ms
constexpr int kMostHovered = 6;

}  // namespace

ExplorePage::ExplorePage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_snapshot(document.bridge().snapshot()),
      m_scatter(new charts::DesignScatter(this)),
      m_constraint(new ConstraintBar(this)),
      m_table(makeTable(m_list, tr("Designs"), this)),
      m_empty(makeSentence({}, TextRole::Muted, m_scatter)) {
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(kGrid);
    split->addWidget(makePlot());
    split->addWidget(makeList());
    split->setStretchFactor(0, 7);
    split->setStretchFactor(1, 3);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    page->addWidget(split);

    m_scatter->setHoverText([this](const QList<qint64>& ids) { return hoverText(ids); });
    connect(m_scatter, &charts::DesignScatter::designClicked, &selection, &Selection::setDesign);
    connect(m_scatter, &charts::DesignScatter::designHovered, this, [this](const QList<qint64>& ids) {
        m_selection.setHovered(ids.isEmpty() ? 0 : ids.constFirst());
    });
    connect(m_scatter, &charts::PlotView::axisMenuRequested, this,
            [this](Qt::Orientation orientation, QPoint place) {
                QMenu menu(this);
                fillAxisMenu(menu, orientation);
                menu.exec(place);
            });
    connect(m_constraint, &ConstraintBar::minimumChanged, this, &ExplorePage::constrain);
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &ExplorePage::take);
    connect(&selection, &Selection::designChanged, this, &ExplorePage::showSelection);
    connect(&selection, &Selection::pinnedChanged, this, [this] {
        m_builder.setPinned(m_selection.pinned());
        redraw();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid() && m_table->hasFocus()) {
                    m_selection.setDesign(m_list.idAt(current.row()));
                }
            });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        m_selection.setDesign(m_list.idAt(index.row()));
    });
    m_listTimer.setSingleShot(true);
    m_listTimer.setInterval(kListInterval);
    connect(&m_listTimer, &QTimer::timeout, this, &ExplorePage::refreshList);
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
    const auto addTool = [&](const QString& text, const QString& tip, auto slot) {
        auto* button = new QToolButton(part);
        button->setText(text);
        button->setToolTip(tip);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::TabFocus);
        connect(button, &QToolButton::clicked, m_scatter, slot);
        tools->addWidget(button);
    };
    addTool(tr("Show the front"), tr("Zoom to the front and what is near it"),
            &charts::DesignScatter::zoomToFront);
    addTool(tr("Show everything"), tr("Undo every zoom (0)"), &charts::DesignScatter::resetView);
    column->addLayout(tools);
    m_scatter->setFrameShape(QFrame::NoFrame);
    m_scatter->setMinimumHeight(24 * kGrid);
    column->addWidget(m_scatter, 1);
    column->addWidget(m_constraint);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* over = new QVBoxLayout(m_scatter);
    over->addWidget(m_empty);
    return part;
}

QWidget* ExplorePage::makeList() {
    auto* tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->tabBar()->setAccessibleName(tr("Views of the designs"));
    auto* part = new QWidget(tabs);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->setSpacing(kGrid);
    auto* tools = new QHBoxLayout;
    auto* frontOnly = new QCheckBox(tr("&Front only"), part);
    frontOnly->setChecked(true);
    auto* copy = new QPushButton(tr("&Copy as CSV"), part);
    copy->setFlat(true);
    copy->setFocusPolicy(Qt::TabFocus);
    tools->addWidget(frontOnly);
    tools->addStretch(1);
    tools->addWidget(copy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(DesignListModel::FirstQuantity, Qt::DescendingOrder);
    column->addWidget(m_table, 1);
    column->addLayout(tools);
    tabs->addTab(part, tr("Designs"));
    connect(frontOnly, &QCheckBox::toggled, this, [this](bool on) {
        m_list.setFrontOnly(on);
        showSelection();
    });
    connect(copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(QString::fromUtf8(m_list.toCsv()));
    });
    return tabs;
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
}

void ExplorePage::take(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_snapshot->generation;
    const bool grown = another || snapshot->evaluations.size() != m_snapshot->evaluations.size() ||
                       snapshot->reference.has_value() != m_snapshot->reference.has_value();
    m_snapshot = snapshot;
    if (another) {
        m_constraint->setSnapshot(snapshot);
        m_builder.setMinimumAccuracy(m_constraint->minimum());
    }
    if (isVisible() && grown) {
        redraw();
    }
    if (!m_listTimer.isActive() && isVisible()) {
        m_listTimer.start();
    }
}

void ExplorePage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    redraw();
    refreshList();
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

void ExplorePage::refreshList() {
    m_list.setSnapshot(m_snapshot);
    m_constraint->setSnapshot(m_snapshot);
    if (m_fittedGeneration != m_snapshot->generation && m_list.rowCount() > 0) {
        m_fittedGeneration = m_snapshot->generation;
        fitColumns(*m_table);
    }
    showSelection();
}

void ExplorePage::showSelection() {
    const std::int64_t design = m_selection.design();
    m_scatter->setSelected(design > 0 ? std::optional<qint64>(design) : std::nullopt);
    const int row = m_list.rowOf(design);
    if (row < 0) {
        m_table->clearSelection();
    } else if (m_table->currentIndex().row() != row || !m_table->selectionModel()->hasSelection()) {
        m_table->selectRow(row);
    }
}

void ExplorePage::constrain() {
    const auto minimum = m_constraint->minimum();
    m_builder.setMinimumAccuracy(minimum);
    const bool onY = m_builder.axes().y == QuantityId::Accuracy;
    m_scatter->setLimits({}, minimum && onY ? std::optional(*minimum * 100) : std::nullopt);
    m_list.setMinimumAccuracy(minimum.value_or(-std::numeric_limits<double>::infinity()));
    redraw();
    showSelection();
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
            parts << QString::fromStdString(exploration::quantity(quantity).label) + QLatin1Char(' ') + words;
        }
        lines << parts.join(QStringLiteral(" · "));
    }
    return lines.join(QStringLiteral("<br>"));
}

}  // namespace bitloupe::ui
