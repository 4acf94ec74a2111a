// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QStackedWidget>
#include <QUndoView>
#include <QVBoxLayout>

#include "ui/dialogs/command_palette.h"
#include "ui/dialogs/format_browser.h"
#include "ui/dialogs/guide.h"
#include "ui/dialogs/help_window.h"
#include "ui/dialogs/shortcut_sheet.h"
#include "ui/dialogs/training_dialog.h"
#include "ui/pages/design_page.h"
#include "ui/pages/explore_page.h"
#include "ui/pages/export_page.h"
#include "ui/pages/welcome_page.h"
#include "ui/panels/design_plot.h"
#include "ui/panels/inspector.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/rail.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"
#include "ui/window/session_state.h"

/// What the window's actions do.
namespace bitloupe::ui {

void MainWindow::buildMenus() {
    QMenu* file = menuBar()->addMenu(tr("&File"));
    file->addAction(m_actions->open);
    m_recentMenu = file->addMenu(tr("Open &recent"));
    QMenu* examples = file->addMenu(tr("Open an e&xample"));
    for (const Example& example : m_document.backend().examples()) {
        const QString name = QString::fromStdString(example.name);
        examples->addAction(QString::fromStdString(example.title), this,
                            [this, name] { m_document.openExample(name); });
    }
    file->addSeparator();
    file->addActions({m_actions->save, m_actions->saveAs, m_actions->closeStudy});
    file->addSeparator();
    file->addAction(m_actions->quit);
    QMenu* edit = menuBar()->addMenu(tr("&Edit"));
    edit->addActions({m_actions->undo, m_actions->redo, m_actions->history});
    edit->addSeparator();
    edit->addAction(m_actions->copyDesign);
    QMenu* run = menuBar()->addMenu(tr("&Run"));
    run->addActions({m_actions->start, m_actions->stop});
    QMenu* design = menuBar()->addMenu(tr("&Design"));
    design->addActions({m_actions->previousDesign, m_actions->nextDesign, m_actions->pin,
                        m_actions->editDesign, m_actions->measureDesign, m_actions->fineTuneDesign,
                        m_actions->exportDesign});
    QMenu* view = menuBar()->addMenu(tr("&View"));
    view->addActions(m_actions->pages);
    view->addSeparator();
    QMenu* theme = view->addMenu(tr("&Appearance"));
    theme->addActions({m_actions->systemTheme, m_actions->lightTheme, m_actions->darkTheme});
    view->addActions(
        {m_actions->messages, m_actions->resetLayout, m_actions->formats, m_actions->palette});
    QMenu* help = menuBar()->addMenu(tr("&Help"));
    help->addActions({m_actions->help, m_actions->guide, m_actions->shortcuts, m_actions->about});
    connect(m_recentMenu, &QMenu::aboutToShow, this, [this] {
        m_recentMenu->clear();
        for (const QString& path : session_state::recentStudies()) {
            m_recentMenu->addAction(path, this, [this, path] { openPath(path); })
                ->setEnabled(QFileInfo::exists(path));
        }
    });
}

void MainWindow::connectActions() {
    const auto on = [this](QAction* action, auto act) {
        connect(action, &QAction::triggered, this, act);
    };
    on(m_actions->open, &MainWindow::chooseFile);
    on(m_actions->save, [this] { static_cast<void>(saveStudy(false)); });
    on(m_actions->saveAs, [this] { static_cast<void>(saveStudy(true)); });
    on(m_actions->closeStudy, [this] {
        if (mayClose()) {
            m_document.bridge().stopAndWait();
            m_document.closeStudy();
        }
    });
    on(m_actions->quit, &MainWindow::close);
    on(m_actions->copyDesign, &MainWindow::copyDesign);
    on(m_actions->start, &MainWindow::startOrPause);
    on(m_actions->pause, &MainWindow::startOrPause);
    on(m_actions->stop, [this] { m_document.bridge().stop(); });
    for (int page = 0; page < m_actions->pages.size(); ++page) {
        on(m_actions->pages.at(page), [this, page] { setPage(page); });
    }
    connect(m_rail, &Rail::chosen, this, &MainWindow::setPage);
    on(m_actions->previousDesign, [this] { walkFront(-1); });
    on(m_actions->nextDesign, [this] { walkFront(1); });
    on(m_actions->pin, [this] { m_selection.togglePin(m_selection.design()); });
    on(m_actions->editDesign, [this] { setPage(Design); });
    on(m_actions->fineTuneDesign, [this] {
        setPage(Design);
        m_design->showFineTuning();
    });
    connect(m_actions->measureDesign, &QAction::triggered, &m_editor, &DesignEditor::measure);
    on(m_actions->exportDesign, [this] { setPage(Export); });
    on(m_actions->formats, &MainWindow::showFormats);
    on(m_actions->palette, &MainWindow::showPalette);
    on(m_actions->history, &MainWindow::showHistory);
    on(m_actions->resetLayout, &MainWindow::resetLayout);
    on(m_actions->help, &MainWindow::showHelp);
    on(m_actions->guide, &MainWindow::showGuide);
    on(m_actions->shortcuts, [this] {
        QList<QPair<QString, QString>> keys;
        for (const QAction* action : m_actions->all()) {
            if (!Actions::keyOf(*action).isEmpty()) {
                keys << qMakePair(Actions::nameOf(*action), Actions::keyOf(*action));
            }
        }
        keys << qMakePair(tr("Zoom the plot"), tr("+  −"))
             << qMakePair(tr("Show the whole plot"), tr("0"))
             << qMakePair(tr("Numbers in the heatmap"), tr("N"))
             << qMakePair(tr("Next format of a layer"), tr("+  −"));
        (new ShortcutSheet(keys, this))->open();
    });
    on(m_actions->about, [this] {
        QMessageBox::about(
            this, tr("About Bitloupe"),
            tr("<b>Bitloupe %1</b><br>Which number format should each layer of a network "
               "use, on which accelerator, and what does that cost in accuracy?<br><br>"
               "Apache License 2.0. This program uses Qt Charts, which makes the "
               "distributed desktop binary GPL-3.")
                .arg(QApplication::applicationVersion()));
    });
    const auto useTheme = [this, on](QAction* action, ThemeMode mode) {
        on(action, [mode] {
            session_state::setTheme(mode);
            applyTheme(*qApp, mode);
        });
    };
    useTheme(m_actions->systemTheme, ThemeMode::System);
    useTheme(m_actions->lightTheme, ThemeMode::Light);
    useTheme(m_actions->darkTheme, ThemeMode::Dark);
}

void MainWindow::connectDocument() {
    connect(&m_document, &StudyDocument::opened, this, &MainWindow::studyOpened);
    connect(&m_document, &StudyDocument::failed, m_messages, &MessageBar::showError);
    connect(&m_document, &StudyDocument::noticed, m_messages, [this](const QString& sentence) {
        m_messages->showMessage(MessageBar::Kind::News, sentence);
    });
    connect(m_export, &ExportPage::failed, m_messages, &MessageBar::showError);
    for (auto signal : {&StudyDocument::descriptionChanged, &StudyDocument::loadedChanged}) {
        connect(&m_document, signal, this, &MainWindow::refreshActions);
    }
    connect(&m_document, &StudyDocument::busyChanged, this, [this] {
        refreshActions();
        refreshLayout();
    });
    connect(&m_document.bridge(), &ExplorationBridge::stateChanged, this, [this](RunState state) {
        if (state == RunState::Running && currentPage() == SetUp) {
            setPage(Explore);
        }
        refreshActions();
    });
    connect(&m_document, &StudyDocument::descriptionChanged, this,
            [this] { setWindowModified(m_document.isModified()); });
    connect(&m_selection, &Selection::designChanged, this, [this] {
        keepView();
        refreshActions();
        refreshLayout();
    });
    connect(&m_selection, &Selection::pinnedChanged, this, [this] {
        session_state::setPins(m_document.resultsPath(), m_selection.pinned());
        refreshActions();
    });
    connect(m_welcome, &WelcomePage::openRequested, this, &MainWindow::chooseFile);
    connect(m_welcome, &WelcomePage::pathRequested, this, &MainWindow::openPath);
    connect(m_welcome, &WelcomePage::forgetRequested, this, [this](const QString& path) {
        session_state::forgetRecentStudy(path);
        QMetaObject::invokeMethod(
            m_welcome, [this] { m_welcome->setRecent(session_state::recentStudies()); },
            Qt::QueuedConnection);  // its row is still being clicked
    });
}

void MainWindow::connectEditing() {
    connect(&m_editor, &DesignEditor::failed, m_messages, &MessageBar::showError);
    connect(&m_editor, &DesignEditor::concerns, &m_selection, &Selection::setDesign);
    connect(&m_editor, &DesignEditor::measured, this,
            [this](std::int64_t base, std::int64_t design) {
                if (m_selection.design() == base) {
                    m_selection.setDesign(design);
                }
            });
    connect(&m_editor, &DesignEditor::changed, this, [this] {
        m_explore->setDraft(draftToShow(m_document, m_editor));
        refreshActions();
    });
    connect(m_explore, &ExplorePage::designActivated, this, [this](qint64 design) {
        m_selection.setDesign(design);
        setPage(Design);
    });
    connect(&m_explore->filters(), &FilterHistory::changed, this, &MainWindow::keepView);
    connect(m_explore, &ExplorePage::axesChanged, &m_design->plot(), &DesignPlot::setAxes);
    connect(&m_training, &TrainingJob::failed, m_messages, &MessageBar::showError);
    connect(&m_training, &TrainingJob::changed, this, &MainWindow::refreshActions);
    connect(&m_training, &TrainingJob::fineTuned, this,
            [this](std::int64_t parent, std::int64_t design) {
                if (m_selection.design() == parent) {
                    m_selection.setDesign(design);
                }
            });
    connect(&m_document, &StudyDocument::untrained, this, &MainWindow::offerTraining);
}

void MainWindow::offerTraining(const QString& path) {
    const Result<study::StudyDescription> study =
        m_document.backend().readStudy(path.toStdString());
    if (study.hasError()) {
        m_messages->showError(study.error());
        return;
    }
    auto* dialog = new TrainingDialog(m_training, study.value(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, path] { openPath(path); });
    dialog->show();
}

void MainWindow::refreshActions() {
    const RunState state = m_document.bridge().state();
    const bool open = m_document.isOpen();
    const bool selected = m_selection.design() > 0;
    QString name = tr("Start");
    QString sign = QStringLiteral("start");
    if (state == RunState::Running) {
        name = tr("Pause");
        sign = QStringLiteral("pause");
    } else if (state == RunState::Paused) {
        name = tr("Resume");
    } else if (!m_document.bridge().snapshot()->evaluations.empty()) {
        name = tr("Go on");
    }
    m_actions->start->setText(tr("%1\tSpace").arg(name));
    m_actions->start->setIcon(icon(sign));
    m_actions->start->setToolTip(tr("%1 (Space)").arg(name));
    m_actions->start->setEnabled(m_document.canStart() || state == RunState::Running ||
                                 state == RunState::Paused);
    m_actions->pause->setText(name);
    m_actions->pause->setToolTip(tr("%1 (Space)").arg(name));
    m_actions->pause->setIcon(icon(sign));
    m_actions->pause->setVisible(state != RunState::Idle);
    m_actions->pause->setEnabled(state == RunState::Running || state == RunState::Paused);
    m_actions->stop->setVisible(state != RunState::Idle);
    m_actions->stop->setEnabled(state == RunState::Running || state == RunState::Paused);
    for (QAction* action : {m_actions->save, m_actions->saveAs, m_actions->closeStudy}) {
        action->setEnabled(open);
    }
    for (QAction* page : m_actions->pages) {
        page->setEnabled(open);
    }
    m_actions->measureDesign->setEnabled(m_editor.canMeasure());
    for (QAction* action : {m_actions->pin, m_actions->editDesign, m_actions->fineTuneDesign,
                            m_actions->exportDesign, m_actions->copyDesign}) {
        action->setEnabled(selected);
    }
    const bool front = !m_document.bridge().snapshot()->front.empty();
    m_actions->previousDesign->setEnabled(front);
    m_actions->nextDesign->setEnabled(front);
    const bool pinned = m_selection.isPinned(m_selection.design());
    m_actions->pin->setText(pinned ? tr("Un&pin design") : tr("&Pin design"));
    m_actions->pin->setIcon(icon(pinned ? QStringLiteral("pinned") : QStringLiteral("pin")));
}

void MainWindow::chooseFile() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Open a study, a network or data"), {},
        tr("Everything (*);;Studies (*.yaml *.yml);;Results (*.bitloupe);;"
           "Networks (*.onnx *.pt *.pth *.safetensors)"));
    if (!path.isEmpty()) {
        openPath(path);
    }
}

bool MainWindow::saveStudy(bool askForPlace) {
    QString path = m_document.path();
    if (askForPlace || path.isEmpty()) {
        path =
            QFileDialog::getSaveFileName(this, tr("Save the study"), path, tr("Studies (*.yaml)"));
        if (path.isEmpty()) {
            return false;
        }
    }
    const Result<void> saved = m_document.save(path);
    if (saved.hasError()) {
        m_messages->showError(saved.error());
        return false;
    }
    rememberRecent();
    return true;
}

void MainWindow::startOrPause() {
    ExplorationBridge& bridge = m_document.bridge();
    switch (bridge.state()) {
        case RunState::Idle:
            m_document.start();
            return;
        case RunState::Running:
            bridge.pause();
            return;
        case RunState::Paused:
            bridge.resume();
            return;
        case RunState::Stopping:
            return;
    }
}

void MainWindow::copyDesign() {
    QApplication::clipboard()->setText(m_inspector->facts().join(QLatin1Char('\n')));
}

void MainWindow::showFormats() {
    if (!m_formats) {
        m_formats = new FormatBrowser(this);
        m_formats->setNetwork(m_document.network());
        connect(&m_document, &StudyDocument::loadedChanged, m_formats,
                [this] { m_formats->setNetwork(m_document.network()); });
    }
    m_formats->show();
    m_formats->raise();
    m_formats->activateWindow();
}

void MainWindow::showHistory() {
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("History"));
    auto* steps = new QUndoView(&m_document.undoStack(), dialog);
    steps->setEmptyLabel(tr("As it was opened"));
    steps->setAccessibleName(tr("Steps that can be undone"));
    steps->setFrameShape(QFrame::NoFrame);
    steps->setSpacing(kGrid / 4);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(kGrid, kGrid, kGrid, kGrid);
    column->addWidget(steps);
    dialog->resize(fontMetrics().averageCharWidth() * 55, fontMetrics().height() * 22);
    dialog->show();
}

void MainWindow::showHelp() {
    if (!m_help) {
        m_help = new HelpWindow(this);
    }
    static const QStringList kTopics = {QStringLiteral("setup"),       QStringLiteral("explore"),
                                        QStringLiteral("sensitivity"), QStringLiteral("design"),
                                        QStringLiteral("accelerator"), QStringLiteral("export")};
    m_help->show();
    m_help->raise();
    m_help->showTopic(kTopics.value(currentPage(), kTopics.constFirst()));
}

void MainWindow::showGuide() {
    if (!m_document.isOpen()) {
        m_messages->showMessage(MessageBar::Kind::News,
                                tr("The tour walks through an open study: open an example first."));
        return;
    }
    auto* guide = new Guide(
        {{SetUp, tr("Set up"),
          tr("Four cards say what is studied: a network, data, the formats to choose from, and "
             "arrays. Drop a file anywhere to fill one.")},
         {Explore, tr("Explore"),
          tr("Press Space to start. Every dot is a measured design, the step line is the front. "
             "Click a dot to see its layers at the right; sliders grey out what misses a "
             "constraint.")},
         {Sensitivity, tr("Sensitivity"),
          tr("What each format does to each layer alone. Dark cells hurt; the outlined ones are "
             "those of the selected design.")},
         {Design, tr("Design"),
          tr("Change one layer's format and see where the point goes. Pin designs to compare them, "
             "or train one further with its rounding in place.")},
         {Accelerator, tr("Accelerator"),
          tr("How many cycles each layer takes on an array, and what another array would bring. "
             "No accuracy is measured again for it.")},
         {Export, tr("Export"),
          tr("Write the selected design for your next tool. What does not fit is said before, and "
             "the file is checked after. F1 explains the page you are on.")}},
        [this](int page) { setPage(page); }, this);
    guide->setAttribute(Qt::WA_DeleteOnClose);
    guide->show();
}

void MainWindow::showPalette() {
    QList<CommandPalette::Command> commands;
    for (QAction* action : m_actions->all()) {
        if (action->isEnabled() && action != m_actions->palette) {
            commands << CommandPalette::Command{Actions::nameOf(*action), Actions::keyOf(*action),
                                                [action] { action->trigger(); }};
        }
    }
    for (const Example& example : m_document.backend().examples()) {
        const QString name = QString::fromStdString(example.name);
        commands << CommandPalette::Command{
            tr("Example: %1").arg(QString::fromStdString(example.title)), {}, [this, name] {
                m_document.openExample(name);
            }};
    }
    for (const QString& path : session_state::recentStudies()) {
        commands << CommandPalette::Command{
            tr("Open %1").arg(path), {}, [this, path] { openPath(path); }};
    }
    auto* palette = new CommandPalette(commands, this);
    palette->setFallback([this](const QString& text) {
        bool isNumber = false;
        const qlonglong id = text.toLongLong(&isNumber);
        QList<CommandPalette::Command> found;
        if (isNumber && m_document.bridge().snapshot()->find(id)) {
            found << CommandPalette::Command{
                tr("Select design %1").arg(id), {}, [this, id] { m_selection.setDesign(id); }};
        }
        return found;
    });
    palette->open();
}

}  // namespace bitloupe::ui
