// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/tables.h"

#include <QHeaderView>
#include <QScrollBar>
#include <QTableView>
#include <algorithm>

#include "ui/panels/table_style.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

constexpr int kRowsMeasured = 200;

int rowHeight(const QTableView& table) {
    return table.fontMetrics().height() + kGrid;
}

}  // namespace

QTableView* makeTable(QAbstractItemModel& model, const QString& name, QWidget* parent) {
    auto* table = new QTableView(parent);
    table->setModel(&model);
    table->setAccessibleName(name);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setTabKeyNavigation(false);
    table->setWordWrap(false);
    table->setItemDelegate(new RowDelegate(table));
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(rowHeight(*table));
    table->setHorizontalHeader(new PlainHeader(table));
    return table;
}

void fitColumns(QTableView& table) {
    const QAbstractItemModel& model = *table.model();
    const int rows = std::min(model.rowCount(), kRowsMeasured);
    const QFontMetrics metrics = table.fontMetrics();
    const QFontMetrics bold(fontOf(TextRole::Heading));
    for (int column = 0; column < model.columnCount(); ++column) {
        int width = metrics.horizontalAdvance(model.headerData(column, Qt::Horizontal).toString()) +
                    (table.isSortingEnabled() ? 2 * kGrid : 0);
        for (int row = 0; row < rows; ++row) {
            width =
                std::max(width, bold.horizontalAdvance(model.index(row, column).data().toString()));
        }
        width += 2 * kGrid;
        if (column == 0 && table.horizontalHeader()->sectionResizeMode(0) == QHeaderView::Stretch) {
            // Where all columns need more than there is, names keep some room of it.
            table.horizontalHeader()->setMinimumSectionSize(
                std::clamp(width, 4 * kGrid, 9 * kGrid));
        }
        table.setColumnWidth(column, width);
    }
}

void fillWidth(QTableView& table) {
    table.horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
}

void fitHeight(QTableView& table, int least, int most) {
    const int rows = std::clamp(table.model()->rowCount(), least, most);
    table.setFixedHeight(table.horizontalHeader()->sizeHint().height() + rows * rowHeight(table) +
                         table.horizontalScrollBar()->sizeHint().height());
}

}  // namespace bitloupe::ui
