// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/message_bar.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

constexpr int kMostLines = 3;

QToolButton* makeButton(const QString& text, const QString& iconName, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setAutoRaise(true);
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolTip(text);
    if (!iconName.isEmpty()) {
        button->setIcon(icon(iconName));
    }
    button->setToolButtonStyle(iconName.isEmpty() ? Qt::ToolButtonTextOnly
                                                  : Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

}  // namespace

QString MessageBar::iconOf(Kind kind) {
    switch (kind) {
        case Kind::News:
            return QStringLiteral("info");
        case Kind::Warning:
            return QStringLiteral("warning");
        case Kind::Problem:
            return QStringLiteral("problem");
    }
    return {};
}

class MessageBar::Line final : public QWidget {
public:
    Line(Kind kind, const QString& sentence, const QString& advice)
        : m_kind(kind), m_sentence(sentence) {
        setObjectName(QStringLiteral("message"));
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
        row->setSpacing(kGrid);
        auto* sign = new QLabel(this);
        const int side = fontMetrics().height() * 5 / 4;
        sign->setPixmap(icon(iconOf(kind)).pixmap(side, side));
        row->addWidget(sign, 0, Qt::AlignTop);
        auto* words = new QVBoxLayout;
        words->setSpacing(kGrid / 4);
        words->addWidget(makeSentence(sentence, TextRole::Body));
        if (!advice.isEmpty()) {
            words->addWidget(makeSentence(advice, TextRole::Muted));
        }
        row->addLayout(words, 1);
    }

    [[nodiscard]] const QString& sentence() const { return m_sentence; }

    QToolButton* addButton(const QString& text, const QString& iconName) {
        QToolButton* button = makeButton(text, iconName, this);
        static_cast<QHBoxLayout*>(layout())->addWidget(button, 0, Qt::AlignTop);
        return button;
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QPainter painter(this);
        const Colors colors = Colors::of(palette());
        const QColor mark = m_kind == Kind::Problem   ? colors.problem
                            : m_kind == Kind::Warning ? colors.warning
                                                      : colors.accent;
        painter.fillRect(rect(), palette().color(QPalette::Base));
        painter.fillRect(QRect(0, 0, kGrid / 2, height()), mark);
        painter.fillRect(QRect(0, height() - 1, width(), 1), colors.line);
    }

private:
    Kind m_kind;
    QString m_sentence;
};

MessageBar::MessageBar(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)) {
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    setAccessibleName(tr("Messages"));
    hide();
}

void MessageBar::showError(const Error& error) {
    const QString what = QString::fromStdString(error.what);
    const QString where = QString::fromStdString(error.where);
    QString remedy = QString::fromStdString(error.remedy);
    if (!remedy.isEmpty()) {
        remedy[0] = remedy[0].toUpper();
    }
    QString sentence = where.isEmpty() ? what : tr("%1 — %2").arg(what, where);
    if (!sentence.isEmpty()) {
        sentence[0] = sentence[0].toUpper();
    }
    if (sentences().contains(sentence)) {
        return;
    }
    auto* line = new Line(Kind::Problem, sentence, remedy);
    QToolButton* copy = line->addButton(tr("Copy the details"), QStringLiteral("copy"));
    const QString details = QString::fromStdString(error.sentence());
    connect(copy, &QToolButton::clicked, line,
            [details] { QGuiApplication::clipboard()->setText(details); });
    add(line);
    Q_EMIT told(Kind::Problem, sentence, remedy);
}

void MessageBar::showMessage(Kind kind, const QString& sentence, const QString& action,
                             const std::function<void()>& act) {
    if (sentences().contains(sentence)) {
        return;
    }
    auto* line = new Line(kind, sentence, {});
    if (!action.isEmpty()) {
        QToolButton* button = line->addButton(action, {});
        connect(button, &QToolButton::clicked, this, [act, line, this] {
            remove(line);
            act();
        });
    }
    add(line);
    Q_EMIT told(kind, sentence, {});
}

void MessageBar::add(Line* line) {
    QToolButton* close = line->addButton(tr("Close this message"), QStringLiteral("close"));
    connect(close, &QToolButton::clicked, line, [line, this] { remove(line); });
    m_layout->addWidget(line);
    while (m_layout->count() > kMostLines) {
        delete m_layout->takeAt(0)->widget();
    }
    show();
}

void MessageBar::remove(Line* line) {
    m_layout->removeWidget(line);
    line->hide();
    line->deleteLater();  // its button is still being pressed
    setVisible(m_layout->count() > 0);
}

void MessageBar::clear() {
    while (m_layout->count() > 0) {
        delete m_layout->takeAt(0)->widget();
    }
    hide();
}

QStringList MessageBar::sentences() const {
    QStringList all;
    for (int i = 0; i < m_layout->count(); ++i) {
        all << static_cast<Line*>(m_layout->itemAt(i)->widget())->sentence();
    }
    return all;
}

}  // namespace bitloupe::ui
