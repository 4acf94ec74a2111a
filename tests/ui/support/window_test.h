// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QApplication>
#include <QDir>
#include <QLocale>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>

#include "tests/ui/support/qt_warnings.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

/// What tests of the whole window begin with. Steps that fail fail the test that took them.
namespace bitloupe::ui::testing {

/// Settings of the test's own, one language and theme; from now on Qt's warnings are collected.
inline void prepareWindowTests(const QString& name) {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("bitloupe-tests"));
    QCoreApplication::setApplicationName(name);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    applyTheme(*qApp, ThemeMode::Light);
    collectQtWarnings();
}

/// Shows the window in the size that the README's pictures have.
inline void showWindow(MainWindow& window) {
    window.resize(1400, 900);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
}

/// Opens the study that a fake backend knows; its results go to `folder`.
inline void openStudy(MainWindow& window, const QString& folder = QDir::tempPath()) {
    QSignalSpy opened(&window.document(), &StudyDocument::opened);
    window.openPath(folder + QStringLiteral("/good.yaml"));
    QVERIFY(opened.wait());
}

/// Presses Start and waits for the end.
inline void runStudy(MainWindow& window) {
    QSignalSpy finished(&window.document().bridge(), &ExplorationBridge::finished);
    window.actions().start->trigger();
    QVERIFY(finished.wait(60000));
}

/// The first widget of its kind in the window with this accessible name, or null.
template <typename Widget>
Widget* findNamed(const MainWindow& window, const QString& accessibleName) {
    for (Widget* widget : window.findChildren<Widget*>()) {
        if (widget->accessibleName() == accessibleName) {
            return widget;
        }
    }
    return nullptr;
}

}  // namespace bitloupe::ui::testing
