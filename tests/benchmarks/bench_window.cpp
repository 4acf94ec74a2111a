// SPDX-License-Identifier: Apache-2.0
// How soon the window is painted, and how long its event loop stands still while a study runs and
// somebody goes through the pages. QT_QPA_PLATFORM=offscreen bench_window
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

#include "ui/bridge/core_backend.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

namespace {

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

/// Says when the first paint event of a window has been handled.
class FirstPaint final : public QObject {
public:
    explicit FirstPaint(QWidget& window) { window.installEventFilter(this); }
    bool eventFilter(QObject* /*watched*/, QEvent* event) override {
        if (event->type() == QEvent::Paint && !m_seen) {
            m_seen = true;
            QTimer::singleShot(0, this, [] {
                std::printf("first paint          %7.0f ms wall, %7.0f ms processor\n",
                            wallSinceStart(), milliseconds(CLOCK_PROCESS_CPUTIME_ID));
            });
        }
        return false;
    }

private:
    bool m_seen = false;
};

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
    MainWindow window(coreBackend());
    window.resize(1400, 900);
    const FirstPaint paint(window);
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
    QTimer::singleShot(0, &window, [&] { document.openExample(QStringLiteral("digits")); });
    return QApplication::exec();
}
