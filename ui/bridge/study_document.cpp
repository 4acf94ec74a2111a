// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/study_document.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QUndoCommand>
#include <algorithm>
#include <chrono>

#include "core/base/file.h"
#include "ui/bridge/file_kinds.h"
#include "ui/bridge/study_paths.h"

namespace bitloupe::ui {

/// One step of the description; steps with the same key that follow each other become one.
class StudyDocument::EditCommand final : public QUndoCommand {
public:
    EditCommand(StudyDocument& document, const QString& name, State after, int merge)
        : QUndoCommand(name),
          m_document(document),
          m_before(document.m_state),
          m_after(std::move(after)),
          m_merge(merge) {}

    void undo() override { m_document.setState(m_before); }
    void redo() override { m_document.setState(m_after); }
    [[nodiscard]] int id() const override { return m_merge; }
    bool mergeWith(const QUndoCommand* later) override {
        m_after = static_cast<const EditCommand*>(later)->m_after;
        return true;
    }

private:
    StudyDocument& m_document;
    State m_before;
    State m_after;
    int m_merge;
};

StudyDocument::StudyDocument(Backend backend, QObject* parent)
    : QObject(parent), m_backend(std::move(backend)) {
    connect(&m_worker, &Worker::told, this, [this](const QString& sentence) {
        if (!m_busyWith.isEmpty()) {
            setBusy(sentence);
        }
    });
    connect(&m_bridge, &ExplorationBridge::failed, this, &StudyDocument::failed);
    connect(&m_bridge, &ExplorationBridge::finished, this, &StudyDocument::learnPace);
}

StudyDocument::~StudyDocument() {
    m_timing.request_stop();
}

QString StudyDocument::title() const {
    if (!m_isOpen) {
        return {};
    }
    const QString name = QString::fromStdString(m_state.description.name);
    if (!name.isEmpty()) {
        return name;
    }
    return m_state.path.isEmpty() ? tr("Untitled study")
                                  : QFileInfo(m_state.path).completeBaseName();
}

bool StudyDocument::isModified() const {
    return m_isOpen && m_backend.writeStudy(m_state.description) != m_saved;
}

void StudyDocument::rememberSaved(const study::StudyDescription& description) {
    m_saved = m_backend.writeStudy(description);
}

QStringList StudyDocument::warnings() const {
    QStringList sentences;
    if (m_state.session) {
        for (const std::string& warning : m_state.session->warnings) {
            sentences << QString::fromStdString(warning);
        }
    }
    return sentences;
}

bool StudyDocument::canStart() const {
    return m_isOpen && m_state.network && m_state.data && m_space && !m_bridge.isBusy() &&
           m_busyWith.isEmpty() && !m_isOccupied;
}

double StudyDocument::estimatedSeconds() const {
    if (!m_space || m_secondsPerDesign < 0) {
        return -1;
    }
    const auto known = static_cast<double>(m_bridge.snapshot()->evaluations.size());
    const double wanted =
        std::min(m_space->size(), static_cast<double>(m_state.description.evaluations));
    return std::max(0.0, wanted - known) * m_secondsPerDesign;
}

void StudyDocument::edit(const QString& name,
                         const std::function<void(study::StudyDescription&)>& change, int merge) {
    State next = m_state;
    change(next.description);
    if (next.description.preparations != m_state.description.preparations) {
        // Another network: it is prepared anew, and its results stand in a file of their own.
        next.session.reset();
        next.resultsPath =
            next.resultsPath.isEmpty() ? QString() : unusedResultsPath(next.resultsPath);
    }
    push(name, std::move(next), merge);
}

void StudyDocument::push(const QString& name, State next, int merge) {
    m_undoStack.push(new EditCommand(*this, name, std::move(next), merge));
}

void StudyDocument::setState(const State& state) {
    m_isOpen = true;
    m_state = state;
    refreshSpace();
    Q_EMIT descriptionChanged();
    Q_EMIT loadedChanged();
}

void StudyDocument::refreshSpace() {
    m_space.reset();
    m_spaceProblem.clear();
    if (!m_state.network) {
        return;
    }
    Result<exploration::DesignSpace> space =
        m_backend.makeSpace(m_state.description, *m_state.network);
    if (space.hasError()) {
        m_spaceProblem = QString::fromStdString(space.error().sentence());
    } else {
        m_space = std::move(space).value();
    }
}

void StudyDocument::setOccupied(bool occupied) {
    m_isOccupied = occupied;
    Q_EMIT busyChanged(m_busyWith);
}

void StudyDocument::setBusy(const QString& sentence) {
    if (m_busyWith != sentence) {
        m_busyWith = sentence;
        Q_EMIT busyChanged(m_busyWith);
    }
}

void StudyDocument::closeStudy() {
    ++m_loads;  // whatever is being loaded comes too late
    m_undoStack.clear();
    m_isOpen = false;
    m_state = State();
    m_saved.clear();
    m_space.reset();
    m_spaceProblem.clear();
    m_shown = {};
    setBusy({});
    m_bridge.show({}, {});
    Q_EMIT opened();
    Q_EMIT descriptionChanged();
    Q_EMIT loadedChanged();
}

Result<void> StudyDocument::save(const QString& path) {
    State next = m_state;
    const QFileInfo file(path);
    next.path = file.absoluteFilePath();
    if (next.description.folder != file.absolutePath().toStdString()) {
        makePathsRelative(next.description, file.absolutePath());
    }
    const Result<void> written =
        writeFileAtomically(next.path.toStdString(), m_backend.writeStudy(next.description));
    if (written.hasError()) {
        return written;
    }
    if (next.resultsPath.isEmpty()) {
        next.resultsPath = resultsPathFor(next.path);
    }
    m_state = next;
    rememberSaved(m_state.description);
    Q_EMIT descriptionChanged();
    return written;
}

void StudyDocument::show(const exploration::KnownResults& known) {
    m_shown = {};
    exploration::ExplorationPlan plan;
    if (m_state.session) {
        m_shown.network = m_state.session->network;
        m_shown.session = m_state.session;
        m_shown.space = m_state.session->space;
        m_shown.resultsPath = m_state.resultsPath;
        plan = m_state.session->plan();
    }
    m_bridge.show(plan, known);
    m_secondsPerDesign = -1;
    learnPace();
}

void StudyDocument::showAlone(const Loaded& loaded) {
    // The names of the layers are all that results say about their network.
    auto outline = std::make_shared<network::Network>();
    outline->name = m_state.description.name;
    outline->graph = std::make_shared<const network::Graph>();
    for (const exploration::LayerChoices& layer : loaded.space.layers()) {
        outline->layers.emplace_back().name = layer.layer;
    }
    m_shown = {};
    m_shown.network = std::move(outline);
    m_shown.space = loaded.space;
    m_shown.resultsPath = m_state.resultsPath;
    exploration::ExplorationPlan plan;
    plan.objectives = m_state.description.objectives;
    plan.strategy = m_state.description.strategy;
    m_bridge.show(plan, loaded.journal.known);
}

void StudyDocument::learnPace() {
    const EvaluationLog& log = m_bridge.snapshot()->evaluations;
    double seconds = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        seconds += log[i].seconds;
    }
    if (seconds > 0) {
        m_secondsPerDesign = seconds / static_cast<double>(log.size());
    }
    Q_EMIT estimateChanged();
}

void StudyDocument::timeOneDesign() {
    m_timing = {};
    const int number = m_loads;
    m_worker.run<double>(
        [session = m_state.session, stop = m_timing.get_token()]() -> Result<double> {
            const std::vector<exploration::Assignment> floatNetwork = {
                exploration::Assignment(session->network->layers.size())};
            const auto begin = std::chrono::steady_clock::now();
            const auto answer = session->evaluator->evaluate(floatNetwork, stop, {});
            if (answer.outcome != JobOutcome::Finished) {
                return Error{"not timed", "", ""};
            }
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        },
        [this, number](const Result<double>& seconds) {
            if (seconds.hasValue() && number == m_loads && m_secondsPerDesign < 0) {
                m_secondsPerDesign = seconds.value();
                Q_EMIT estimateChanged();
            }
        });
}

void StudyDocument::start() {
    startRun([](exploration::ExplorationPlan&) {});
}

void StudyDocument::measureChannels(const exploration::ChannelMap& map) {
    startRun([map](exploration::ExplorationPlan& plan) {
        plan.sensitivityFirst = false;
        plan.leaveOneInFloat = false;
        plan.channelMaps = {map};
        plan.maxEvaluations = 0;
    });
}

void StudyDocument::measureLeaveOneInFloat() {
    startRun([](exploration::ExplorationPlan& plan) {
        plan.sensitivityFirst = false;
        plan.leaveOneInFloat = true;
        plan.channelMaps.clear();
        plan.maxEvaluations = 0;
    });
}

void StudyDocument::startRun(const PlanChange& change) {
    if (!canStart()) {
        return;
    }
    m_timing.request_stop();
    if (m_state.path.isEmpty() && m_state.resultsPath.isEmpty()) {
        const QString folder = folderForNewStudy(QString::fromStdString(m_state.description.name));
        const Result<void> saved = save(folder + QStringLiteral("/study.yaml"));
        if (saved.hasError()) {
            Q_EMIT failed(saved.error());
            return;
        }
    }
    load(m_state, change);
}

void StudyDocument::run(const OpenJournal& journal, const PlanChange& change) {
    const std::shared_ptr<study::Session> session = m_state.session;
    ExplorationBridge::Job job;
    job.plan = session->plan();
    change(job.plan);
    job.known = journal.known;
    job.evaluator = {session, session->evaluator.get()};
    job.store = journal.store;
    m_bridge.start(std::move(job));
}

}  // namespace bitloupe::ui
