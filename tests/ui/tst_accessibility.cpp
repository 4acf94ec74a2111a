// SPDX-License-Identifier: Apache-2.0
#include <QAbstractScrollArea>
#include <QAccessible>
#include <QApplication>
#include <QDialog>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>
#include <QTextBrowser>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/colours.h"
#include "ui/dialogs/guide.h"
#include "ui/dialogs/help_window.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

/// Whoever cannot see the window, or uses no mouse, can use it too.
class TstAccessibility : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world = std::make_shared<FakeWorld>();
    std::unique_ptr<MainWindow> m_window;

    static QString describe(const QWidget& widget) {
        QStringList path;
        for (const QWidget* at = &widget; at != nullptr; at = at->parentWidget()) {
            path.prepend(QString::fromLatin1(at->metaObject()->className()));
        }
        return path.join(QStringLiteral(" > "));
    }

    static QStringList nameless(const QWidget& window) {
        QStringList found;
        for (QWidget* widget : window.findChildren<QWidget*>()) {
            const auto* area = qobject_cast<QAbstractScrollArea*>(widget->parentWidget());
            const bool inner = widget->objectName().startsWith(QLatin1String("qt_")) ||
                               (area && area->viewport() == widget);  // the area speaks for it
            if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || inner) {
                continue;
            }
            QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
            if (!face || face->text(QAccessible::Name).isEmpty()) {
                found << describe(*widget);
            }
        }
        return found;
    }

private Q_SLOTS:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("bitloupe-tests"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_accessibility"));
        QSettings().clear();
        collectQtWarnings();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
    }

    void cleanupTestCase() {
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void everyFocusableWidgetHasAName_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void everyFocusableWidgetHasAName() {
        QFETCH(bool, dark);
        applyTheme(*qApp, dark ? ThemeMode::Dark : ThemeMode::Light);
        if (!m_window->document().isOpen()) {
            QVERIFY2(nameless(*m_window).isEmpty(),
                     qPrintable(nameless(*m_window).join(QLatin1Char('\n'))));
            openStudy(*m_window);
            runStudy(*m_window);
            m_window->walkFront(1);
        }
        for (int page = 0; page <= MainWindow::Export; ++page) {
            m_window->setPage(page);
            QApplication::processEvents();
            QVERIFY2(nameless(*m_window).isEmpty(),
                     qPrintable(nameless(*m_window).join(QLatin1Char('\n'))));
        }
        for (QAction* action : {m_window->actions().help, m_window->actions().guide,
                                m_window->actions().shortcuts, m_window->actions().palette,
                                m_window->actions().formats, m_window->actions().history}) {
            action->trigger();
            QApplication::processEvents();
            QDialog* dialog = nullptr;
            for (QDialog* each : m_window->findChildren<QDialog*>()) {
                dialog = each->isVisible() ? each : dialog;
            }
            QVERIFY2(dialog, qPrintable(action->text()));
            keepPicture(*dialog,
                        Actions::nameOf(*action) + (dark ? QStringLiteral(" dark") : QString()));
            QVERIFY2(nameless(*dialog).isEmpty(),
                     qPrintable(nameless(*dialog).join(QLatin1Char('\n'))));
            dialog->close();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        }
    }

    void helpBeginsWhereThePersonIs() {
        m_window->setPage(MainWindow::Design);
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        auto* help = m_window->findChild<HelpWindow*>();
        QVERIFY(help && help->isVisible());
        QVERIFY(help->text().toPlainText().contains(QStringLiteral("Fine-tuning")));
        QCOMPARE(help->findChild<QListWidget*>()->currentItem()->text(), QStringLiteral("Design"));
        help->close();
    }

    void theTourWalksThroughEveryPage() {
        m_window->actions().guide->trigger();
        auto* guide = m_window->findChild<Guide*>();
        QVERIFY(guide);
        for (int page = 0; page <= MainWindow::Export; ++page) {
            QCOMPARE(m_window->currentPage(), page);
            QTest::mouseClick(&guide->nextButton(), Qt::LeftButton);
        }
        QVERIFY(!guide->isVisible());
    }

    void textHasContrast_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void textHasContrast() {
        QFETCH(bool, dark);
        const QPalette palette = dark ? darkPalette() : lightPalette();
        const Colors colors = Colors::of(palette);
        for (const QPalette::ColorRole ground : {QPalette::Window, QPalette::Base}) {
            const QColor below = palette.color(ground);
            for (const QColor& text :
                 {palette.color(QPalette::WindowText), palette.color(QPalette::PlaceholderText),
                  palette.color(QPalette::Link), colors.muted, colors.good, colors.warning,
                  colors.problem}) {
                QVERIFY2(charts::contrastRatio(text, below) >= 4.5,
                         qPrintable(text.name() + QStringLiteral(" on ") + below.name()));
            }
        }
        for (const QColor& below : {colors.hover, colors.chosen}) {
            QVERIFY(charts::contrastRatio(palette.color(QPalette::WindowText), below) >= 4.5);
        }
        QVERIFY(charts::contrastRatio(palette.color(QPalette::HighlightedText),
                                      palette.color(QPalette::Highlight)) >= 4.5);
        QVERIFY(charts::contrastRatio(palette.color(QPalette::ButtonText),
                                      palette.color(QPalette::Button)) >= 4.5);
    }

    void noKeyIsTakenTwice() {
        QStringList keys;
        for (const QAction* action : m_window->actions().all()) {
            const QString key = Actions::keyOf(*action);
            if (!key.isEmpty()) {
                keys << key;
            }
        }
        QCOMPARE(keys.removeDuplicates(), 0);
    }
};

QTEST_MAIN(TstAccessibility)
#include "tst_accessibility.moc"
