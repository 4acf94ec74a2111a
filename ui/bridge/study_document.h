// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "ui/bridge/backend.h"
#include "ui/bridge/exploration_bridge.h"
#include "ui/bridge/worker.h"

namespace bitloupe::ui {

/// The study in the window: its description as it is edited, what has been loaded of it, and its
/// run.
///
/// Loading happens on a background thread and replaces what is there only when all of it succeeded.
/// Every edit of the description can be undone. A run uses the description as it was at its start.
class StudyDocument : public QObject {
    Q_OBJECT

public:
    struct Shown {
        std::shared_ptr<const network::Network> network;
        /// Missing where nothing runs networks; then the network has no more than named layers.
        std::shared_ptr<study::Session> session;
        exploration::DesignSpace space;
        QString resultsPath;  ///< the file they are kept in
    };

    explicit StudyDocument(Backend backend, QObject* parent = nullptr);
    ~StudyDocument() override;

    [[nodiscard]] const Backend& backend() const { return m_backend; }
    [[nodiscard]] ExplorationBridge& bridge() { return m_bridge; }
    [[nodiscard]] QUndoStack& undoStack() { return m_undoStack; }
    [[nodiscard]] Worker& worker() { return m_worker; }

    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    [[nodiscard]] const study::StudyDescription& description() const { return m_state.description; }
    [[nodiscard]] QString path() const {
        return m_state.path;
    }  ///< of the study file; may be empty
    [[nodiscard]] QString resultsPath() const { return m_state.resultsPath; }
    [[nodiscard]] QString title() const;
    /// Whether the description says anything else than its file does.
    [[nodiscard]] bool isModified() const;
    [[nodiscard]] const std::shared_ptr<const network::Network>& network() const {
        return m_state.network;
    }
    [[nodiscard]] const std::shared_ptr<const data::DataSet>& data() const { return m_state.data; }
    [[nodiscard]] QStringList warnings() const;
    /// The space of the description as it stands; nothing without a network.
    [[nodiscard]] const std::optional<exploration::DesignSpace>& space() const { return m_space; }
    /// What the shown evaluations were measured on, whatever has been edited since.
    [[nodiscard]] const Shown& shown() const { return m_shown; }
    /// Why the description gives no space; empty when it does.
    [[nodiscard]] QString spaceProblem() const { return m_spaceProblem; }
    /// What is being loaded, a sentence; empty when nothing is.
    [[nodiscard]] QString busyWith() const { return m_busyWith; }
    [[nodiscard]] bool canStart() const;
    /// How long the evaluations still to be made will take; negative when that is not known. From
    /// the designs measured so far, else from one run of the float network after loading.
    [[nodiscard]] double estimatedSeconds() const;

    /// For edit(): steps that belong together.
    static constexpr int kMergeEvaluations = 1;
    static constexpr int kMergeAccelerators = 2;
    static constexpr int kMergeFineTuning = 3;

    /// Begins to load what runs networks, before it is asked for; failed() says what is missing.
    void loadEngine();
    /// A study (.yaml), a results file, a network or data, told apart by content and name.
    void openAnything(const QString& path);
    void openStudy(const QString& path);
    void openResults(const QString& path);
    void openExample(const QString& name);
    void openNetwork(const QString& path);
    void openData(const QString& path);
    /// Leaves an empty window. Only while nothing runs.
    void closeStudy();
    /// Writes the description to `path`, which becomes the study's file.
    Result<void> save(const QString& path);

    /// One undoable step; steps of the same `merge` key in a row become one.
    void edit(const QString& name, const std::function<void(study::StudyDescription&)>& change,
              int merge = -1);

    /// Loads what is missing, then runs.
    void start();
    /// The same, but measures nothing else than the channels of a layer, or every layer but one.
    void measureChannels(const exploration::ChannelMap& map);
    void measureLeaveOneInFloat();
    /// Something else writes the results: no run may start meanwhile.
    void setOccupied(bool occupied);
    [[nodiscard]] bool isOccupied() const { return m_isOccupied; }

Q_SIGNALS:
    void opened();              ///< another study, or none, is in the window
    void descriptionChanged();  ///< an edit, an undo, a redo, or opened()
    void loadedChanged();       ///< network, data or space
    void estimateChanged();
    void busyChanged(const QString& sentence);
    void failed(const bitloupe::Error& error);
    void noticed(const QString& sentence);
    /// A study that was to be opened names a network that has still to be trained.
    void untrained(const QString& path);

private:
    /// What an undo brings back.
    struct State {
        study::StudyDescription description;
        std::shared_ptr<const network::Network> network;
        std::shared_ptr<const data::DataSet> data;
        std::shared_ptr<study::Session> session;  ///< matches network and data; may be missing
        QString path;
        QString resultsPath;
    };
    struct Loaded {
        State state;
        OpenJournal journal;  ///< the store only when a run was asked for
        std::optional<Error> journalError;
        /// Nothing runs networks here: there is no session, and what `journal` knows is of `space`.
        std::optional<Error> engineError = {};
        exploration::DesignSpace space = {};
    };
    class EditCommand;

    void push(const QString& name, State next, int merge);
    void setState(const State& state);
    void refreshSpace();
    void setBusy(const QString& sentence);
    /// What a run does otherwise than the study says.
    using PlanChange = std::function<void(exploration::ExplorationPlan&)>;

    /// Opens, or runs when there is a change (which may change nothing).
    void load(State wanted, const PlanChange& run);
    void adopt(Loaded loaded, const PlanChange& change);
    void startRun(const PlanChange& change);
    void rememberSaved(const study::StudyDescription& description);
    void replacePart(const QString& name, State next);
    void show(const exploration::KnownResults& known);
    void learnPace();      ///< from the designs measured
    void timeOneDesign();  ///< in the background, when none is
    void run(const OpenJournal& journal, const PlanChange& change);
    void showAlone(const Loaded& loaded);
    [[nodiscard]] static study::StudyDescription newStudy();
    [[nodiscard]] static Result<Loaded> loadResultsAlone(const Backend& backend, State state,
                                                         const Error& why);
    [[nodiscard]] static Result<Loaded> loadAll(const Backend& backend, State state, bool forRun,
                                                const Backend::Tell& tell);

    Backend m_backend;
    ExplorationBridge m_bridge;
    QUndoStack m_undoStack;
    bool m_isOpen = false;
    bool m_isOccupied = false;
    State m_state;
    Shown m_shown;
    std::optional<exploration::DesignSpace> m_space;
    QString m_spaceProblem;
    std::string m_saved;  ///< the description as its file has it
    QString m_busyWith;
    double m_secondsPerDesign = -1;
    std::stop_source m_timing;  ///< of timeOneDesign()
    int m_loads = 0;            ///< only the answer to the latest load counts
    Worker m_worker;            // last: stops before what its answers touch
};

}  // namespace bitloupe::ui
