// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QLocale>
#include <algorithm>
#include <string_view>

#include "ui/bridge/engine.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/window/first_paint.h"
#include "ui/window/main_window.h"
#include "ui/window/session_state.h"
#include "ui/window/tour.h"

namespace {

/// Questions that need no display.
bool asksForText(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc, [](const char* word) {
        const std::string_view text(word);
        return text == "--version" || text == "-v" || text == "--help" || text == "-h";
    });
}

/// Beside the program where it was built, else where it is installed.
std::shared_ptr<bitloupe::ui::Engine> engine() {
    const QDir here(QCoreApplication::applicationDirPath());
    return std::make_shared<bitloupe::ui::Engine>(
        QStringList{here.path(), here.filePath(QStringLiteral(BITLOUPE_MODULE_FOLDER))});
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bitloupe::ui;
    if (asksForText(argc, argv)) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("bitloupe"));
    QApplication::setApplicationName(QStringLiteral("bitloupe"));
    QApplication::setApplicationDisplayName(QStringLiteral("Bitloupe"));
    QApplication::setApplicationVersion(QStringLiteral(BITLOUPE_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("bitloupe"));
    QApplication::setWindowIcon(programIcon());
    if (QLocale().language() == QLocale::C) {  // no locale set: numbers still want their groups
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    }

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main",
        "Explore how far a trained neural network can be quantized, and on what hardware."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("file"),
        QCoreApplication::translate("main", "A study, its results, a network or a data set."),
        QStringLiteral("[STUDY.yaml | RESULTS | MODEL | DATA]"));
    QCommandLineOption example(
        QStringLiteral("example"),
        QCoreApplication::translate("main", "Opens an example that ships with the program."),
        QStringLiteral("name"));
    QCommandLineOption tour(QStringLiteral("screenshots"), {}, QStringLiteral("folder"));
    tour.setFlags(QCommandLineOption::HiddenFromHelp);  // scripts/screenshots makes the README's
    parser.addOption(example);
    parser.addOption(tour);
    parser.process(application);

    applyTheme(application, session_state::theme());
    MainWindow window(lateBackend(engine()));
    window.show();
    afterFirstPaint(window, [&] {
        window.document().loadEngine();
        if (parser.isSet(tour)) {
            startTour(window, parser.value(tour));
        } else if (parser.isSet(example)) {
            window.document().openExample(parser.value(example));
        } else if (!parser.positionalArguments().isEmpty()) {
            window.openPath(parser.positionalArguments().constFirst());
        }
    });
    return QApplication::exec();
}
