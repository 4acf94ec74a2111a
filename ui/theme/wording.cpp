// SPDX-License-Identifier: Apache-2.0
#include "ui/theme/wording.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>

namespace bitloupe::ui::wording {

namespace {

using exploration::isShare;
using exploration::QuantityId;

QString tr(const char* text) {
    return QCoreApplication::translate("wording", text);
}

QString fixed(double value, int digits) {
    return QLocale().toString(value, 'f', digits);
}

QString trueMinus(QString text) {
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

}  // namespace

QString count(double value) {
    if (!std::isfinite(value)) {
        return QStringLiteral("–");
    }
    if (std::abs(value) < 1e9) {
        return QLocale().toString(static_cast<qlonglong>(std::llround(value)));
    }
    if (value < 1e12) {
        return tr("%1 billion").arg(fixed(value / 1e9, 1));
    }
    if (value < 1e15) {
        return tr("%1 trillion").arg(fixed(value / 1e12, 1));
    }
    return QStringLiteral("10^%1").arg(fixed(std::log10(value), 0));
}

QString compact(double value) {
    if (!std::isfinite(value)) {
        return QStringLiteral("–");
    }
    static constexpr std::array<const char*, 6> kUnits = {"", " k", " M", " G", " T", " P"};
    std::size_t step = 0;
    double scaled = value;
    while (std::abs(scaled) >= 999.5 && step + 1 < kUnits.size()) {
        scaled /= 1000;
        ++step;
    }
    const bool whole = step == 0 && scaled == std::floor(scaled);
    const double magnitude = std::abs(scaled);
    const int digits = whole || magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
    return trueMinus(fixed(scaled, digits) + QLatin1String(kUnits.at(step)));
}

QString percent(double share, int digits) {
    return std::isfinite(share) ? fixed(share * 100, digits) + QStringLiteral(" %")
                                : QStringLiteral("–");
}

QString duration(double seconds) {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
        return QStringLiteral("–");
    }
    if (seconds < 9.95) {
        return tr("%1 s").arg(fixed(seconds, 1));
    }
    const auto whole = static_cast<qlonglong>(std::llround(seconds));
    if (whole < 60) {
        return tr("%1 s").arg(whole);
    }
    if (whole < 3600) {
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    }
    if (whole < 48 * 3600) {
        return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
    }
    return tr("%1 days").arg(count(seconds / 86400));
}

QString roughDuration(double seconds) {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
        return QStringLiteral("–");
    }
    if (seconds < 10) {
        return tr("%1 s").arg(std::max(1LL, std::llround(seconds)));
    }
    if (seconds < 100) {
        return tr("%1 s").arg(std::llround(seconds / 5) * 5);
    }
    if (seconds < 3600) {
        return tr("%1 min").arg(std::llround(seconds / 60));
    }
    if (seconds < 48 * 3600.0) {
        const long long minutes = std::llround(seconds / 600) * 10;
        return tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
    }
    return tr("%1 days").arg(count(seconds / 86400));
}

QString shape(const std::vector<std::int64_t>& dimensions) {
    QStringList parts;
    for (const std::int64_t dimension : dimensions) {
        parts << QString::number(dimension);
    }
    return parts.join(QStringLiteral(" × "));
}

QString value(QuantityId id, double number) {
    if (!std::isfinite(number)) {
        return QStringLiteral("–");
    }
    if (exploration::isMetric(id)) {
        return isShare(id) ? fixed(number * 100, 2) : fixed(number, 4);
    }
    switch (id) {
        case QuantityId::Utilization:
            return fixed(number * 100, 1);
        case QuantityId::Kl:
        case QuantityId::OutputMse:
            return number != 0 && std::abs(number) < 1e-3 ? QLocale().toString(number, 'e', 2)
                                                          : fixed(number, 4);
        case QuantityId::Bops:
        case QuantityId::Macs:
        case QuantityId::WeightBits:
        case QuantityId::Cycles:
        case QuantityId::Conversions:
            return count(number);
        default:
            return fixed(number, 3);
    }
}

QString valueWithUnit(QuantityId id, double number) {
    if (isShare(id)) {
        return value(id, number) + QStringLiteral(" %");
    }
    const exploration::Quantity& known = exploration::quantity(id);
    const QString unit = id == QuantityId::Cycles ? QString() : QString::fromStdString(known.unit);
    const bool large =
        !exploration::isMetric(id) && id != QuantityId::Kl && id != QuantityId::OutputMse;
    const QString text = large ? compact(number) : value(id, number);
    return unit.isEmpty() ? text : text + QLatin1Char(' ') + unit;
}

QString header(QuantityId id) {
    const exploration::Quantity& known = exploration::quantity(id);
    const QString label = QString::fromStdString(known.label);
    if (isShare(id)) {
        return tr("%1 (%)").arg(label);
    }
    return known.unit.empty() || id == QuantityId::Cycles
               ? label
               : QStringLiteral("%1 (%2)").arg(label, QString::fromStdString(known.unit));
}

QString direction(QuantityId id) {
    return exploration::quantity(id).direction == exploration::Direction::Maximize
               ? tr("higher is better")
               : tr("lower is better");
}

QString halfWidth(QuantityId metric, const exploration::Measurement& measured) {
    if (measured.samples <= 0) {
        return {};
    }
    const double half = (measured.interval.high - measured.interval.low) / 2;
    return QStringLiteral("±") +
           (isShare(metric) ? fixed(half * 100, 2) + QStringLiteral(" %") : fixed(half, 4));
}

QString change(QuantityId id, double number, double reference) {
    if (!std::isfinite(number) || !std::isfinite(reference)) {
        return {};
    }
    const auto withSign = [](double difference, int digits, const QString& unit) {
        const QString text = fixed(difference, digits);
        return trueMinus((difference > 0 ? QStringLiteral("+") : QString()) + text + unit);
    };
    if (isShare(id)) {
        return withSign((number - reference) * 100, 2, tr(" points"));
    }
    if (reference == 0) {
        return {};
    }
    return withSign((number / reference - 1) * 100,
                    std::abs(number / reference - 1) < 0.0995 ? 1 : 0, QStringLiteral(" %"));
}

}  // namespace bitloupe::ui::wording
