// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plot/offscreen_application.h"

#include <QtWidgets/QApplication>

namespace bitloupe::cli {

void ApplicationDeleter::operator()(QApplication* application) const {
    delete application;
}

std::unique_ptr<QApplication, ApplicationDeleter> makeOffscreenApplication() {
    if (QCoreApplication::instance() != nullptr) {
        return nullptr;
    }
    qputenv("QT_QPA_PLATFORM", "offscreen");
    static int count = 1;
    static char name[] = "bitloupe-cli";
    static char* arguments[] = {name, nullptr};
    return std::unique_ptr<QApplication, ApplicationDeleter>(new QApplication(count, arguments));
}

}  // namespace bitloupe::cli
