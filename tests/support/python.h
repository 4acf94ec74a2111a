// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QProcess>
#include <QtTest/QTest>

#include <string>

namespace bitloupe::testing {

/// The Python of the environment that ./test makes (BITLOUPE_TEST_PYTHON), or "".
[[nodiscard]] std::string testPython();

struct PythonRun {
    int status = -1;
    QByteArray output;
    QByteArray errors;
};

/// Runs `script` (below tests/) with `arguments` to its end.
[[nodiscard]] PythonRun runPython(const QString& script, const QStringList& arguments);

}  // namespace bitloupe::testing

/// Skips the test loudly when the Python packages that it needs are not there.
#define BITLOUPE_NEEDS_PYTHON()                  \
    if (bitloupe::testing::testPython().empty()) \
    QSKIP("not run: BITLOUPE_TEST_PYTHON names no Python with the packages this check needs")
