// SPDX-License-Identifier: Apache-2.0
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "core/exporters/nearest_fit.h"
#include "tests/core/exporters/run_exported.h"
#include "tests/core/exporters/small_network.h"
#include "tests/support/result_text.h"

using namespace bitloupe;

/// What is said of a design before it is exported: whether it fits, why not, and what would.
class TstExportFit : public QObject {
    Q_OBJECT

    static exploration::LayerChoices choices(const char* layer, const QStringList& weights,
                                             const QStringList& activations) {
        exploration::LayerChoices made;
        made.layer = layer;
        for (const QString& text : weights) {
            made.weights.push_back(quantization::Quantizer::parse(text.toStdString()).value());
        }
        for (const QString& text : activations) {
            made.activations.push_back(quantization::Quantizer::parse(text.toStdString()).value());
        }
        return made;
    }

private Q_SLOTS:
    void whatIsSaidToFitCanBeWritten_data() {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        for (const char* schemes :
             {"int8 int8", "int4@channel uint8", "int4@group16 int8", "uint4 int6", "float float",
              "int8 float", "posit<8,1> posit<8,1>", "posit<6,1> int8", "fp8e4m3 fp8e5m2",
              "fixed<6,1> ufixed<8,1>", "fixed<6,1> fixed<7,2,trn,wrap>", "pow2<4> int8",
              "binary int8", "ternary int8", "mxfp4 mxfp4", "codebook<kmeans,4> int8",
              "multipoint<int4,2> int8", "int12 int12"}) {
            const QStringList sides = QString::fromLatin1(schemes).split(QLatin1Char(' '));
            QTest::newRow(schemes) << sides[0] << sides[1];
        }
    }

    /// The sentences and the writers are written apart; a dialog must not offer what then fails.
    void whatIsSaidToFitCanBeWritten() {
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        const network::Network network = testing::smallNetwork();
        const auto design =
            testing::smallDesign(network, weights.toStdString(), activations.toStdString());
        int fitting = 0;
        for (const exporters::ExportKind& kind : exporters::exportKinds()) {
            const auto reasons = exporters::obstacles(kind, design.schemes());
            const QTemporaryDir folder;
            const auto written = exporters::exportDesign(
                kind, design, folder.path().toStdString() + "/exported" + kind.extension);
            QVERIFY2(reasons.empty() == written.hasValue(),
                     (kind.key + ": " + (reasons.empty() ? "fits" : reasons.front()) + "; " +
                      (written.hasError() ? written.error().sentence() : "written"))
                         .c_str());
            // A reason says which layer, or which node of the network.
            for (const std::string& reason : reasons) {
                QVERIFY2(reason.starts_with("c1: ") || reason.starts_with("f2: ") ||
                             reason.find("node ") != std::string::npos,
                         reason.c_str());
            }
            fitting += reasons.empty() ? 1 : 0;
        }
        QVERIFY(fitting >= 3);  // a design file, a C header and a SCALE-Sim topology fit anything
    }

    void theReasonNamesLayerAndFormat() {
        const network::Network network = testing::smallNetwork();
        auto design = testing::smallDesign(network, "int8", "int8");
        design.assignment[1].weights = quantization::Quantizer::parse("posit<8,1>").value();
        const auto reasons =
            exporters::obstacles(testing::exportKind("onnx-qdq"), design.schemes());
        QCOMPARE(reasons.size(), 1U);
        QCOMPARE(reasons.front(),
                 std::string("f2: posit<8,1> has no ONNX type; integers of 2 to 16 bits and fp8 "
                             "have one"));
    }

    void theNearestFittingDesignDiffersLeast() {
        const network::Network network = testing::smallNetwork();
        const exploration::DesignSpace space(
            {choices("c1", {"posit<8,1>", "int8", "int4"}, {"int8"}),
             choices("f2", {"posit<8,1>", "int8", "int4"}, {"int8", "int4"})},
            {hardware::Accelerator{}});
        std::vector<exploration::Evaluation> measured;
        const auto add = [&](std::vector<std::uint16_t> genes, double metric) {
            exploration::Evaluation& evaluation = measured.emplace_back();
            evaluation.id = static_cast<std::int64_t>(measured.size());
            genes.push_back(0);
            evaluation.design.genes = std::move(genes);
            evaluation.measured.metric = metric;
        };
        add({0, 0, 0, 0}, 0.99);  // 1: posits in both layers
        add({2, 0, 2, 1}, 0.90);  // 2: fits, differs in three sides
        add({1, 0, 1, 0}, 0.95);  // 3: fits, differs in two
        add({2, 0, 1, 0}, 0.97);  // 4: as near, and the better of the two where more is better
        add({1, 0, 0, 0}, 0.98);  // 5: nearer, but its second layer is a posit
        std::vector<const exploration::Evaluation*> pointers;
        for (const exploration::Evaluation& evaluation : measured) {
            pointers.push_back(&evaluation);
        }
        const auto wanted = space.assignment(measured[0].design);
        const auto nearest = [&](const char* kind, exploration::QuantityId metric) {
            return exporters::nearestFit(testing::exportKind(kind), network, wanted, space,
                                         pointers, metric);
        };
        using exploration::QuantityId;
        QCOMPARE(nearest("onnx-qdq", QuantityId::Accuracy).id, 4);
        QCOMPARE(nearest("onnx-qdq", QuantityId::Accuracy).differences, 2);
        QCOMPARE(nearest("onnx-qdq", QuantityId::Perplexity).id, 3);  // less is better
        QCOMPARE(nearest("yaml", QuantityId::Accuracy).id, 1);        // fits as it is
        QCOMPARE(nearest("hls4ml", QuantityId::Accuracy).id, 0);      // no design of fixed point
    }
};

QTEST_GUILESS_MAIN(TstExportFit)
#include "tst_export_fit.moc"
