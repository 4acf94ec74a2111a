// SPDX-License-Identifier: Apache-2.0
#include "ui/dialogs/shortcut_sheet.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

ShortcutSheet::ShortcutSheet(const QList<QPair<QString, QString>>& keys, QWidget* parent)
    : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keyboard shortcuts"));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(2 * kGrid);
    grid->setVerticalSpacing(kGrid / 2);
    const int rows = static_cast<int>(keys.size() + 1) / 2;
    for (int i = 0; i < keys.size(); ++i) {
        const int column = i / rows * 3;
        QLabel* key = makeLabel(keys.at(i).second, TextRole::Heading, this);
        grid->addWidget(key, i % rows, column, Qt::AlignRight);
        grid->addWidget(makeLabel(keys.at(i).first, TextRole::Body, this), i % rows, column + 1);
    }
    grid->setColumnMinimumWidth(2, 3 * kGrid);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
    column->setSpacing(2 * kGrid);
    column->addLayout(grid);
    column->addWidget(buttons);
}

}  // namespace bitloupe::ui
