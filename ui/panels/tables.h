// SPDX-License-Identifier: Apache-2.0
#pragma once

class QAbstractItemModel;
class QString;
class QTableView;
class QWidget;

namespace bitloupe::ui {

/// A table as this window shows them: lines instead of boxes, whole rows selected, numbers of equal
/// width, `name` for those who hear it. The model is not owned.
[[nodiscard]] QTableView* makeTable(QAbstractItemModel& model, const QString& name,
                                    QWidget* parent = nullptr);

/// Widens columns to their contents once (never while data streams in); the first takes the rest.
void fitColumns(QTableView& table);

/// From now on the first column takes what the others leave, so that rows reach from side to side.
void fillWidth(QTableView& table);

/// Makes the table as high as its rows, at least `least` and at most `most` of them.
void fitHeight(QTableView& table, int least, int most);

}  // namespace bitloupe::ui
