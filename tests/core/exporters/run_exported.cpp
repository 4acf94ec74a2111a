// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exporters/run_exported.h"

#include <QtCore/QFile>
#include <cstring>

#include "tests/support/python.h"

namespace bitloupe::testing {

exporters::ExportKind exportKind(const std::string& key) {
    for (const exporters::ExportKind& candidate : exporters::exportKinds()) {
        if (candidate.key == key) {
            return candidate;
        }
    }
    return {};
}

std::vector<float> runExported(const QString& script, const QString& model,
                               std::span<const float> inputs, const QString& shape,
                               QByteArray& operators) {
    const QString input = model + QStringLiteral(".in");
    const QString output = model + QStringLiteral(".out");
    QFile file(input);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(reinterpret_cast<const char*>(inputs.data()),
                   static_cast<qint64>(inputs.size_bytes()));
    }
    file.close();
    const PythonRun run =
        runPython(QStringLiteral("core/exporters/") + script, {model, input, shape, output});
    QFile result(output);
    if (run.status != 0 || !result.open(QIODevice::ReadOnly)) {
        qWarning("%s", run.errors.constData());
        return {};
    }
    operators = run.output;
    const QByteArray bytes = result.readAll();
    std::vector<float> values(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(values.data(), bytes.constData(), values.size() * sizeof(float));
    return values;
}

}  // namespace bitloupe::testing
