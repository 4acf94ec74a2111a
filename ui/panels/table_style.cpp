// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/table_style.h"

#include <QPainter>

#include "ui/models/table_columns.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const {
    const Colors colors = Colors::of(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected) {
        painter->fillRect(option.rect, colors.chosen);
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        painter->fillRect(option.rect, colors.hover);
    }
    painter->save();
    const QVariant font = index.data(Qt::FontRole);
    painter->setFont(font.isValid() ? font.value<QFont>() : option.font);
    painter->setPen(option.palette.color(QPalette::Active, QPalette::WindowText));
    const QRect inner = option.rect.adjusted(kGrid, 0, -kGrid, 0);
    const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
    const QString text = painter->fontMetrics().elidedText(
        index.data(Qt::DisplayRole).toString(),
        alignment.testFlag(Qt::AlignRight) ? Qt::ElideLeft : Qt::ElideRight, inner.width());
    painter->drawText(inner, static_cast<int>(alignment), text);
    if (const QVariant share = index.data(TableColumns::kBarRole); share.isValid()) {
        const QRectF bar(inner.left(), inner.bottom() - 3, inner.width(), 2);
        painter->fillRect(bar, colors.line);
        painter->fillRect(QRectF(bar.topLeft(), QSizeF(bar.width() * share.toDouble(), 2)),
                          colors.accent);
    }
    painter->setPen(QPen(colors.line, 1));
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    painter->restore();
}

PlainHeader::PlainHeader(QAbstractScrollArea* table) : QHeaderView(Qt::Horizontal, table) {
    setHighlightSections(false);
    setMinimumSectionSize(4 * kGrid);
    setStretchLastSection(false);
    setSectionsClickable(true);
}

QColor PlainHeader::ground() const {
    const QWidget* table = static_cast<const QAbstractScrollArea*>(parentWidget())->viewport();
    return table->palette().color(table->backgroundRole());
}

QSize PlainHeader::sectionSizeFromContents(int section) const {
    const QString text = model()->headerData(section, Qt::Horizontal).toString();
    return {fontMetrics().horizontalAdvance(text) + 2 * kGrid, fontMetrics().height() + kGrid};
}

void PlainHeader::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), ground());
    painter.fillRect(QRect(0, viewport()->height() - 1, viewport()->width(), 1),
                     Colors::of(palette()).line);
    painter.end();
    QHeaderView::paintEvent(event);
}

void PlainHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
    const Colors colors = Colors::of(palette());
    painter->save();
    painter->fillRect(rect, ground());
    painter->setPen(palette().color(QPalette::PlaceholderText));
    const int alignment =
        model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt();
    QString text = model()->headerData(section, Qt::Horizontal).toString();
    if (isSortIndicatorShown() && sortIndicatorSection() == section) {
        text += sortIndicatorOrder() == Qt::AscendingOrder ? QStringLiteral(" ↑")
                                                           : QStringLiteral(" ↓");
    }
    painter->drawText(rect.adjusted(kGrid, 0, -kGrid, 0), alignment, text);
    painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colors.line);
    painter->restore();
}

}  // namespace bitloupe::ui
