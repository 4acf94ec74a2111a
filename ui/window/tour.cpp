// SPDX-License-Identifier: Apache-2.0
#include "ui/window/tour.h"

#include <QApplication>
#include <QDir>
#include <QPushButton>
#include <QTabBar>
#include <QTextStream>
#include <QTimer>
#include <functional>
#include <vector>

#include "ui/pages/export_page.h"
#include "ui/pages/sensitivity_page.h"
#include "ui/panels/detail_map.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

namespace bitloupe::ui {

namespace {

constexpr int kLookEvery = 100;           // ms
constexpr int kPatience = 300'000;        // ms for one step
constexpr int kSettle = 400;              // ms between a step and its picture
constexpr std::size_t kLiveDesigns = 60;  ///< shown while the run goes on
constexpr QSize kWindow(1400, 900);

/// One after the other: do something, wait for something, take a picture.
class Tour final : public QObject {
public:
    Tour(MainWindow& window, const QString& folder)
        : QObject(&window), m_window(window), m_folder(folder) {
        QDir().mkpath(folder);
        window.resize(kWindow);
        addSteps();
        connect(&m_timer, &QTimer::timeout, this, &Tour::look);
        m_timer.start(kLookEvery);
        enter();
    }

private:
    struct Step {
        QString picture;  ///< empty: none
        std::function<void()> act;
        std::function<bool()> isDone;
    };

    [[nodiscard]] std::size_t designs() {
        return m_window.document().bridge().snapshot()->evaluations.size();
    }

    void add(const QString& picture, std::function<void()> act, std::function<bool()> isDone) {
        m_steps.push_back({picture, std::move(act), std::move(isDone)});
    }
    void addPage(const QString& picture, int page) {
        add(
            picture, [this, page] { m_window.setPage(page); }, [] { return true; });
    }

    void addSteps() {
        StudyDocument& document = m_window.document();
        ExplorationBridge& bridge = document.bridge();
        const auto always = [] { return true; };
        add(
            QStringLiteral("welcome"), [] {}, always);
        add(
            {},
            [&document] {
                const auto examples = document.backend().examples();
                document.openExample(QString::fromStdString(examples.at(0).name));
            },
            [&document] { return document.network() && document.busyWith().isEmpty(); });
        add(
            QStringLiteral("setup"), [this] { m_window.setPage(MainWindow::SetUp); },
            [&document] { return document.estimatedSeconds() >= 0; });
        add(
            QStringLiteral("explore-live"), [this] { m_window.actions().start->trigger(); },
            [this, &bridge] { return designs() >= kLiveDesigns || (m_begun && !bridge.isBusy()); });
        add(
            {}, [] {}, [&bridge] { return !bridge.isBusy(); });
        add(
            QStringLiteral("explore"),
            [this] {
                m_window.walkFront(-1);
                m_window.walkFront(-1);
                m_window.actions().pin->trigger();
                m_window.walkFront(-1);
                m_window.walkFront(-1);
            },
            always);
        addPage(QStringLiteral("sensitivity"), MainWindow::Sensitivity);
        add(
            QStringLiteral("channels"),
            [this] {
                SensitivityPage& page = m_window.sensitivityPage();
                page.maps().setCurrentIndex(SensitivityPage::Channels);
                m_begun = false;
                page.detail().measureButton().click();
            },
            [this, &bridge] { return m_begun && !bridge.isBusy(); });
        add(
            QStringLiteral("design"), [this] { changeLayer(); },
            [this] { return m_window.selection().design() != m_changed; });
        add(
            QStringLiteral("fine-tuning"),
            [this] {
                m_window.actions().fineTuneDesign->trigger();
                m_changed = m_window.selection().design();
                m_window.training().fineTune(m_changed,
                                             m_window.document().description().fineTuning);
            },
            [this] {
                return !m_window.training().isBusy() && m_window.selection().design() != m_changed;
            });
        addPage(QStringLiteral("accelerator"), MainWindow::Accelerator);
        ExportPage& page = m_window.exportPage();
        add(
            {}, [this] { m_window.setPage(MainWindow::Export); },
            [&page] { return page.designExport().isReady(); });
        add(
            QStringLiteral("export"),
            [&page] {
                page.chooseKind(QStringLiteral("torchscript"));
                page.exportTo(QDir::homePath() + QStringLiteral("/digits/design.pt"));
            },
            [&page] { return page.agreement().has_value(); });
        add(
            QStringLiteral("explore-dark"),
            [this] {
                applyTheme(*qApp, ThemeMode::Dark);
                m_window.setPage(MainWindow::Explore);
            },
            always);
    }

    /// Gives the second layer of the selected design the next coarser weights.
    void changeLayer() {
        m_window.setPage(MainWindow::Design);
        m_changed = m_window.selection().design();
        constexpr exploration::Slot kSecond{1, exploration::Side::Weights};
        m_window.selection().setLayer(static_cast<int>(kSecond.layer));
        const auto state = m_window.editor().stateOf(m_changed);
        const auto& choices = m_window.document().shown().space.choices(kSecond);
        const auto& current = state->assignment[kSecond.layer].weights;
        for (std::size_t i = 1; i < choices.size(); ++i) {
            if (choices[i] == current) {
                m_window.editor().setFormat(m_changed, kSecond.layer, kSecond.side, choices[i - 1]);
                return;
            }
        }
        m_window.editor().setFormat(m_changed, kSecond.layer, kSecond.side, choices.back());
    }

    void enter() {
        m_waited = 0;
        m_settled = 0;
        m_steps.at(m_step).act();
    }

    void look() {
        m_begun = m_begun || m_window.document().bridge().isBusy();
        m_waited += kLookEvery;
        const Step& step = m_steps.at(m_step);
        if (m_waited > kPatience) {
            QTextStream(stderr) << "the tour waited in vain at step " << m_step << '\n';
            QApplication::exit(1);
            return;
        }
        if (!step.isDone()) {
            return;
        }
        m_settled += kLookEvery;
        if (m_settled < (step.picture.isEmpty() ? 0 : kSettle)) {
            return;
        }
        if (!step.picture.isEmpty()) {
            m_window.grab().save(m_folder + QLatin1Char('/') + step.picture +
                                 QStringLiteral(".png"));
        }
        if (++m_step == m_steps.size()) {
            m_timer.stop();
            QApplication::exit(0);
            return;
        }
        enter();
    }

    MainWindow& m_window;
    QString m_folder;
    QTimer m_timer;
    std::vector<Step> m_steps;
    std::size_t m_step = 0;
    int m_waited = 0;
    int m_settled = 0;
    bool m_begun = false;
    std::int64_t m_changed = 0;  ///< the design that a step began with
};

}  // namespace

void startTour(MainWindow& window, const QString& folder) {
    new Tour(window, folder);
}

}  // namespace bitloupe::ui
