// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/models/selection.h"
#include "ui/pages/export_page.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

/// The page that hands a design on: what fits, what is nearest, what was written.
class TstExportPage : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<MainWindow> m_window;

    [[nodiscard]] bool says(const QString& words) const {
        const auto labels = m_window->exportPage().findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(),
                           [&](const QLabel* label) { return label->text().contains(words); });
    }

private Q_SLOTS:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("bitloupe-tests"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_export_page"));
        applyTheme(*qApp, ThemeMode::Light);
        m_world = std::make_shared<FakeWorld>();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        m_window->resize(1400, 900);
        m_window->show();
        openStudy(*m_window);
        runStudy(*m_window);
        m_window->walkFront(-1);
        m_window->setPage(MainWindow::Export);
        QTRY_VERIFY(m_window->exportPage().designExport().isReady());
    }
    void cleanupTestCase() {
        m_window.reset();
        QSettings().clear();
    }

    void everyKindSaysWhetherTheDesignFits() {
        ExportPage& page = m_window->exportPage();
        const auto& kinds = exporters::exportKinds();
        const auto& fits = page.designExport().fits();
        QCOMPARE(fits.size(), kinds.size());
        auto* list = page.findChild<QListWidget*>();
        QCOMPARE(list->count(), static_cast<int>(kinds.size()));
        int unfit = 0;
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            page.chooseKind(QString::fromStdString(kinds[i].key));
            QVERIFY(!list->item(static_cast<int>(i))->icon().isNull());
            if (fits[i].obstacles.empty()) {
                QVERIFY(says(QStringLiteral("The design fits this form.")));
            } else {
                ++unfit;
                QVERIFY(says(QString::fromStdString(fits[i].obstacles.front())));
            }
        }
        QVERIFY(unfit > 0);
    }

    void theNearestDesignThatFitsIsOneClickAway() {
        ExportPage& page = m_window->exportPage();
        const auto& kinds = exporters::exportKinds();
        auto* button = [&]() -> QPushButton* {
            for (QPushButton* candidate : page.findChildren<QPushButton*>()) {
                if (candidate->accessibleName().startsWith(QLatin1String("Select the nearest"))) {
                    return candidate;
                }
            }
            return nullptr;
        }();
        QVERIFY(button != nullptr);
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            page.chooseKind(QString::fromStdString(kinds[i].key));
            const KindFit fit = page.designExport().fits()[i];
            QCOMPARE(button->isVisible(), fit.nearest > 0);
            if (fit.nearest > 0) {
                const auto before = m_window->selection().design();
                button->click();
                QCOMPARE(m_window->selection().design(), fit.nearest);
                QTRY_VERIFY(page.designExport().isReady());
                QVERIFY(page.designExport().fits()[i].obstacles.empty());
                m_window->selection().setDesign(before);
                QTRY_VERIFY(page.designExport().isReady());
            }
        }
    }

    void aWrittenFileSaysItsSizeAndWhatIsNext() {
        ExportPage& page = m_window->exportPage();
        page.chooseKind(QStringLiteral("yaml"));
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("design.yaml"));
        page.exportTo(path);
        QTRY_VERIFY(says(QStringLiteral("the float network's tensors take")));
        QVERIFY(QFile::exists(path));
        QVERIFY(says(QStringLiteral("bitloupe-cli evaluate MODEL --data DATA --design ") + path));
        keepPicture(*m_window, QStringLiteral("export-written"));
    }

    void homeIsATilde() {
        ExportPage& page = m_window->exportPage();
        const QTemporaryDir home;
        const QByteArray before = qgetenv("HOME");
        qputenv("HOME", home.path().toUtf8());
        page.exportTo(home.filePath(QStringLiteral("design.yaml")));
        QVERIFY(page.commandLine().contains(home.path()));
        QTRY_VERIFY(says(QStringLiteral("Written: ~/design.yaml")));
        QVERIFY(says(QStringLiteral("--design $HOME/design.yaml")));  // what a shell expands
        QVERIFY(QFile::exists(home.filePath(QStringLiteral("design.yaml"))));
        qputenv("HOME", before);
    }
};

QTEST_MAIN(TstExportPage)
#include "tst_export_page.moc"
