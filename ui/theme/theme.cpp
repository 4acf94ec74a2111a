// SPDX-License-Identifier: Apache-2.0
#include "ui/theme/theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>
#include <algorithm>
#include <cmath>

namespace bitloupe::ui {

namespace {

struct Tones {
    QRgb window, base, alternate, text, muted, button, mid, accent, onAccent;
};

constexpr Tones kLight = {0xfff6f6f4, 0xffffffff, 0xfff4f4f1, 0xff1d2126, 0xff5a616a,
                          0xffececea, 0xffd4d4cf, 0xff0b62ae, 0xffffffff};
constexpr Tones kDark = {0xff1c1e22, 0xff24272c, 0xff2a2d33, 0xffe8e8e5, 0xffa4abb4,
                         0xff30343a, 0xff41464e, 0xff6db3f2, 0xff10141a};

QPalette paletteOf(const Tones& tones) {
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, QRgb rgb) {
        palette.setColor(role, QColor(rgb));
    };
    set(QPalette::Window, tones.window);
    set(QPalette::WindowText, tones.text);
    set(QPalette::Base, tones.base);
    set(QPalette::AlternateBase, tones.alternate);
    set(QPalette::Text, tones.text);
    set(QPalette::PlaceholderText, tones.muted);
    set(QPalette::Button, tones.button);
    set(QPalette::ButtonText, tones.text);
    set(QPalette::BrightText, tones.onAccent);
    set(QPalette::ToolTipBase, tones.base);
    set(QPalette::ToolTipText, tones.text);
    set(QPalette::Mid, tones.mid);
    set(QPalette::Midlight, tones.alternate);
    set(QPalette::Light, tones.base);
    set(QPalette::Dark, tones.mid);
    palette.setColor(QPalette::Shadow, QColor(tones.text).darker(200));
    set(QPalette::Highlight, tones.accent);
    set(QPalette::HighlightedText, tones.onAccent);
    set(QPalette::Link, tones.accent);
    set(QPalette::LinkVisited, tones.accent);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, QColor(tones.muted));
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(tones.mid));
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, QColor(tones.text));
    return palette;
}

QColor mix(const QColor& a, const QColor& b, double share) {
    const auto part = [share](int x, int y) {
        return static_cast<int>(std::lround(x + (y - x) * share));
    };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

}  // namespace

Colors Colors::of(const QPalette& palette) {
    const QColor window = palette.color(QPalette::Active, QPalette::Window);
    const QColor text = palette.color(QPalette::Active, QPalette::WindowText);
    const QColor accent = palette.color(QPalette::Active, QPalette::Highlight);
    const bool dark = isDark(palette);
    Colors colors;
    colors.line = mix(window, text, dark ? 0.20 : 0.14);
    colors.muted = mix(text, window, 0.32);
    colors.accent = accent;
    colors.hover = mix(window, text, 0.06);
    colors.chosen = mix(window, accent, dark ? 0.22 : 0.14);
    colors.good = QColor(dark ? 0xff4cc38a : 0xff00694a);
    colors.warning = QColor(dark ? 0xffe6b450 : 0xff8a5300);
    colors.problem = QColor(dark ? 0xffff8a75 : 0xffb3310b);
    return colors;
}

bool isDark(const QPalette& palette) {
    return palette.color(QPalette::Active, QPalette::Window).lightnessF() < 0.5;
}

QPalette lightPalette() {
    return paletteOf(kLight);
}
QPalette darkPalette() {
    return paletteOf(kDark);
}

void applyTheme(QApplication& application, ThemeMode mode) {
    static const QPalette kSystemPalette = QApplication::palette();
    static const bool kSystemIsFusion =
        QApplication::style()->name().compare(QLatin1String("fusion"), Qt::CaseInsensitive) == 0;
    if (mode == ThemeMode::System && !kSystemIsFusion) {
        application.setPalette(kSystemPalette);
        return;
    }
    if (!kSystemIsFusion) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    const bool dark =
        mode == ThemeMode::Dark || (mode == ThemeMode::System && isDark(kSystemPalette));
    application.setPalette(dark ? darkPalette() : lightPalette());
}

}  // namespace bitloupe::ui
