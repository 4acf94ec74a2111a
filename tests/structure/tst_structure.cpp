// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

/// Holds the house to its plan: which folder may include which, where LibTorch and Qt may be seen,
/// and how large a file may grow.
class TstStructure : public QObject {
    Q_OBJECT

    static QStringList sources(const QString& folder) {
        QStringList found;
        QDirIterator files(QStringLiteral(BITLOUPE_SOURCE_DIR "/") + folder,
                           {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            found << files.next();
        }
        found.sort();
        return found;
    }

    static QStringList linesOf(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly)
                   ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))
                   : QStringList();
    }

    static QStringList includesOf(const QString& path) {
        static const QRegularExpression kInclude(
            QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"));
        QStringList includes;
        for (const QString& line : linesOf(path)) {
            const auto match = kInclude.match(line);
            if (match.hasMatch()) {
                includes << match.captured(1);
            }
        }
        return includes;
    }

    /// Whether `path` includes a LibTorch header, itself or through one of ours.
    static bool reachesTorch(const QString& path) {
        static QMap<QString, bool> known;
        const auto answer = known.constFind(path);
        if (answer != known.constEnd()) {
            return *answer;
        }
        known.insert(path, false);  // our own includes have no cycles that matter
        bool reaches = false;
        for (const QString& include : includesOf(path)) {
            const bool torch = include.startsWith(QLatin1String("torch/")) ||
                               include.startsWith(QLatin1String("ATen/")) ||
                               include.startsWith(QLatin1String("c10/"));
            const QString ours = QStringLiteral(BITLOUPE_SOURCE_DIR "/") + include;
            reaches = reaches || torch || (QFile::exists(ours) && reachesTorch(ours));
        }
        known.insert(path, reaches);
        return reaches;
    }

private Q_SLOTS:
    void everyFolderUsesOnlyWhatThePlanAllows() {
        const QStringList ground = {QStringLiteral("base")};
        const QMap<QString, QStringList> allowed = {
            {QStringLiteral("base"), {}},
            {QStringLiteral("numerics"), ground},
            {QStringLiteral("hardware"), ground},
            {QStringLiteral("network"), ground + QStringList{"hardware"}},
            {QStringLiteral("data"), ground + QStringList{"importers"}},  // tensors of ONNX
            {QStringLiteral("importers"), ground + QStringList{"network"}},
            {QStringLiteral("execution"),
             ground + QStringList{"network", "hardware", "numerics", "quantization"}},
            {QStringLiteral("quantization"), ground + QStringList{"numerics", "network"}},
            {QStringLiteral("exploration"),
             ground + QStringList{"numerics", "hardware", "network", "data", "execution",
                                  "quantization"}},
            {QStringLiteral("exporters"),
             ground + QStringList{"numerics", "hardware", "network", "data", "importers",
                                  "execution", "quantization", "exploration"}},
            {QStringLiteral("study"),
             ground + QStringList{"numerics", "hardware", "network", "data", "importers",
                                  "execution", "quantization", "exploration"}},
        };
        QStringList offences;
        for (const QString& path : sources(QStringLiteral("core"))) {
            const QString folder =
                path.section(QStringLiteral("/core/"), -1).section(QLatin1Char('/'), 0, 0);
            QVERIFY2(allowed.contains(folder),
                     qPrintable(folder + QStringLiteral(" is not in the plan")));
            for (const QString& include : includesOf(path)) {
                const QString used = include.section(QLatin1Char('/'), 1, 1);
                const bool inCore = include.startsWith(QLatin1String("core/"));
                const bool upwards = include.startsWith(QLatin1String("ui/")) ||
                                     include.startsWith(QLatin1String("app/"));
                if (upwards ||
                    (inCore && used != folder && !allowed.value(folder).contains(used))) {
                    offences << path + QStringLiteral(" includes ") + include;
                }
            }
        }
        QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
    }

    void libTorchStaysBehindItsDoor() {
        QStringList offences;
        for (const char* room : {"core", "ui", "app"}) {
            for (const QString& path : sources(QString::fromLatin1(room))) {
                if (!path.contains(QLatin1String("/core/execution/")) && reachesTorch(path)) {
                    offences << path + QStringLiteral(" sees LibTorch's headers");
                }
            }
        }
        QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
    }

    void coreAndTheCommandsHaveNoQt() {
        static const QRegularExpression kQt(QStringLiteral("^(Q[A-Z]|Qt[A-Z])"));
        QStringList offences;
        for (const QString& path : sources(QStringLiteral("core"))) {
            for (const QString& include : includesOf(path)) {
                if (kQt.match(include).hasMatch()) {
                    offences << path + QStringLiteral(" includes ") + include;
                }
            }
        }
        QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
    }

    void noFileGrowsPastFiveHundredLines() {
        QStringList offences;
        for (const char* room : {"core", "ui", "app", "tests", "resources"}) {
            for (const QString& path : sources(QString::fromLatin1(room))) {
                if (linesOf(path).size() > 501) {
                    offences << path;
                }
            }
        }
        QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
    }

    void everySourceNamesItsLicence() {
        QStringList offences;
        for (const char* room : {"core", "ui", "app", "tests", "resources"}) {
            for (const QString& path : sources(QString::fromLatin1(room))) {
                if (!linesOf(path).value(0).contains(
                        QLatin1String("SPDX-License-Identifier: Apache-2.0"))) {
                    offences << path;
                }
            }
        }
        QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
    }
};

QTEST_APPLESS_MAIN(TstStructure)
#include "tst_structure.moc"
