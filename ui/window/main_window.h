// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QMainWindow>

#include "ui/bridge/design_editor.h"
#include "ui/bridge/study_document.h"
#include "ui/bridge/training_job.h"
#include "ui/models/selection.h"

class QDockWidget;
class QMenu;
class QSplitter;
class QStackedWidget;

namespace bitloupe::ui {

class Actions;
class ExplorePage;
class AcceleratorPage;
class DesignPage;
class ExportPage;
class FormatBrowser;
class HeaderBar;
class HelpWindow;
class Inspector;
class MessageBar;
class MessageLog;
class Rail;
class RunBar;
class SensitivityPage;
class WelcomePage;

/// The window: rail, header, pages, inspector and run bar around one study and one selection.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    enum Page { SetUp, Explore, Sensitivity, Design, Accelerator, Export };

    explicit MainWindow(Backend backend, QWidget* parent = nullptr);
    ~MainWindow() override;

    [[nodiscard]] StudyDocument& document() { return m_document; }
    [[nodiscard]] Selection& selection() { return m_selection; }
    [[nodiscard]] Actions& actions() { return *m_actions; }
    [[nodiscard]] MessageBar& messages() { return *m_messages; }
    [[nodiscard]] MessageLog& messageLog() { return *m_log; }
    [[nodiscard]] ExplorePage& explorePage() { return *m_explore; }
    [[nodiscard]] SensitivityPage& sensitivityPage() { return *m_sensitivity; }
    [[nodiscard]] DesignPage& designPage() { return *m_design; }
    [[nodiscard]] TrainingJob& training() { return m_training; }
    [[nodiscard]] DesignEditor& editor() { return m_editor; }
    [[nodiscard]] AcceleratorPage& acceleratorPage() { return *m_accelerator; }
    [[nodiscard]] ExportPage& exportPage() { return *m_export; }
    [[nodiscard]] int currentPage() const;
    void setPage(int page);

    /// A study, results, a network or data; while a study runs only after a click on "Stop and
    /// open".
    void openPath(const QString& path);
    /// Steps along the front by the quantity of the horizontal axis.
    void walkFront(int step);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void build();
    void buildLog();
    void buildMenus();
    void connectActions();
    void connectDocument();
    void connectEditing();
    void offerTraining(const QString& path);
    void refreshActions();
    void refreshLayout();
    void studyOpened();
    void chooseFile();
    [[nodiscard]] bool saveStudy(bool askForPlace);
    void startOrPause();
    void copyDesign();
    void showPalette();
    void showFormats();
    void restoreSession();
    void keepSession();
    void restoreView();
    void keepView();
    void showHelp();
    void showHistory();
    void resetLayout();
    void showGuide();
    void rememberRecent();
    [[nodiscard]] bool mayClose();

    StudyDocument m_document;
    Selection m_selection;
    DesignEditor m_editor;
    TrainingJob m_training;
    Actions* m_actions;
    Rail* m_rail = nullptr;
    HeaderBar* m_header = nullptr;
    MessageBar* m_messages = nullptr;
    MessageLog* m_log = nullptr;
    QDockWidget* m_logDock = nullptr;
    QStackedWidget* m_pages = nullptr;
    WelcomePage* m_welcome = nullptr;
    ExplorePage* m_explore = nullptr;
    SensitivityPage* m_sensitivity = nullptr;
    DesignPage* m_design = nullptr;
    AcceleratorPage* m_accelerator = nullptr;
    ExportPage* m_export = nullptr;
    Inspector* m_inspector = nullptr;
    RunBar* m_runBar = nullptr;
    QSplitter* m_split = nullptr;
    HelpWindow* m_help = nullptr;        ///< made when it is first asked for
    bool m_viewRestored = false;         ///< what is seen now is worth remembering
    FormatBrowser* m_formats = nullptr;  ///< made when it is first asked for
    QMenu* m_recentMenu = nullptr;
};

}  // namespace bitloupe::ui
