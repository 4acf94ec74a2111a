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

std::vector<ConsumerRun> runExported(const QString& script, const QStringList& models,
                                     std::span<const float> inputs, const QString& shape) {
    const QString input = models.front() + QStringLiteral(".in");
    QFile file(input);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(reinterpret_cast<const char*>(inputs.data()),
                   static_cast<qint64>(inputs.size_bytes()));
    }
    file.close();
    const PythonRun run =
        runPython(QStringLiteral("core/exporters/") + script, QStringList{input, shape} + models);
    if (run.status != 0) {
        qWarning("%s", run.errors.constData());
        return {};
    }
    const QList<QByteArray> lines = run.output.split('\n');
    std::vector<ConsumerRun> runs;
    for (qsizetype i = 0; i < models.size(); ++i) {
        QFile result(models[i] + QStringLiteral(".out"));
        const QByteArray bytes = result.open(QIODevice::ReadOnly) ? result.readAll() : QByteArray();
        runs.push_back({{}, lines.value(i)});
        runs.back().outputs.resize(static_cast<std::size_t>(bytes.size()) / sizeof(float));
        std::memcpy(runs.back().outputs.data(), bytes.constData(),
                    runs.back().outputs.size() * sizeof(float));
    }
    return runs;
}

}  // namespace bitloupe::testing
