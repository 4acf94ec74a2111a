// SPDX-License-Identifier: Apache-2.0
#include "ui/window/first_paint.h"

#include <QEvent>
#include <QTimer>
#include <QWidget>

namespace bitloupe::ui {

namespace {

constexpr int kLongest = 1000;  // ms

class FirstPaint final : public QObject {
public:
    FirstPaint(QWidget& window, std::function<void()> act)
        : QObject(&window), m_act(std::move(act)) {
        window.installEventFilter(this);
        QTimer::singleShot(kLongest, this, &FirstPaint::fire);
    }
    bool eventFilter(QObject* /*watched*/, QEvent* event) override {
        if (event->type() == QEvent::Paint && !m_seen) {
            m_seen = true;
            QTimer::singleShot(0, this, &FirstPaint::fire);  // its children are painted with it
        }
        return false;
    }

private:
    void fire() {
        if (m_act) {
            std::exchange(m_act, nullptr)();
            deleteLater();
        }
    }

    std::function<void()> m_act;
    bool m_seen = false;
};

}  // namespace

void afterFirstPaint(QWidget& window, std::function<void()> act) {
    new FirstPaint(window, std::move(act));
}

}  // namespace bitloupe::ui
