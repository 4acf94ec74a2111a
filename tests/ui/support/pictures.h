// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDir>
#include <QString>
#include <QTest>
#include <QWidget>
#include <QtGlobal>

namespace bitloupe::ui::testing {

/// With BITLOUPE_PICTURES=FOLDER the tests leave pictures of what they did, to be looked at.
inline void keepPicture(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("BITLOUPE_PICTURES");
    if (!folder.isEmpty()) {
        QTest::qWait(400);  // layouts and timers of the window have settled
        QDir().mkpath(folder);
        widget.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
    }
}

}  // namespace bitloupe::ui::testing
