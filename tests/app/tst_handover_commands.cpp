// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtCore/QXmlStreamReader>
#include <QtGui/QTextDocument>
#include <QtTest/QTest>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/study/examples.h"
#include "core/study/imported_designs.h"
#include "core/study/study_description.h"
#include "tests/app/run_command.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;
using nlohmann::json;

/// A study that is explored, reported, exported, and gets a design back.
class TstHandoverCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::string m_results;

    /// Text of the elements of a page: of each table by its id, cell by cell.
    struct Page {
        QString title;
        QMap<QString, QList<QStringList>> rows;  ///< by the table's id or class
        int circles = 0;
        bool wellFormed = false;
    };

    static Page parse(const QByteArray& html) {
        Page page;
        QXmlStreamReader reader(html);
        QString table;
        bool inCell = false;
        while (!reader.atEnd()) {
            reader.readNext();
            const QStringView name = reader.name();
            const auto attributes = reader.attributes();
            if (reader.isStartElement()) {
                if (name == u"table") {
                    table = attributes.hasAttribute(QStringLiteral("id"))
                                ? attributes.value(QStringLiteral("id")).toString()
                                : attributes.value(QStringLiteral("class")).toString();
                } else if (name == u"tr") {
                    page.rows[table] << QStringList();
                } else if (name == u"td" || name == u"th") {
                    page.rows[table].back() << QString();
                    inCell = true;
                } else if (name == u"circle") {
                    ++page.circles;
                } else if (name == u"h1") {
                    page.title = reader.readElementText();
                }
            } else if (reader.isEndElement() && (name == u"td" || name == u"th")) {
                inCell = false;
            } else if (reader.isCharacters() && inCell) {
                page.rows[table].back().back() += reader.text();
            }
        }
        page.wellFormed = !reader.hasError();
        return page;
    }

    [[nodiscard]] QByteArray read(const char* name) const {
        return QByteArray::fromStdString(
            readFile((m_folder.filePath(QString::fromLatin1(name))).toStdString()).value());
    }

private Q_SLOTS:
    void initTestCase() {
        const auto path = study::writeExample("digits", m_folder.path().toStdString());
        QVERIFY(path.hasValue());
        auto description = study::readStudy(path.value()).value();
        description.sensitivity = false;
        description.weights = {quantization::Quantizer::parse("int8").value(),
                               quantization::Quantizer::parse("fixed<6,1>").value()};
        description.activations = {quantization::Quantizer::parse("int8").value(),
                                   quantization::Quantizer::parse("posit<6,1>").value()};
        description.layers.clear();
        description.strategy.name = "random";
        description.strategy.seed = 11;
        QVERIFY(writeFileAtomically(path.value(), study::writeStudy(description)).hasValue());
        const Outcome explored =
            run({"explore", path.value(), "--evaluations", "5", "--quiet", "--json"});
        QVERIFY2(explored.status == 0, explored.err.c_str());
        m_results = json::parse(explored.out).at("results").get<std::string>();
    }

    void everyNumberOfTheReportIsTheStudys() {
        const std::string html = m_folder.filePath("report.html").toStdString();
        const Outcome outcome = run({"report", m_results, "--output", html});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const Page page = parse(read("report.html"));
        QVERIFY(page.wellFormed);
        const json front = json::parse(run({"front", m_results, "--json"}).out);
        QCOMPARE(page.circles, 5 + static_cast<int>(front.size()));
        const QList<QStringList> rows = page.rows[QStringLiteral("front")];
        QCOMPARE(rows.size(), static_cast<qsizetype>(front.size()) + 1);
        for (std::size_t i = 0; i < front.size(); ++i) {
            const QStringList& row = rows[static_cast<qsizetype>(i) + 1];
            QCOMPARE(row[0].toInt(), front[i].at("id").get<int>());
            const auto& objectives = front[i].at("objectives");
            QVERIFY(row.size() == static_cast<qsizetype>(objectives.size()) + 5);
            for (qsizetype c = 1; c <= static_cast<qsizetype>(objectives.size()); ++c) {
                bool known = false;  // columns stand in the study's order, JSON in its own
                for (const auto& [key, value] : objectives.items()) {
                    known = known || row[c].toDouble() == value.get<double>();
                }
                QVERIFY2(known, qPrintable(row[c]));
            }
            const json shown = json::parse(
                run({"show", m_results, std::to_string(front[i].at("id").get<int>()), "--json"})
                    .out);
            const qsizetype first = page.rows[QStringLiteral("design")].size() /
                                    static_cast<qsizetype>(front.size()) *
                                    static_cast<qsizetype>(i);
            for (std::size_t layer = 0; layer < shown.at("layers").size(); ++layer) {
                const QStringList cells =
                    page.rows[QStringLiteral("design")][first + 1 + static_cast<qsizetype>(layer)];
                const json& told = shown.at("layers")[layer];
                QCOMPARE(cells[0].toStdString(), told.at("name").get<std::string>());
                QCOMPARE(cells[1].toStdString(), told.at("weights").get<std::string>());
                QCOMPARE(cells[2].toStdString(), told.at("activations").get<std::string>());
            }
        }
        QMap<QString, QString> measured;
        for (const QStringList& row : page.rows[QStringLiteral("measured")]) {
            measured[row[0]] = row[1];
        }
        QCOMPARE(measured[QStringLiteral("Seed")], QStringLiteral("11"));
        QCOMPARE(measured[QStringLiteral("Strategy")], QStringLiteral("random"));
        QCOMPARE(measured[QStringLiteral("Designs measured")], QStringLiteral("5"));
        QCOMPARE(measured[QStringLiteral("SHA-256 of the network")].size(), 64);
        QTextDocument document;  // a reader of HTML that is not strict
        document.setHtml(QString::fromUtf8(read("report.html")));
        QVERIFY(document.toPlainText().contains(page.title));
    }

    void reportsBecomePdf() {
        const std::string pdf = m_folder.filePath("report.pdf").toStdString();
        const Outcome outcome = run({"report", m_results, "--output", pdf});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const QByteArray bytes = read("report.pdf");
        QVERIFY(bytes.startsWith("%PDF-"));
        QVERIFY(bytes.size() > 20000);  // text and a picture
        QVERIFY(run({"report", "nowhere.bitloupe", "--output", pdf}).status == 2);
    }

    void exportsTellAgreementAndSizes() {
        const std::string path = m_folder.filePath("design.pt").toStdString();
        const Outcome outcome = run({"export", m_results, "1", "--to", "torchscript", "--output",
                                     path, "--check", "300", "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json told = json::parse(outcome.out);
        QCOMPARE(told.at("agreement").at("samples").get<int>(), 300);
        QCOMPARE(told.at("agreement").at("agreeing").get<int>(), 300);
        QCOMPARE(told.at("bytes").get<std::size_t>(), readFile(path).value().size());
        QCOMPARE(told.at("float_bytes").get<int>(), 61706 * 4);
        QVERIFY(told.at("next").get<std::string>().find(path) != std::string::npos);
    }

    void simulateReadsTheScaleSimExport() {
        const std::string folder = m_folder.filePath("scalesim").toStdString();
        const Outcome exported =
            run({"export", m_results, "1", "--to", "scalesim", "--output", folder, "--json"});
        QVERIFY2(exported.status == 0, exported.err.c_str());
        const Outcome simulated =
            run({"simulate", "--config", folder + "/scale.cfg", "--topology",
                 folder + "/topology.csv", "--gemm", "--output-dir", folder + "/reports"});
        QVERIFY2(simulated.status == 0, simulated.err.c_str());
        // The cycles that the study itself counts for this design, layer by layer.
        auto session = study::openSession(
            study::readStudy(m_folder.filePath("digits.yaml").toStdString()).value(), 1);
        QVERIFY(session.hasValue());
        auto journal = study::Journal::openReadOnly(m_results).value();
        const auto known = study::loadResults(session.value(), *journal);
        QVERIFY(known.hasValue());
        const std::string report = readFile(folder + "/reports/COMPUTE_REPORT.csv").value();
        const std::vector<std::string> lines = text::split(report, '\n');
        const auto& layers = session.value().network->layers;
        double cycles = 0;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const std::vector<std::string> cells = text::split(lines.at(i + 1), ',');
            cycles += text::parseNumber(text::trim(cells.at(1))).value() -
                      text::parseNumber(text::trim(cells.at(2))).value();
        }
        QCOMPARE(cycles, known.value().evaluations.at(0).costs.cycles);
    }

    void anImportedDesignStandsBesideTheOthers() {
        const std::string encodings = m_folder.filePath("made.encodings").toStdString();
        json entries = json::array();
        const json first = json::parse(run({"show", m_results, "1", "--json"}).out);
        for (const json& layer : first.at("layers")) {
            entries.push_back({{"name", layer.at("name").get<std::string>() + ".weight"},
                               {"output_dtype", "int7"},
                               {"y_scale", 1.0 / 64}});
        }
        QVERIFY(writeFileAtomically(encodings,
                                    json{{"version", "2.0.0"}, {"encodings", entries}}.dump())
                    .hasValue());
        const Outcome imported = run({"import", encodings, "--results", m_results, "--json"});
        QVERIFY2(imported.status == 0, imported.err.c_str());
        const json told = json::parse(imported.out);
        QCOMPARE(told.at("id").get<int>(), 6);
        QCOMPARE(told.at("layers")[0].at("weights").get<std::string>(), std::string("fixed<7,1>"));
        QVERIFY(told.at("value").get<double>() > 0.9);
        const json shown = json::parse(run({"show", m_results, "6", "--json"}).out);
        QCOMPARE(shown.at("layers")[2].at("weights").get<std::string>(), std::string("fixed<7,1>"));
    }

    void anImportedDesignOutsideTheListsIsUsedAsTheOthersAre() {
        // No list of the study has fixed<7,1> weights or inputs in float.
        const std::string path = m_folder.filePath("imported.onnx").toStdString();
        const Outcome exported = run({"export", m_results, "6", "--to", "onnx-qdq", "--output",
                                      path, "--check", "200", "--json"});
        QVERIFY2(exported.status == 0, exported.err.c_str());
        QCOMPARE(json::parse(exported.out).at("agreement").at("agreeing").get<int>(), 200);
        // The search goes on without it, among its own formats, and both stay.
        const std::string study = m_folder.filePath("digits.yaml").toStdString();
        const Outcome more = run({"explore", study, "--evaluations", "8", "--quiet", "--json"});
        QVERIFY2(more.status == 0, more.err.c_str());
        int imported = 0;
        int found = 0;
        for (int id = 1; id <= 9; ++id) {
            const Outcome shown = run({"show", m_results, std::to_string(id), "--json"});
            QVERIFY2(shown.status == 0, shown.err.c_str());
            const std::string weights =
                json::parse(shown.out).at("layers")[0].at("weights").get<std::string>();
            imported += weights == "fixed<7,1>" ? 1 : 0;
            found += weights == "int8" || weights == "fixed<6,1>" ? 1 : 0;
        }
        QCOMPARE(imported, 1);
        QCOMPARE(found, 8);
        // The window reads its results through the same call.
        const auto description = study::readStudy(study).value();
        auto session = study::openSession(description, 1).value();
        auto journal = study::Journal::openReadOnly(m_results).value();
        const double searched = session.space.size();
        const auto known = study::loadResults(session, *journal);
        QVERIFY(known.hasValue());
        QCOMPARE(known.value().evaluations.size(), 9U);
        QCOMPARE(session.plan().space.size(), searched);
        const auto assignment = session.space.assignment(known.value().evaluations[5].design);
        QCOMPARE(assignment[0].weights->name(), std::string("fixed<7,1>"));
        QVERIFY(!session.plan().space.contains(known.value().evaluations[5].design));
        QVERIFY(session.plan().space.contains(known.value().evaluations[8].design));
    }

    void filesWithoutQuantizersAreRefused() {
        const std::string empty = m_folder.filePath("empty.encodings").toStdString();
        QVERIFY(writeFileAtomically(empty, "{}").hasValue());
        const Outcome outcome = run({"import", empty, "--results", m_results});
        QCOMPARE(outcome.status, 2);
        QCOMPARE(outcome.err.find('\n'), outcome.err.size() - 1);
        QCOMPARE(run({"import", empty}).status, 2);
    }
};

QTEST_MAIN(TstHandoverCommands)
#include "tst_handover_commands.moc"
