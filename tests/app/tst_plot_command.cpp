// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <sstream>

#include "tests/app/run_command.h"
#include "tests/core/study/journal_samples.h"

using namespace bitloupe;           // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

QByteArray contentsOf(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

/// Without an application object, as the command line runs.
class TstPlotCommand : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string m_results;

    [[nodiscard]] std::string inFolder(const char* name) const {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }

private Q_SLOTS:
    void initTestCase() {
        m_results = inFolder("results.db");
        auto journal = study::Journal::open(m_results, sampleHeader());
        QVERIFY(journal.hasValue());
        QVERIFY(journal.value()->load(sampleSpace()).hasValue());
        auto batch = sampleEvaluations(0, 25);
        QVERIFY(journal.value()->append(batch).hasValue());
    }

    void csvHasEveryDesignOfTheStudy() {
        const std::string path = inFolder("designs.csv");
        const Outcome answer = run({"plot", m_results, "--output", path, "--x", "macs"});
        QCOMPARE(answer.err, "wrote " + path + '\n');
        QCOMPARE(answer.status, 0);
        QVERIFY(answer.out.empty());
        const QList<QByteArray> rows = contentsOf(path).split('\n');
        QCOMPARE(rows.size(), 27);  // head, 25 designs, the end
        QVERIFY(rows.first().startsWith("id,MACs,Accuracy [%],low,high,"));
        QVERIFY(rows[4].startsWith("4,1000000000000003,16.66666"));  // 1/6, in percent
    }

    void picturesAreWhatTheirEndingsSay() {
        QCOMPARE(run({"plot", m_results, "--output", inFolder("p.svg"), "--quiet"}).status, 0);
        QVERIFY(!contentsOf(inFolder("p.svg")).contains("<image"));
        QVERIFY(contentsOf(inFolder("p.svg")).contains("<svg"));
        QCOMPARE(run({"plot", m_results, "--output", inFolder("p.pdf"), "--dark"}).status, 0);
        QVERIFY(contentsOf(inFolder("p.pdf")).startsWith("%PDF"));
        QCOMPARE(run({"plot", m_results, "--output", inFolder("p.png"), "--colour", "cycles",
                      "--width", "640", "--height", "480", "--scale", "1"})
                     .status,
                 0);
        QVERIFY(contentsOf(inFolder("p.png")).startsWith("\x89PNG"));
    }

    void wrongWishesAreNamed() {
        const Outcome axis = run({"plot", m_results, "--output", inFolder("x.png"), "--x", "bop"});
        QCOMPARE(axis.status, 2);
        QVERIFY(axis.err.find("there is no quantity bop: --x: choose one of accuracy,") !=
                std::string::npos);
        const Outcome ending = run({"plot", m_results, "--output", inFolder("x.gif")});
        QCOMPARE(ending.status, 2);
        QVERIFY(ending.err.find(".png, .svg, .pdf or .csv") != std::string::npos);
        const Outcome missing = run({"plot", inFolder("none.db"), "--output", inFolder("x.png")});
        QCOMPARE(missing.status, 2);
        QVERIFY(missing.err.find("none.db") != std::string::npos);
        QVERIFY(!QFile::exists(QString::fromStdString(inFolder("x.png"))));
    }

    void anEmptyStudySaysWhatToDo() {
        const std::string path = inFolder("empty.db");
        QVERIFY(study::Journal::open(path, sampleHeader()).hasValue());
        const Outcome answer = run({"plot", path, "--output", inFolder("x.png")});
        QCOMPARE(answer.status, 2);
        QVERIFY(answer.err.find("no design has been evaluated yet") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstPlotCommand)
#include "tst_plot_command.moc"
