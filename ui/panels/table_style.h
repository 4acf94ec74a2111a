// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractScrollArea>
#include <QHeaderView>
#include <QStyledItemDelegate>

namespace bitloupe::ui {

/// A cell with room at both sides, a hairline below, and the accent behind what is selected.
class RowDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
};

/// A header that is words over a line, with an arrow where it is sorted.
class PlainHeader : public QHeaderView {
    Q_OBJECT

public:
    explicit PlainHeader(QAbstractScrollArea* table);

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override;
    void paintEvent(QPaintEvent* event) override;
    [[nodiscard]] QSize sectionSizeFromContents(int section) const override;

private:
    [[nodiscard]] QColor ground() const;  ///< of the table below
};

}  // namespace bitloupe::ui
