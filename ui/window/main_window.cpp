// SPDX-License-Identifier: Apache-2.0
#include "ui/window/main_window.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/accelerator_page.h"
#include "ui/pages/design_page.h"
#include "ui/pages/explore_page.h"
#include "ui/pages/export_page.h"
#include "ui/pages/sensitivity_page.h"
#include "ui/pages/setup_page.h"
#include "ui/pages/welcome_page.h"
#include "ui/panels/header_bar.h"
#include "ui/panels/inspector.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/message_log.h"
#include "ui/panels/rail.h"
#include "ui/panels/run_bar.h"
#include "ui/theme/icons.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/window/actions.h"
#include "ui/window/session_state.h"

namespace bitloupe::ui {

namespace {

/// The welcome page lies behind the pages of the rail in the stack.
constexpr int kWelcome = MainWindow::Export + 1;

QString geometryKey() {
    return QStringLiteral("window/geometry");
}
QString stateKey() {
    return QStringLiteral("window/state");
}
QString splitKey() {
    return QStringLiteral("window/split");
}
QString pageKey() {
    return QStringLiteral("window/page");
}

}  // namespace

MainWindow::MainWindow(Backend backend, QWidget* parent)
    : QMainWindow(parent),
      m_document(std::move(backend)),
      m_editor(m_document),
      m_training(m_document),
      m_actions(new Actions(m_document.undoStack(), this)) {
    setAcceptDrops(true);
    setWindowIcon(programIcon());
    build();
    buildMenus();
    connectActions();
    connectDocument();
    connectEditing();
    restoreSession();
    studyOpened();
}

MainWindow::~MainWindow() = default;

void MainWindow::build() {
    m_rail = new Rail(this);
    const QStringList icons = {QStringLiteral("setup"),       QStringLiteral("explore"),
                               QStringLiteral("sensitivity"), QStringLiteral("design"),
                               QStringLiteral("accelerator"), QStringLiteral("export")};
    for (int page = 0; page < icons.size(); ++page) {
        const QAction& action = *m_actions->pages.at(page);
        m_rail->addPage(icons.at(page), Actions::nameOf(action), Actions::keyOf(action));
    }
    m_header = new HeaderBar(m_document, *m_actions->start, this);
    m_messages = new MessageBar(this);
    m_explore = new ExplorePage(m_document, m_selection, this);
    m_sensitivity = new SensitivityPage(m_document, m_selection, this);
    m_design = new DesignPage(m_document, m_selection, m_editor, m_training, this);
    m_accelerator = new AcceleratorPage(m_document, m_selection, this);
    m_export = new ExportPage(m_document, m_selection, this);
    m_welcome = new WelcomePage(m_document, this);
    m_pages = new QStackedWidget(this);
    auto* setup = new SetupPage(m_document, m_selection, this);
    connect(setup, &SetupPage::formatsRequested, m_actions->formats, &QAction::trigger);
    m_pages->addWidget(setup);
    m_pages->addWidget(m_explore);
    m_pages->addWidget(m_sensitivity);
    m_pages->addWidget(m_design);
    m_pages->addWidget(m_accelerator);
    m_pages->addWidget(m_export);
    m_pages->addWidget(m_welcome);
    m_inspector = new Inspector(
        m_document, m_selection,
        {*m_actions->pin, *m_actions->previousDesign, *m_actions->nextDesign,
         *m_actions->editDesign, *m_actions->fineTuneDesign, *m_actions->exportDesign},
        this);
    m_runBar = new RunBar(m_document, *m_actions->pause, *m_actions->stop, this);

    auto* middle = new QWidget(this);  // the paper that plots and tables are drawn on
    middle->setBackgroundRole(QPalette::Base);
    middle->setAutoFillBackground(true);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_header);
    column->addWidget(m_messages);
    column->addWidget(m_pages, 1);
    m_split = new QSplitter(Qt::Horizontal, this);
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(kGrid / 2);
    m_split->addWidget(middle);
    m_split->addWidget(m_inspector);
    m_split->setStretchFactor(0, 1);
    m_split->setStretchFactor(1, 0);
    m_inspector->setMinimumWidth(fontMetrics().averageCharWidth() * 47);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_split, 1);
    right->addWidget(m_runBar);
    auto* central = new QWidget(this);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addLayout(right, 1);
    setCentralWidget(central);
    buildLog();
    resetLayout();
}

void MainWindow::buildLog() {
    m_log = new MessageLog(this);
    connect(m_messages, &MessageBar::told, m_log, &MessageLog::add);
    m_logDock = new QDockWidget(tr("Messages"), this);
    m_logDock->setObjectName(QStringLiteral("messages"));
    m_logDock->setAllowedAreas(Qt::BottomDockWidgetArea);
    m_logDock->setFeatures(QDockWidget::DockWidgetClosable);
    m_logDock->setWidget(m_log);
    addDockWidget(Qt::BottomDockWidgetArea, m_logDock);
    m_logDock->hide();
    connect(m_actions->messages, &QAction::toggled, m_logDock, &QDockWidget::setVisible);
    connect(m_logDock, &QDockWidget::visibilityChanged, m_actions->messages, [this] {
        m_actions->messages->setChecked(!m_logDock->isHidden());  // hidden with the window: stays
    });
}

void MainWindow::resetLayout() {
    const int wide = fontMetrics().averageCharWidth() * 54;
    m_split->setSizes({4 * wide, wide});
    m_logDock->hide();
    resize(fontMetrics().averageCharWidth() * 190, fontMetrics().height() * 54);
}

int MainWindow::currentPage() const {
    return m_pages->currentIndex() == kWelcome ? -1 : m_pages->currentIndex();
}

void MainWindow::setPage(int page) {
    if (!m_document.isOpen()) {
        return;
    }
    m_pages->setCurrentIndex(page);
    m_rail->setCurrent(page);
    m_actions->pages.at(page)->setChecked(true);
    keepView();
    refreshLayout();
}

void MainWindow::refreshLayout() {
    const bool open = m_document.isOpen();
    m_rail->setVisible(open);
    m_runBar->setVisible(open || !m_document.busyWith().isEmpty());
    // The set-up needs its width, and without a design there is nothing to say about one.
    const bool needed = currentPage() != SetUp || m_selection.design() > 0;
    m_inspector->setVisible(open && needed);
}

void MainWindow::studyOpened() {
    const bool open = m_document.isOpen();
    m_viewRestored = false;
    const std::vector<std::int64_t> pins = session_state::pins(m_document.resultsPath());
    m_selection.clear();  // which also clears what is kept
    if (!open) {
        m_welcome->setRecent(session_state::recentStudies());
        m_pages->setCurrentIndex(kWelcome);
    } else {
        rememberRecent();
        m_selection.setPinned(pins);
        const bool results = !m_document.bridge().snapshot()->evaluations.empty();
        setPage(results ? Explore : SetUp);
        restoreView();
    }
    setWindowTitle(open ? tr("%1[*] — Bitloupe").arg(m_document.title()) : tr("Bitloupe"));
    refreshLayout();
    refreshActions();
}

void MainWindow::restoreView() {
    const session_state::StudyView view = session_state::view(m_document.resultsPath());
    if (const auto filter = DesignFilter::fromText(view.filter)) {
        m_explore->filters().reset(*filter);
    }
    if (m_document.bridge().snapshot()->find(view.design)) {
        m_selection.setDesign(view.design);
    }
    if (view.page >= SetUp && view.page <= Export &&
        !m_document.bridge().snapshot()->evaluations.empty()) {
        setPage(view.page);
    }
    m_viewRestored = true;
}

void MainWindow::keepView() {
    if (m_viewRestored && m_document.isOpen()) {
        session_state::setView(m_document.resultsPath(), {currentPage(), m_selection.design(),
                                                          m_explore->filters().filter().toText()});
    }
}

void MainWindow::rememberRecent() {
    const QString path = m_document.path().isEmpty() ? m_document.resultsPath() : m_document.path();
    if (!path.isEmpty()) {
        session_state::addRecentStudy(path);
    }
}

void MainWindow::openPath(const QString& path) {
    if (!m_document.bridge().isBusy() && !m_training.isBusy()) {
        m_document.openAnything(path);
        return;
    }
    const QString file = QFileInfo(path).fileName();
    m_messages->showMessage(
        MessageBar::Kind::Warning,
        m_training.isBusy()
            ? tr("Training goes on unless you stop it to open %1.").arg(file)
            : tr("A study is running. It goes on unless you stop it to open %1.").arg(file),
        tr("Stop and open"), [this, path] {
            m_training.stopAndWait();
            m_document.bridge().stopAndWait();
            m_document.openAnything(path);
        });
}

void MainWindow::walkFront(int step) {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    if (snapshot.front.empty()) {
        return;
    }
    std::vector<std::size_t> front = snapshot.front;
    const exploration::QuantityId x = m_explore->axes().x;
    std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
        return snapshot.evaluations[a].value(x) < snapshot.evaluations[b].value(x);
    });
    const auto here = std::find_if(front.begin(), front.end(), [&](std::size_t position) {
        return snapshot.evaluations[position].id == m_selection.design();
    });
    const auto count = static_cast<std::ptrdiff_t>(front.size());
    std::ptrdiff_t next = step > 0 ? 0 : count - 1;
    if (here != front.end()) {
        next = std::clamp<std::ptrdiff_t>(here - front.begin() + step, 0, count - 1);
    }
    m_selection.setDesign(snapshot.evaluations[front[static_cast<std::size_t>(next)]].id);
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::NoModifier && m_document.isOpen()) {
        switch (event->key()) {
            case Qt::Key_Space:
                m_actions->start->trigger();
                return;
            case Qt::Key_Left:
                walkFront(-1);
                return;
            case Qt::Key_Right:
                walkFront(1);
                return;
            default:
                break;
        }
    }
    QMainWindow::keyPressEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.constFirst().isLocalFile()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty() || !urls.constFirst().isLocalFile()) {
        return;
    }
    event->acceptProposedAction();
    openPath(urls.constFirst().toLocalFile());
    if (urls.size() > 1) {
        m_messages->showMessage(
            MessageBar::Kind::News,
            tr("Of the dropped files only %1 was opened. Drop the next one after it.")
                .arg(urls.constFirst().fileName()));
    }
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) {
        update();
    }
    QMainWindow::changeEvent(event);
}

bool MainWindow::mayClose() {
    const bool training = m_training.isBusy();
    const bool busy = m_document.bridge().isBusy() || training;
    const bool edited = m_document.isModified();
    if (!busy && !edited) {
        return true;
    }
    QMessageBox question(this);
    question.setWindowTitle(tr("Close %1").arg(m_document.title()));
    question.setIcon(QMessageBox::Question);
    question.setText(
        training ? tr("Training goes on. It can be taken up later from where it stands.")
        : busy   ? tr("A study is running. What has been measured is kept; you can go on from "
                        "there.")
                 : tr("The study was changed."));
    QPushButton* keepGoing =
        question.addButton(busy ? tr("&Keep running") : tr("&Cancel"), QMessageBox::RejectRole);
    QPushButton* save =
        edited ? question.addButton(tr("&Save and close"), QMessageBox::AcceptRole) : nullptr;
    QPushButton* close = question.addButton(
        edited ? tr("Close with&out saving") : tr("&Stop and close"), QMessageBox::DestructiveRole);
    question.setDefaultButton(save ? save : close);
    question.setEscapeButton(keepGoing);
    question.exec();
    if (question.clickedButton() == keepGoing) {
        return false;
    }
    return question.clickedButton() != save || saveStudy(false);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!mayClose()) {
        event->ignore();
        return;
    }
    m_training.stopAndWait();
    m_document.bridge().stopAndWait();
    keepSession();
    event->accept();
}

void MainWindow::restoreSession() {
    restoreGeometry(session_state::blob(geometryKey()));
    restoreState(session_state::blob(stateKey()));
    m_actions->messages->setChecked(!m_logDock->isHidden());
    const QByteArray split = session_state::blob(splitKey());
    if (!split.isEmpty()) {
        m_split->restoreState(split);
    }
    const ThemeMode theme = session_state::theme();
    (theme == ThemeMode::Light  ? m_actions->lightTheme
     : theme == ThemeMode::Dark ? m_actions->darkTheme
                                : m_actions->systemTheme)
        ->setChecked(true);
}

void MainWindow::keepSession() {
    session_state::setBlob(geometryKey(), saveGeometry());
    session_state::setBlob(stateKey(), saveState());
    session_state::setBlob(splitKey(), m_split->saveState());
    session_state::setBlob(pageKey(), QByteArray::number(currentPage()));
}

}  // namespace bitloupe::ui
