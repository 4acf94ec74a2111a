// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/support/qt_warnings.h"

#include <QMutex>

namespace bitloupe::ui::testing {

namespace {

QMutex& mutex() {
    static QMutex theMutex;
    return theMutex;
}

QStringList& collected() {
    static QStringList theWarnings;
    return theWarnings;
}

QtMessageHandler previous = nullptr;

void handle(QtMsgType type, const QMessageLogContext& context, const QString& text) {
    const bool noise = text.startsWith(QLatin1String("This plugin does not support"));
    if ((type == QtWarningMsg || type == QtCriticalMsg) && !noise) {
        const QMutexLocker lock(&mutex());
        collected() << text;
    }
    if (previous != nullptr) {
        previous(type, context, text);
    }
}

}  // namespace

void collectQtWarnings() {
    if (previous == nullptr) {
        previous = qInstallMessageHandler(handle);
    }
    static_cast<void>(takeQtWarnings());
}

QStringList takeQtWarnings() {
    const QMutexLocker lock(&mutex());
    QStringList all;
    all.swap(collected());
    return all;
}

}  // namespace bitloupe::ui::testing
