// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QTimer>
#include <memory>

#include "ui/bridge/mailbox.h"
#include "ui/bridge/snapshot.h"

namespace bitloupe::ui {

/// Between an exploration's threads and the window.
///
/// The threads leave their news in a mailbox; a timer empties it 25 times a second and hands one
/// immutable snapshot to whoever listens. Nothing in the window takes a lock, and no signal is sent
/// per evaluation.
class ExplorationBridge : public QObject {
    Q_OBJECT

public:
    /// What a run needs; kept alive until it has ended.
    struct Job {
        exploration::ExplorationPlan plan;
        exploration::KnownResults known;
        std::shared_ptr<exploration::Evaluator> evaluator;
        std::shared_ptr<exploration::EvaluationStore> store;
    };

    explicit ExplorationBridge(QObject* parent = nullptr);
    ~ExplorationBridge() override;  ///< stops a run and waits for it

    /// Shows what is known of a study without running it. Only while idle.
    void show(const exploration::ExplorationPlan& plan, const exploration::KnownResults& known);
    /// Adds a design that was measured and kept apart from a run. A design that is there already
    /// is left alone.
    void add(const exploration::Evaluation& evaluation);
    /// Only while idle. What is already shown of the study stays.
    void start(Job job);
    void pause();
    void resume();
    /// Work in flight is dropped, finished work stays. Ends with state Idle.
    void stop();
    /// stop(), and returns when the threads are gone.
    void stopAndWait();

    [[nodiscard]] RunState state() const { return m_snapshot->state; }
    [[nodiscard]] bool isBusy() const { return state() != RunState::Idle; }
    [[nodiscard]] const SnapshotPointer& snapshot() const { return m_snapshot; }

Q_SIGNALS:
    void snapshotChanged(const bitloupe::ui::SnapshotPointer& snapshot);
    void stateChanged(bitloupe::ui::RunState state);
    /// After the last snapshot of a run.
    void finished(bool wasCancelled);
    void failed(const bitloupe::Error& error);

private:
    void drain();
    void apply(const Mailbox::Post& post, Snapshot& next) const;
    void end(const Mailbox::Ending& ending);
    void setState(RunState state);
    void publish(std::shared_ptr<Snapshot> next);

    SnapshotPointer m_snapshot;
    QTimer m_timer;
    Mailbox m_mailbox;
    Job m_job;
    std::unique_ptr<exploration::Explorer> m_explorer;  // last: gone before what it uses
};

}  // namespace bitloupe::ui
