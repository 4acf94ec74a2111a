// SPDX-License-Identifier: Apache-2.0
// How soon the window is painted, and how long its event loop stands still while a study runs and
// somebody goes through the pages. QT_QPA_PLATFORM=offscreen bench_window [paint]
// "paint": only the start.
//
// Wall time is what a person waits; processor time of the window's thread is what the program is to
// blame for, and the one to look at on a machine that does other things too.
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

#include "ui/bridge/engine.h"
#include "ui/theme/theme.h"
#include "ui/window/first_paint.h"
#include "ui/window/main_window.h"

namespace {

using namespace bitloupe;      // NOLINT(google-build-using-namespace)
using namespace bitloupe::ui;  // NOLINT(google-build-using-namespace)

constexpr int kPageEvery = 400;  // ms

double milliseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Since the process was started, from the kernel's own clock ticks.
double wallSinceStart() {
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly)) {
        return -1;
    }
    // Fields are counted from behind the program's name, which may hold anything.
    const QList<QByteArray> fields = stat.readAll().split(')').last().simplified().split(' ');
    constexpr int kStartTime = 19;
    const double ticks = fields.at(kStartTime).toDouble();
    return milliseconds(CLOCK_BOOTTIME) - ticks * 1e3 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// Whether the program has LibTorch in its memory.
bool hasLibTorch() {
    QFile maps(QStringLiteral("/proc/self/maps"));
    return maps.open(QIODevice::ReadOnly) && maps.readAll().contains("libtorch");
}

void printMoment(const char* what) {
    std::printf("%-20s %7.0f ms wall, %7.0f ms processor, LibTorch %s\n", what, wallSinceStart(),
                milliseconds(CLOCK_PROCESS_CPUTIME_ID), hasLibTorch() ? "loaded" : "not loaded");
}

void print(const char* what, std::vector<double> gaps) {
    std::sort(gaps.begin(), gaps.end());
    const auto at = [&gaps](double share) {
        return gaps[static_cast<std::size_t>(share * static_cast<double>(gaps.size() - 1))];
    };
    std::printf("%s  median %6.2f   99 %% %6.2f   99.9 %% %6.2f   longest %6.2f ms\n", what,
                at(0.5), at(0.99), at(0.999), gaps.back());
}

}  // namespace

int main(int argc, char** argv) {
    const QTemporaryDir home;
    qputenv("HOME", home.path().toUtf8());
    qputenv("XDG_CONFIG_HOME", (home.path() + QStringLiteral("/config")).toUtf8());
    qputenv("XDG_DATA_HOME", (home.path() + QStringLiteral("/data")).toUtf8());
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("bench_window"));
    applyTheme(application, ThemeMode::Light);
    MainWindow window(
        lateBackend(std::make_shared<Engine>(QStringList{QStringLiteral(BITLOUPE_ENGINE_FOLDER)})));
    window.resize(1400, 900);
    window.show();

    StudyDocument& document = window.document();
    std::vector<double> wall;
    std::vector<double> processor;
    double lastWall = 0;
    double lastProcessor = 0;
    QTimer heartbeat;
    heartbeat.setTimerType(Qt::PreciseTimer);
    QObject::connect(&heartbeat, &QTimer::timeout, &window, [&] {
        const double nowWall = milliseconds(CLOCK_MONOTONIC);
        const double nowProcessor = milliseconds(CLOCK_THREAD_CPUTIME_ID);
        if (lastWall > 0) {
            wall.push_back(nowWall - lastWall);
            processor.push_back(nowProcessor - lastProcessor);
        }
        lastWall = nowWall;
        lastProcessor = nowProcessor;
    });
    QTimer pages;
    int page = 0;
    QObject::connect(&pages, &QTimer::timeout, &window, [&] {
        window.walkFront(1);
        window.setPage(++page % (MainWindow::Export + 1));
    });
    QObject::connect(&document, &StudyDocument::opened, &window, [&] {
        printMoment("study opened");
        if (argc > 1) {
            QApplication::quit();
            return;
        }
        window.setPage(MainWindow::Explore);
        document.start();
    });
    QObject::connect(&document.bridge(), &ExplorationBridge::stateChanged, &window,
                     [&](RunState state) {
                         if (state == RunState::Running) {
                             heartbeat.start(1);
                             pages.start(kPageEvery);
                         }
                     });
    QObject::connect(&document.bridge(), &ExplorationBridge::finished, &window, [&] {
        heartbeat.stop();
        std::printf("%zu designs, %zu beats\n", document.bridge().snapshot()->evaluations.size(),
                    wall.size());
        print("between beats, wall     ", wall);
        print("between beats, processor", processor);
        QApplication::quit();
    });
    afterFirstPaint(window, [&] {
        printMoment("first paint");
        document.loadEngine();
        document.worker().run<int>([] { return Result<int>(0); },
                                   [](const Result<int>&) { printMoment("engine loaded"); });
        document.openExample(QStringLiteral("digits"));
    });
    return QApplication::exec();
}
