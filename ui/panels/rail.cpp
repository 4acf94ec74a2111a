// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/rail.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

class RailButton final : public QAbstractButton {
public:
    RailButton(const QString& iconName, const QString& name, QWidget* parent)
        : QAbstractButton(parent) {
        setIcon(ui::icon(iconName));
        setText(name);
        setAccessibleName(name);
        setCheckable(true);
        setAutoExclusive(true);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::PointingHandCursor);
    }

    [[nodiscard]] QSize sizeHint() const override {
        const QFontMetrics metrics(font());
        return {metrics.horizontalAdvance(text()) + 3 * kGrid,
                iconSide() + metrics.height() + 3 * kGrid};
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QPainter painter(this);
        const Colors colors = Colors::of(palette());
        if (isChecked()) {
            painter.fillRect(rect(), colors.chosen);
            painter.fillRect(QRect(0, 0, kGrid / 2 - 1, height()), colors.accent);
        } else if (underMouse() && isEnabled()) {
            painter.fillRect(rect(), colors.hover);
        }
        if (hasFocus()) {
            painter.setPen(QPen(colors.accent, 2));
            painter.drawRect(rect().adjusted(2, 2, -2, -2));
        }
        const int side = iconSide();
        const QRect place((width() - side) / 2, kGrid + kGrid / 4, side, side);
        icon().paint(&painter, place, Qt::AlignCenter,
                     isEnabled() ? QIcon::Normal : QIcon::Disabled);
        painter.setPen(isEnabled() ? palette().color(QPalette::WindowText) : colors.muted);
        painter.drawText(
            QRect(0, place.bottom() + kGrid / 2, width(), height() - place.bottom() - kGrid),
            Qt::AlignHCenter | Qt::AlignTop, text());
    }

private:
    [[nodiscard]] int iconSide() const { return QFontMetrics(font()).height() * 3 / 2; }
};

}  // namespace

Rail::Rail(QWidget* parent) : QWidget(parent), m_group(new QButtonGroup(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, kGrid, 1, kGrid);
    layout->setSpacing(0);
    layout->addStretch();
    connect(m_group, &QButtonGroup::idClicked, this, &Rail::chosen);
}

void Rail::addPage(const QString& icon, const QString& name, const QString& shortcut) {
    auto* button = new RailButton(icon, name, this);
    button->setToolTip(tr("%1 (%2)").arg(name, shortcut));
    const int page = static_cast<int>(m_group->buttons().size());
    m_group->addButton(button, page);
    static_cast<QVBoxLayout*>(layout())->insertWidget(page, button);
}

void Rail::setCurrent(int page) {
    if (QAbstractButton* button = m_group->button(page)) {
        button->setChecked(true);
    }
}

int Rail::current() const {
    return m_group->checkedId();
}

void Rail::setPageEnabled(int page, bool enabled) {
    if (QAbstractButton* button = m_group->button(page)) {
        button->setEnabled(enabled);
    }
}

void Rail::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), Colors::of(palette()).line);
}

}  // namespace bitloupe::ui
