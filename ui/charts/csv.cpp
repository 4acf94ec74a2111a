// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/csv.h"

#include <cmath>

#include "core/base/text.h"

namespace bitloupe::charts {

QString csvRow(const QStringList& fields) {
    QStringList quoted;
    for (QString field : fields) {
        const bool special = field.contains(QLatin1Char(',')) || field.contains(QLatin1Char('"')) ||
                             field.contains(QLatin1Char('\n')) || field.contains(QLatin1Char('\r'));
        if (special) {
            field.replace(QLatin1Char('"'), QStringLiteral("\"\""));
            field = QLatin1Char('"') + field + QLatin1Char('"');
        }
        quoted << field;
    }
    return quoted.join(QLatin1Char(',')) + QStringLiteral("\r\n");
}

QString csvNumber(double value) {
    return std::isnan(value) ? QString() : QString::fromStdString(text::number(value));
}

}  // namespace bitloupe::charts
