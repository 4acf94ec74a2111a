// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <cstdio>

#include "tests/core/exploration/lenet_on_mnist.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

/// The trained LeNet-5 on the MNIST test images against figures measured elsewhere with the same
/// rules (weights only; biases float; least squared error over 40 scales).
class TstLenetFormats : public QObject {
    Q_OBJECT

    testing::LenetOnMnist m_lenet;
    std::unique_ptr<exploration::PopulationEvaluator> m_evaluator;

    exploration::Measurement measure(const exploration::Assignment& assignment) {
        const auto answer = m_evaluator->evaluate({&assignment, 1}, {}, {});
        if (answer.measurements.size() != 1) {
            QTest::qFail(answer.error.sentence().c_str(), __FILE__, __LINE__);
            return {};
        }
        return answer.measurements.front();
    }

private Q_SLOTS:
    void initTestCase() {
        BITLOUPE_REAL_FILE(folder, "");
        m_lenet = testing::LenetOnMnist::load(folder);
        m_evaluator = m_lenet.evaluator(0);
    }

    void floatNetworkGetsItsPublishedScore() {
        const exploration::Measurement measured = measure({});
        QCOMPARE(measured.correct, std::int64_t{9883});
        QCOMPARE(measured.samples, std::int64_t{10000});
        QCOMPARE(measured.kl, 0.0);
        QCOMPARE(measured.outputMse, 0.0);
        // Wilson's interval by hand.
        QVERIFY(std::fabs(measured.interval.low - 0.986003) < 1e-5);
        QVERIFY(std::fabs(measured.interval.high - 0.990226) < 1e-5);
    }

    void weightFormatsScoreAsMeasuredElsewhere_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("correct");
        QTest::addColumn<double>("kl");
        QTest::newRow("int8") << "int8" << 9883 << 2e-5;
        QTest::newRow("int8@channel") << "int8@channel" << 9882 << 2e-5;
        QTest::newRow("int7") << "int7" << 9881 << 1.5e-4;
        QTest::newRow("int6") << "int6" << 9886 << 3.7e-4;
        QTest::newRow("int6@channel") << "int6@channel" << 9882 << 2.4e-4;
        QTest::newRow("int5") << "int5" << 9872 << 1.65e-3;
        QTest::newRow("int5@channel") << "int5@channel" << 9874 << 9.6e-4;
        QTest::newRow("int4") << "int4" << 9860 << 6.5e-3;
        QTest::newRow("int4@channel") << "int4@channel" << 9859 << 5.2e-3;
        QTest::newRow("int3") << "int3" << 9680 << 0.070;
        QTest::newRow("int3@channel") << "int3@channel" << 9814 << 0.026;
        QTest::newRow("int2") << "int2" << 7030 << 0.80;
        QTest::newRow("int2@channel") << "int2@channel" << 6310 << 1.01;
    }
    void weightFormatsScoreAsMeasuredElsewhere() {
        QFETCH(QString, format);
        QFETCH(int, correct);
        QFETCH(double, kl);
        const exploration::Measurement measured = measure(
            testing::uniformAssignment(m_lenet.network->layers.size(), format.toStdString(), ""));
        std::printf("%-14s %lld (%d)  KL %.3g (%.3g)\n", qPrintable(format),
                    static_cast<long long>(measured.correct), correct, measured.kl, kl);
        QVERIFY(std::llabs(measured.correct - correct) <= 15);
        // Small figures were written down with one digit.
        QVERIFY(std::fabs(measured.kl / kl - 1) <= (kl < 1e-4 ? 0.5 : 0.2));
    }
};

QTEST_GUILESS_MAIN(TstLenetFormats)
#include "tst_lenet_formats.moc"
