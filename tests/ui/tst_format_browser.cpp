// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabBar>
#include <QTest>
#include <cmath>
#include <random>

#include "core/numerics/format_analysis.h"
#include "core/numerics/format_catalogue.h"
#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/qt_warnings.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/histogram_view.h"
#include "ui/dialogs/format_browser.h"
#include "ui/dialogs/format_column.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

namespace {

/// Powers of two: fp16 holds them all, and 1/1024 of the largest is lost in int4.
const std::vector<float> kPlain = {-1.0F, -0.5F, 0.25F, 0.125F, 1.0F, 0.0009765625F, 0.0F, 0.5F};

std::vector<float> bellShaped() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.1F);
    std::vector<float> weights(4000);
    std::generate(weights.begin(), weights.end(), [&] { return normal(random); });
    return weights;
}

std::shared_ptr<const network::Network> twoLayers() {
    auto graph = std::make_shared<network::Graph>();
    graph->initializers["a.weight"] =
        Array::of<float>({static_cast<std::int64_t>(kPlain.size())}, kPlain);
    const std::vector<float> bell = bellShaped();
    graph->initializers["b.weight"] = Array::of<float>({4000}, bell);
    auto network = std::make_shared<network::Network>();
    network->graph = graph;
    for (const char* name : {"a", "b", "attention"}) {
        network::Layer layer;
        layer.name = name;
        layer.weight = std::string(name) + ".weight";
        network->layers.push_back(layer);
    }
    return network;
}

}  // namespace

/// Two formats side by side, as a person chooses them.
class TstFormatBrowser : public QObject {
    Q_OBJECT

    std::unique_ptr<FormatBrowser> m_browser;

    template <typename T>
    T* named(const QString& accessibleName) {
        for (T* widget : m_browser->findChildren<T*>()) {
            if (widget->accessibleName() == accessibleName) {
                return widget;
            }
        }
        return nullptr;
    }
    QString figure(const QString& what, const QString& side = QStringLiteral("First format")) {
        QLabel* label = named<QLabel>(QStringLiteral("%1 of %2").arg(what, side));
        return label ? label->text() : QStringLiteral("no such figure");
    }
    void type(const QString& text, const QString& side = QStringLiteral("First format")) {
        QLineEdit* edit = named<QComboBox>(side)->lineEdit();
        QTest::mouseClick(edit, Qt::LeftButton);
        QTest::keyClick(edit, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    void chooseLayer(int steps) {
        auto* layers = named<QComboBox>(QStringLiteral("Layer"));
        layers->setFocus();
        QTest::keyClick(layers, Qt::Key_Home);
        for (int i = 0; i < steps; ++i) {
            QTest::keyClick(layers, Qt::Key_Down);
        }
    }

private Q_SLOTS:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("bitloupe-tests"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_format_browser"));
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        applyTheme(*qApp, ThemeMode::Light);
        collectQtWarnings();
    }

    void init() {
        QSettings().clear();
        m_browser = std::make_unique<FormatBrowser>();
        m_browser->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_browser.get()));
    }

    void cleanup() {
        m_browser.reset();
        applyTheme(*qApp, ThemeMode::Light);
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void withoutANetworkFormatsStandAlone() {
        QVERIFY(!named<QComboBox>(QStringLiteral("Layer"))->isEnabled());
        QCOMPARE(figure(QStringLiteral("Bits a value")), QStringLiteral("8 bit"));
        QCOMPARE(figure(QStringLiteral("SQNR")), QStringLiteral("–"));
        type(QStringLiteral("fp8e4m3"));
        QCOMPARE(figure(QStringLiteral("Largest")), QStringLiteral("448"));
        QCOMPARE(figure(QStringLiteral("Smallest positive")), QStringLiteral("0.001953125"));
        QCOMPARE(figure(QStringLiteral("Values")), QStringLiteral("253"));  // 256, 2 NaN, one zero
        type(QStringLiteral("posit<7,1>"), QStringLiteral("Second format"));
        QCOMPARE(figure(QStringLiteral("Largest"), QStringLiteral("Second format")),
                 QStringLiteral("1,024"));  // 4^(7-2)
        keepPicture(*m_browser, QStringLiteral("formats-no-network"));
    }

    void aBadNameGetsOneSentence_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("posit") << QStringLiteral("posit<1,9>");
        QTest::newRow("int") << QStringLiteral("int33");
        QTest::newRow("fixed") << QStringLiteral("fixed<4,9>");
    }

    void aBadNameGetsOneSentence() {
        QFETCH(QString, name);
        const auto parsed = numerics::NumberFormat::parse(name.toStdString());
        type(name);
        auto* problem = named<QLabel>(QStringLiteral("Problem with First format"));
        QVERIFY(problem->isVisible());
        QCOMPARE(problem->text(), QString::fromStdString(parsed.error().sentence()));
        QCOMPARE(figure(QStringLiteral("Bits a value")), QStringLiteral("8 bit"));  // as before
        type(QStringLiteral("int4"));
        QVERIFY(!problem->isVisible());
        QCOMPARE(figure(QStringLiteral("Bits a value")), QStringLiteral("4 bit"));
    }

    void everyFormatOfTheLibraryIsOffered() {
        auto* names = named<QComboBox>(QStringLiteral("Second format"));
        for (const numerics::FamilyInfo& family : numerics::families()) {
            for (const std::string& name : numerics::commonFormats(family.family)) {
                QVERIFY2(names->findText(QString::fromStdString(name)) >= 0, name.c_str());
            }
        }
    }

    void everyFormatCanBeShown() {
        m_browser->setNetwork(twoLayers());
        chooseLayer(1);
        for (const numerics::FamilyInfo& family : numerics::families()) {
            for (const std::string& name : numerics::commonFormats(family.family)) {
                type(QString::fromStdString(name));
                QVERIFY(!named<QLabel>(QStringLiteral("Problem with First format"))->isVisible());
                QVERIFY2(figure(QStringLiteral("SQNR")) != QStringLiteral("–"), name.c_str());
            }
        }
    }

    void theLossIsThatOfTheLibrary() {
        m_browser->setNetwork(twoLayers());
        auto* layers = named<QComboBox>(QStringLiteral("Layer"));
        QCOMPARE(layers->count(), 2);  // attention stores nothing
        type(QStringLiteral("fp16"));
        QCOMPARE(figure(QStringLiteral("SQNR")), QStringLiteral("exact"));
        QCOMPARE(figure(QStringLiteral("Rounded to zero")), QStringLiteral("0.00 %"));
        type(QStringLiteral("fixed<4,1>"), QStringLiteral("Second format"));  // -1 .. 0.875 by 1/8
        QCOMPARE(figure(QStringLiteral("Clipped"), QStringLiteral("Second format")),
                 QStringLiteral("12.50 %"));  // 1 of 8: the 1.0
        QCOMPARE(figure(QStringLiteral("Rounded to zero"), QStringLiteral("Second format")),
                 QStringLiteral("12.50 %"));  // 1/1024
        chooseLayer(1);
        QCOMPARE(layers->currentText(), QStringLiteral("b"));
        const auto format = numerics::NumberFormat::parse("fixed<4,1>").value();
        const numerics::DataLoss loss = numerics::lossOnData(format, bellShaped());
        QCOMPARE(figure(QStringLiteral("SQNR"), QStringLiteral("Second format")),
                 QStringLiteral("%1 dB").arg(loss.sqnrDecibels, 0, 'f', 2));
        QCOMPARE(figure(QStringLiteral("Rounded to zero"), QStringLiteral("Second format")),
                 QStringLiteral("%1 %").arg(100 * loss.underflowShare, 0, 'f', 2));
        m_browser->setNetwork(nullptr);
        QCOMPARE(figure(QStringLiteral("SQNR")), QStringLiteral("–"));
    }

    void bothCurvesAreInOnePicture() {
        type(QStringLiteral("fp8e5m2"));
        QTest::keyClick(m_browser.get(), Qt::Key_D, Qt::AltModifier);
        auto* view = named<charts::CurveView>(QStringLiteral("Decimal accuracy over Magnitude"));
        QVERIFY(view && view->isVisible());
        const auto& curves = view->data().curves;
        QCOMPARE(curves.size(), std::size_t{2});
        QVERIFY(curves[0].style != curves[1].style && curves[0].colour != curves[1].colour);
        auto* errors = named<charts::CurveView>(QStringLiteral("Relative error over Magnitude"));
        QVERIFY(errors && !errors->isVisible());
        const double low = std::pow(2.0, -17);  // half of the smallest subnormal
        const double high = 2 * 57344.0;
        const auto points = numerics::accuracyOverMagnitude(
            numerics::NumberFormat::parse("fp8e5m2").value(), low, high, 240);
        const auto& shown = errors->data().curves[0].points;
        QCOMPARE(shown.size(), points.size());
        for (std::size_t i = 0; i < points.size(); ++i) {
            QCOMPARE(shown[i], QPointF(points[i].magnitude, points[i].relativeError));
        }
    }

    void theNumberLineCanBeLogarithmic() {
        m_browser->setNetwork(twoLayers());
        chooseLayer(1);
        auto* check = m_browser->findChild<QCheckBox*>();
        const QList<charts::HistogramView*> lines =
            m_browser->findChildren<charts::HistogramView*>();
        QCOMPARE(lines.size(), 2);
        keepPicture(*m_browser, QStringLiteral("formats-linear"));
        QTest::keyClick(m_browser.get(), Qt::Key_L, Qt::AltModifier);
        QTRY_VERIFY(check->isChecked());
        for (const charts::HistogramView* line : lines) {
            QCOMPARE(line->xScale().kind(), charts::ScaleKind::Logarithmic);
            QVERIFY(!line->data().shares.empty());
            QVERIFY(line->data().representable.front() > 0);
        }
        keepPicture(*m_browser, QStringLiteral("formats-logarithmic"));
        applyTheme(*qApp, ThemeMode::Dark);
        type(QStringLiteral("mxfp4"));
        type(QStringLiteral("posit<1,9>"), QStringLiteral("Second format"));
        keepPicture(*m_browser, QStringLiteral("formats-dark"));
    }

    void everyWidgetHasAName() {
        for (QWidget* widget : m_browser->findChildren<QWidget*>()) {
            const bool inner = widget->objectName().startsWith(QLatin1String("qt_")) ||
                               qobject_cast<QLineEdit*>(widget);  // the combo box speaks for it
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || inner ||
                widget->metaObject() == &QWidget::staticMetaObject) {
                continue;
            }
            const auto* button = qobject_cast<QAbstractButton*>(widget);
            QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                     widget->metaObject()->className());
        }
    }

    void theWindowOpensItByKeyAndByTheCard() {
        auto world = std::make_shared<FakeWorld>();
        MainWindow window(fakeBackend(world));
        window.resize(1400, 900);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTest::keyClick(&window, Qt::Key_F);
        auto* browser = window.findChild<FormatBrowser*>();
        QVERIFY(browser && browser->isVisible() && !browser->isModal());
        QTest::keyClick(browser, Qt::Key_Escape);
        QVERIFY(!browser->isVisible());
        QSignalSpy opened(&window.document(), &StudyDocument::opened);
        window.openPath(QDir::tempPath() + QStringLiteral("/good.yaml"));
        QVERIFY(opened.wait());
        window.setPage(MainWindow::SetUp);
        keepPicture(window, QStringLiteral("formats-card"));
        for (auto* button : window.findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("Compare &formats …")) {
                QTest::mouseClick(button, Qt::LeftButton);
            }
        }
        QVERIFY(browser->isVisible());
        QCOMPARE(window.findChildren<FormatBrowser*>().size(), 1);
    }
};

QTEST_MAIN(TstFormatBrowser)
#include "tst_format_browser.moc"
