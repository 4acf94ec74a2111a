// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/sensitivity_heatmap.h"

#include <QtGui/QKeyEvent>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QStyledItemDelegate>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

#include "ui/charts/heatmap_paint.h"

namespace bitloupe::charts {

/// Reads one number per cell and looks its colour up.
class SensitivityHeatmap::Delegate : public QStyledItemDelegate {
public:
    explicit Delegate(SensitivityHeatmap& view) : QStyledItemDelegate(&view), m_view(view) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        if (index.data(SensitivityModel::HeadingRole).toBool()) {
            return;
        }
        HeatmapCell cell;
        cell.share = index.data(SensitivityModel::ShareRole).toDouble();
        cell.number = m_view.m_numbers ? index.data().toString() : QString();
        cell.chosen = index.data(SensitivityModel::ChosenRole).toBool();
        cell.current = m_view.m_table->hasFocus() && m_view.m_table->currentIndex() == index;
        painter->setFont(m_view.m_theme.font);
        paintHeatmapCell(*painter, QRectF(option.rect), cell, m_view.m_theme);
    }

private:
    SensitivityHeatmap& m_view;
};

class SensitivityHeatmap::Legend : public QWidget {
public:
    explicit Legend(SensitivityHeatmap& view) : QWidget(&view), m_view(view) {}
    [[nodiscard]] QSize sizeHint() const override {
        return {200, int(heatmapLegendHeight(m_view.m_theme))};
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QPainter painter(this);
        paintHeatmapLegend(painter, QRectF(rect()).adjusted(8, 0, -8, 0), m_view.m_model.axis(),
                           m_view.m_model.scale(), m_view.m_theme);
    }

private:
    SensitivityHeatmap& m_view;
};

namespace {

/// Names without boxes; headings in the text's colour, the rest muted.
class PlainHeader : public QHeaderView {
public:
    PlainHeader(Qt::Orientation orientation, SensitivityHeatmap& view)
        : QHeaderView(orientation, &view), m_view(view) {
        setSectionsClickable(false);
        setSectionResizeMode(QHeaderView::Fixed);
        setHighlightSections(false);
    }

protected:
    void paintSection(QPainter* painter, const QRect& place, int section) const override {
        const ChartTheme& theme = m_view.theme();
        const bool heading =
            orientation() == Qt::Vertical &&
            model()->index(section, 0).data(SensitivityModel::HeadingRole).toBool();
        painter->fillRect(place, theme.background);
        painter->setFont(theme.font);
        painter->setPen(heading ? theme.text : theme.mutedText);
        const QString name = model()->headerData(section, orientation()).toString();
        if (orientation() == Qt::Horizontal) {
            paintColumnName(*painter, place, name);
            return;
        }
        const int sideways = heading ? Qt::AlignLeft : Qt::AlignRight;
        const QRect inner = place.adjusted(8, 0, -8, 0);
        painter->drawText(
            inner, sideways | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(name, Qt::ElideMiddle, inner.width() + 8));
    }

    /// The style would paint what lies beyond the last name in the colour of a button.
    void paintEvent(QPaintEvent* event) override {
        QHeaderView::paintEvent(event);
        const QRect whole = viewport()->rect();
        const QRect beyond = orientation() == Qt::Horizontal ? whole.adjusted(length(), 0, 0, 0)
                                                             : whole.adjusted(0, length(), 0, 0);
        QPainter(viewport()).fillRect(beyond, m_view.theme().background);
    }

private:
    SensitivityHeatmap& m_view;
};

}  // namespace

SensitivityHeatmap::SensitivityHeatmap(SensitivityModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_table(new QTableView(this)), m_legend(new Legend(*this)) {
    buildTable();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_table, 1);
    column->addWidget(m_legend);
    setFocusProxy(m_table);
    connect(&model, &QAbstractItemModel::modelReset, this, [this] { reshape(); });
    connect(&model, &QAbstractItemModel::dataChanged, this, [this] {
        m_legend->update();
        m_table->setAccessibleDescription(m_model.summary());
    });
    applyTheme();
    reshape();
}

void SensitivityHeatmap::buildTable() {
    m_table->setModel(&m_model);
    m_table->setItemDelegate(new Delegate(*this));
    m_table->setHorizontalHeader(new PlainHeader(Qt::Horizontal, *this));
    m_table->setVerticalHeader(new PlainHeader(Qt::Vertical, *this));
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setCornerButtonEnabled(false);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setTabKeyNavigation(false);
    m_table->setMouseTracking(true);
    m_table->viewport()->installEventFilter(this);
    m_table->installEventFilter(this);
    m_corner = m_table->findChild<QAbstractButton*>(QString(), Qt::FindDirectChildrenOnly);
    if (m_corner != nullptr) {
        m_corner->installEventFilter(this);
    }
    m_table->setAccessibleName(tr("Sensitivity of layers to formats"));
    connect(m_table, &QTableView::entered, this, [this](const QModelIndex& index) {
        if (const auto cell = m_model.cellAt(index); cell.has_value()) {
            Q_EMIT cellHovered(*cell);
        }
    });
    connect(m_table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (const auto cell = m_model.cellAt(index); cell.has_value()) {
            Q_EMIT cellClicked(*cell);
        }
    });
}

void SensitivityHeatmap::setNumbersShown(bool shown) {
    if (shown != m_numbers) {
        m_numbers = shown;
        m_table->viewport()->update();
        Q_EMIT numbersShownChanged(shown);
    }
}

void SensitivityHeatmap::paintPicture(QPainter& painter, QSizeF size,
                                      const ChartTheme& theme) const {
    paintHeatmap(painter, size, m_model, m_numbers, theme);
}

void SensitivityHeatmap::reshape() {
    m_table->setAccessibleDescription(m_model.summary());
    m_legend->setVisible(m_model.rowCount() > 0);
    layOut();
}

void SensitivityHeatmap::layOut() {
    const int columns = m_model.columnCount();
    const int rows = m_model.rowCount();
    if (columns == 0 || rows == 0) {
        return;
    }
    const QFontMetrics metrics(m_theme.font);
    int names = 0;
    for (int row = 0; row < rows; ++row) {
        names =
            std::max(names, metrics.horizontalAdvance(
                                m_model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString()));
    }
    const int line = metrics.height();
    names = std::min(names + 20, 14 * line);
    m_table->verticalHeader()->setFixedWidth(names);
    const int width = std::clamp((this->width() - names - 4) / columns, 3 * line, 9 * line);
    const int head =
        static_cast<int>(columnNamesHeight(m_model, width, QFontMetricsF(m_theme.font)));
    m_table->horizontalHeader()->setFixedHeight(head + 2);
    const int height = (m_table->height() - head - 6) / rows;
    m_table->horizontalHeader()->setDefaultSectionSize(width);
    m_table->verticalHeader()->setDefaultSectionSize(std::clamp(height, line + 6, 3 * line));
}

void SensitivityHeatmap::applyTheme() {
    m_theme = ChartTheme::fromPalette(palette(), font());
    m_legend->updateGeometry();
    m_legend->update();
    m_table->viewport()->update();
}

void SensitivityHeatmap::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::StyleChange) {
        applyTheme();
        layOut();
    }
}

void SensitivityHeatmap::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layOut();
}

bool SensitivityHeatmap::handleKey(int key) {
    const auto cell = m_model.cellAt(m_table->currentIndex());
    if ((key == Qt::Key_Return || key == Qt::Key_Enter) && cell.has_value()) {
        Q_EMIT cellClicked(*cell);
        return true;
    }
    if (key == Qt::Key_N) {
        setNumbersShown(!m_numbers);
        return true;
    }
    return false;
}

bool SensitivityHeatmap::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        return key->modifiers() == Qt::NoModifier && handleKey(key->key());
    }
    if (watched == m_corner && event->type() == QEvent::Paint) {
        QPainter(m_corner).fillRect(m_corner->rect(), m_theme.background);
        return true;
    }
    if (watched == m_table && event->type() == QEvent::Resize) {
        layOut();
    }
    if (watched == m_table->viewport() && event->type() == QEvent::Leave) {
        Q_EMIT hoverLeft();
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace bitloupe::charts
