// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/colours.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bitloupe::charts {

namespace {

constexpr double kTextContrast = 4.5;
constexpr double kMarkContrast = 3.0;

double linearChannel(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double relativeLuminance(const QColor& colour) {
    return 0.2126 * linearChannel(colour.redF()) + 0.7152 * linearChannel(colour.greenF()) +
           0.0722 * linearChannel(colour.blueF());
}

struct ColourStop {
    int index;
    QRgb colour;
};

/// Between these stops straight lines stay within 1.6 of 255 of the published table.
constexpr std::array<ColourStop, 17> kCividisStops = {{{0, 0x00224e},
                                                       {19, 0x00306f},
                                                       {21, 0x003170},
                                                       {23, 0x013271},
                                                       {28, 0x123570},
                                                       {34, 0x1e3a6f},
                                                       {52, 0x36466c},
                                                       {84, 0x565c6d},
                                                       {126, 0x7b7a78},
                                                       {147, 0x8f8a78},
                                                       {179, 0xaea371},
                                                       {205, 0xc9b965},
                                                       {219, 0xd9c55c},
                                                       {232, 0xe7d150},
                                                       {243, 0xf3db42},
                                                       {251, 0xfde334},
                                                       {255, 0xfee838}}};

std::array<QRgb, kQuantityColours> makeCividis() {
    std::array<QRgb, kQuantityColours> table{};
    for (std::size_t stop = 0; stop + 1 < kCividisStops.size(); ++stop) {
        const auto [first, from] = kCividisStops[stop];
        const auto [last, to] = kCividisStops[stop + 1];
        for (int index = first; index <= last; ++index) {
            const double share = double(index - first) / (last - first);
            table[std::size_t(index)] = mixed(QColor(from), QColor(to), share).rgb();
        }
    }
    return table;
}

}  // namespace

double contrastRatio(const QColor& a, const QColor& b) {
    const double first = relativeLuminance(a);
    const double second = relativeLuminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor mixed(const QColor& under, const QColor& over, double share) {
    const auto channel = [share](float from, float to) {
        return float(double(from) + (double(to) - double(from)) * share);
    };
    return QColor::fromRgbF(channel(under.redF(), over.redF()),
                            channel(under.greenF(), over.greenF()),
                            channel(under.blueF(), over.blueF()));
}

QColor withContrast(QColor colour, const QColor& background, double ratio) {
    colour.setAlpha(255);
    const QColor black(Qt::black);
    const QColor white(Qt::white);
    const bool towardsWhite = contrastRatio(white, background) > contrastRatio(black, background);
    const QColor& end = towardsWhite ? white : black;
    constexpr int kSteps = 20;
    for (int step = 0; step <= kSteps; ++step) {
        const QColor candidate = mixed(colour, end, double(step) / kSteps);
        if (contrastRatio(candidate, background) >= ratio) {
            return candidate;
        }
    }
    return end;
}

QColor categoryColour(int step) {
    constexpr std::array<QRgb, 8> kOkabeIto = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                               0xe69f00, 0x56b4e9, 0xf0e442, 0x000000};
    return QColor(kOkabeIto[std::size_t(((step % 8) + 8) % 8)]);
}

QRgb quantityColour(int index) {
    static const std::array<QRgb, kQuantityColours> kTable = makeCividis();
    return kTable[std::size_t(std::clamp(index, 0, kQuantityColours - 1))];
}

QColor quantityColourAt(double share) {
    if (std::isnan(share)) {
        return QColor(Qt::transparent);
    }
    return QColor(quantityColour(int(std::lround(std::clamp(share, 0.0, 1.0) * 255))));
}

QBrush quantityGradient(QPointF from, QPointF to) {
    QLinearGradient gradient(from, to);
    for (const ColourStop& stop : kCividisStops) {
        gradient.setColorAt(stop.index / 255.0, QColor(stop.colour));
    }
    return gradient;
}

ChartTheme ChartTheme::fromPalette(const QPalette& palette, const QFont& font) {
    const QColor base = palette.color(QPalette::Base);
    const QColor text = withContrast(palette.color(QPalette::Text), base, 7.0);
    const auto mark = [&base](int step) {
        return withContrast(categoryColour(step), base, kMarkContrast);
    };
    ChartTheme theme;
    theme.background = base;
    theme.text = text;
    theme.mutedText = withContrast(mixed(base, text, 0.6), base, kTextContrast);
    theme.axis = withContrast(mixed(base, text, 0.4), base, kMarkContrast);
    theme.grid = mixed(base, text, 0.10);
    theme.dark = relativeLuminance(base) < relativeLuminance(text);
    theme.dominated = theme.dark ? mark(5) : mark(0);
    theme.front = mark(1);
    theme.pinned = mark(2);
    theme.reference = text;
    theme.infeasible = mixed(base, text, 0.35);
    theme.selected = text;
    theme.font = font;
    return theme;
}

ChartTheme ChartTheme::day(const QFont& font) {
    QPalette palette;
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::Text, QColor(0x1b1b1f));
    return fromPalette(palette, font);
}

ChartTheme ChartTheme::night(const QFont& font) {
    QPalette palette;
    palette.setColor(QPalette::Base, QColor(0x1e1f22));
    palette.setColor(QPalette::Text, QColor(0xe6e6e9));
    return fromPalette(palette, font);
}

}  // namespace bitloupe::charts
