// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/axis_scale.h"

#include <QtCore/QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bitloupe::charts {

namespace {

constexpr double kSmallestLog = 1e-300;
/// Narrower than this share of its values a range cannot be told apart in double arithmetic.
constexpr double kNarrowest = 1e-9;

/// The 1, 2 or 5 times a power of ten nearest above `step`.
double roundStep(double step) {
    const double power = std::pow(10.0, std::floor(std::log10(step)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (step <= factor * power * (1 + 1e-9)) {
            return factor * power;
        }
    }
    return 10 * power;
}

int decimalsOf(double step) {
    return std::clamp(int(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
}

struct Prefix {
    double factor;
    const char* symbol;
};

Prefix prefixOf(double magnitude) {
    constexpr std::array<Prefix, 5> kPrefixes = {
        {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
    for (const Prefix& prefix : kPrefixes) {
        if (magnitude >= prefix.factor * (1 - 1e-9)) {
            return prefix;
        }
    }
    return kPrefixes.back();
}

QString withPrefix(double value, const Prefix& prefix, int decimals, const QLocale& locale) {
    const QString number = locale.toString(value / prefix.factor, 'f', decimals);
    const QLatin1String symbol(prefix.symbol);
    return symbol.isEmpty() ? number : number + QChar(0x00a0) + symbol;
}

QString tickLabel(double value, double step, double magnitude, const QLocale& locale) {
    if (value == 0) {
        return QStringLiteral("0");
    }
    if (magnitude < 1e-3) {
        return locale.toString(value, 'g', 3);
    }
    const Prefix prefix = magnitude < 1e4 ? Prefix{1, ""} : prefixOf(magnitude);
    return withPrefix(value, prefix, decimalsOf(step / prefix.factor), locale);
}

std::vector<Tick> linearTicks(double low, double high, int count, const QLocale& locale) {
    std::vector<Tick> ticks;
    const double step = roundStep((high - low) / std::max(count, 1));
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const double first = std::ceil(low / step - 1e-6);
    const double last = std::floor(high / step + 1e-6);
    for (double multiple = first; multiple <= last && ticks.size() < 64; ++multiple) {
        const double value = multiple * step;
        ticks.push_back({value, tickLabel(value, step, magnitude, locale)});
    }
    return ticks;
}

/// Powers of ten, with 2 and 5 between them where there is room; every n-th power where there is
/// little.
std::vector<Tick> logarithmicTicks(double low, double high, int count, const QLocale& locale) {
    const double decades = std::log10(high / low);
    if (decades < 1.0) {
        return linearTicks(low, high, count, locale);
    }
    const int stride = std::max(1, int(std::ceil(decades / std::max(count, 1))));
    const bool between = stride == 1 && decades * 3 <= count * 1.5;
    std::vector<Tick> ticks;
    const int first = int(std::floor(std::log10(low) - 1e-9));
    const int last = int(std::ceil(std::log10(high) + 1e-9));
    for (int power = first; power <= last; ++power) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double value = factor * std::pow(10.0, power);
            const bool wanted = factor == 1.0 ? power % stride == 0 : between;
            if (wanted && value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
                const double base = std::pow(10.0, power);
                ticks.push_back({value, tickLabel(value, base, value, locale)});
            }
        }
    }
    return ticks;
}

/// The nearest fairly round number not above `value`, or not below it.
double roundLogarithmic(double value, bool up) {
    const double power = std::pow(10.0, std::floor(std::log10(value) + 1e-12));
    constexpr std::array<double, 9> kFactors = {1, 1.2, 1.5, 2, 3, 4, 6, 8, 10};
    if (up) {
        for (const double factor : kFactors) {
            if (factor * power >= value * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }
    for (auto factor = kFactors.rbegin(); factor != kFactors.rend(); ++factor) {
        if (*factor * power <= value * (1 + 1e-9)) {
            return *factor * power;
        }
    }
    return power;
}

}  // namespace

QString AxisDescription::title() const {
    QString text = label;
    if (!unit.isEmpty()) {
        text = QCoreApplication::translate("charts", "%1 in %2").arg(label, unit);
    }
    if (better == Better::Higher) {
        return QCoreApplication::translate("charts", "%1 (higher is better)").arg(text);
    }
    if (better == Better::Lower) {
        return QCoreApplication::translate("charts", "%1 (lower is better)").arg(text);
    }
    return text;
}

QString AxisDescription::describe(double value, const QLocale& locale) const {
    const QString number = readableNumber(value, locale);
    return unit.isEmpty() ? label + QLatin1Char(' ') + number
                          : label + QLatin1Char(' ') + number + QChar(0x00a0) + unit;
}

QString readableNumber(double value, const QLocale& locale, int digits) {
    if (std::isnan(value)) {
        return QCoreApplication::translate("charts", "not measured");
    }
    const double magnitude = std::abs(value);
    if (magnitude == 0 || std::isinf(value)) {
        return locale.toString(value, 'g', digits);
    }
    if (magnitude < 1e-3) {
        return locale.toString(value, 'g', std::min(digits, 3));
    }
    const Prefix prefix = magnitude < 1e6 ? Prefix{1, ""} : prefixOf(magnitude);
    const double scaled = magnitude / prefix.factor;
    const int whole = scaled < 1 ? 0 : int(std::floor(std::log10(scaled))) + 1;
    int decimals = std::clamp(digits - whole, 0, 4);
    // No zeros that say nothing: 21,904 and not 21,904.0.
    while (decimals > 0 && std::abs(scaled * std::pow(10, decimals - 1) -
                                    std::round(scaled * std::pow(10, decimals - 1))) < 1e-6) {
        --decimals;
    }
    return withPrefix(value, prefix, decimals, locale);
}

AxisScale::AxisScale(ScaleKind kind, double low, double high)
    : m_kind(kind), m_low(low), m_high(high) {
    if (kind == ScaleKind::Logarithmic) {
        m_low = std::isfinite(low) && low > kSmallestLog ? low : kSmallestLog;
        m_high = std::isfinite(high) && high > m_low * (1 + kNarrowest) ? high : m_low * 10;
    } else {
        m_low = std::isfinite(low) ? low : 0;
        const double smallest = std::max(std::abs(m_low) * kNarrowest, 1e-300);
        m_high = std::isfinite(high) && high - m_low > smallest ? high : m_low + 1;
        if (m_high <= m_low) {
            m_high = m_low + std::abs(m_low) * kNarrowest;
        }
    }
    m_linearLow = toLinear(m_low);
    m_linearSpan = toLinear(m_high) - m_linearLow;
}

double AxisScale::toLinear(double value) const {
    if (m_kind == ScaleKind::Linear) {
        return value;
    }
    return value > 0 ? std::log10(value) : std::numeric_limits<double>::quiet_NaN();
}

double AxisScale::toUnit(double value) const {
    return (toLinear(value) - m_linearLow) / m_linearSpan;
}

double AxisScale::fromUnit(double unit) const {
    const double linear = m_linearLow + unit * m_linearSpan;
    return m_kind == ScaleKind::Linear ? linear : std::pow(10.0, linear);
}

AxisScale AxisScale::part(double from, double to) const {
    const AxisScale candidate(m_kind, fromUnit(from), fromUnit(to));
    const double middle = std::abs(candidate.m_linearLow + candidate.m_linearSpan / 2);
    const bool tooNarrow = candidate.m_linearSpan < std::max(middle, 1e-6) * 1e-6;
    const bool tooWide = candidate.m_kind == ScaleKind::Logarithmic ? candidate.m_linearSpan > 60
                                                                    : candidate.m_linearSpan > 1e30;
    return tooNarrow || tooWide ? *this : candidate;
}

std::vector<Tick> AxisScale::ticks(int count, const QLocale& locale) const {
    return m_kind == ScaleKind::Linear ? linearTicks(m_low, m_high, count, locale)
                                       : logarithmicTicks(m_low, m_high, count, locale);
}

AxisScale roundScale(const AxisDescription& axis, double low, double high) {
    if (!(low <= high)) {
        return axis.scale == ScaleKind::Linear ? AxisScale(axis.scale, 0, 1)
                                               : AxisScale(axis.scale, 1, 10);
    }
    if (axis.scale == ScaleKind::Logarithmic) {
        const double air = std::max(std::pow(high / low, 0.03), 1.02);
        return {axis.scale, roundLogarithmic(low / air, false), roundLogarithmic(high * air, true)};
    }
    double span = high - low;
    if (span <= std::max(std::abs(low), std::abs(high)) * kNarrowest) {
        span = std::max(std::abs(low) * 0.1, 1e-6);
    }
    const double step = roundStep(span / 8);
    double roundLow = std::floor((low - 0.02 * span) / step) * step;
    roundLow = low >= 0 ? std::max(roundLow, 0.0) : roundLow;  // no room for what cannot be
    const double roundHigh = std::ceil((high + 0.02 * span) / step) * step;
    return {axis.scale, std::max(roundLow, axis.lowest), std::min(roundHigh, axis.highest)};
}

AxisScale grownScale(const AxisDescription& axis, const AxisScale& current, double low,
                     double high) {
    if (!(low <= high) || (current.contains(low) && current.contains(high))) {
        return current;
    }
    const AxisScale wanted =
        roundScale(axis, std::min(low, current.low()), std::max(high, current.high()));
    // A side that nothing crossed stays where it is.
    return {axis.scale, low < current.low() ? wanted.low() : current.low(),
            high > current.high() ? wanted.high() : current.high()};
}

}  // namespace bitloupe::charts
