// SPDX-License-Identifier: Apache-2.0
#include "tests/support/python.h"

#include <cstdlib>

namespace bitloupe::testing {

std::string testPython() {
    const char* python = std::getenv("BITLOUPE_TEST_PYTHON");
    return python == nullptr ? std::string() : std::string(python);
}

PythonRun runPython(const QString& script, const QStringList& arguments) {
    QProcess process;
    process.start(QString::fromStdString(testPython()),
                  QStringList{QStringLiteral(BITLOUPE_SOURCE_DIR "/tests/") + script} + arguments);
    constexpr int kMilliseconds = 850000;  // some let a compiler work first
    process.waitForFinished(kMilliseconds);
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

}  // namespace bitloupe::testing
