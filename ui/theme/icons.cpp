// SPDX-License-Identifier: Apache-2.0
#include "ui/theme/icons.h"

#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>

// A static library's resources are linked only when somebody asks for them, from the global
// namespace.
static void loadResources() {
    Q_INIT_RESOURCE(icons);
}

namespace bitloupe::ui {

namespace {

/// Draws the SVG at the size asked for, with `currentColor` put in from the palette of the moment.
class SvgEngine final : public QIconEngine {
public:
    explicit SvgEngine(QByteArray source) : m_source(std::move(source)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode,
               QIcon::State /*state*/) override {
        const QPalette::ColorGroup group =
            mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const QPalette::ColorRole role =
            mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText;
        const QColor color = QApplication::palette().color(group, role);
        QByteArray tinted = m_source;
        tinted.replace("currentColor", color.name().toLatin1());
        QSvgRenderer renderer(tinted);
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        renderer.render(painter, rect);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, {QPoint(0, 0), size}, mode, state);
        return pixmap;
    }

    [[nodiscard]] QIconEngine* clone() const override { return new SvgEngine(m_source); }

private:
    QByteArray m_source;
};

}  // namespace

QIcon programIcon() {
    loadResources();
    return QIcon(QStringLiteral(":/bitloupe/icons/bitloupe.svg"));
}

QIcon icon(const QString& name) {
    loadResources();
    QFile file(QStringLiteral(":/bitloupe/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new SvgEngine(file.readAll()));
}

}  // namespace bitloupe::ui
