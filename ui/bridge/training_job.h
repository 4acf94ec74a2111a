// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QPointF>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "core/exploration/pause_gate.h"
#include "core/study/fine_tuning.h"
#include "core/study/study_description.h"

namespace bitloupe::ui {

class StudyDocument;

/// Training in the background: of a measured design, or of a study's network from nothing. One at a
/// time, and no run beside it, since both would write the same results. A stop leaves a checkpoint
/// from which the next start goes on.
class TrainingJob : public QObject {
    Q_OBJECT

public:
    enum class State { Idle, Running, Paused, Stopping };
    enum class Kind { FineTuning, Training };

    explicit TrainingJob(StudyDocument& document, QObject* parent = nullptr);
    ~TrainingJob() override;  ///< stops and waits

    /// Fine-tunes a design of the shown study by `settings`; fineTuned() follows, or failed().
    void fineTune(std::int64_t design, const execution::TrainingSettings& settings);
    /// Trains the network of a study that need not be open, and writes its weights; trained()
    /// follows, or failed().
    void train(const study::StudyDescription& study);
    void pause();
    void resume();
    void stop();
    void stopAndWait();

    [[nodiscard]] bool canStart() const;
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isBusy() const { return m_state != State::Idle; }
    [[nodiscard]] Kind kind() const { return m_kind; }  ///< of the latest job
    [[nodiscard]] std::int64_t design() const { return m_design; }

    /// Of the latest job, as of the last changed().
    [[nodiscard]] const execution::TrainingProgress& progress() const { return m_progress; }
    /// Mean loss of the epoch so far over steps; thinned out when there are very many.
    [[nodiscard]] const std::vector<QPointF>& losses() const { return m_losses; }

Q_SIGNALS:
    void changed();  ///< state, progress or losses; ten times a second at most while it runs
    void fineTuned(std::int64_t parent, std::int64_t design);
    void trained(const QString& weightsFile);
    void stopped();
    void failed(const bitloupe::Error& error);

private:
    struct Shared;  ///< between the thread and the window
    using Finish = std::function<void()>;

    /// `work` runs on the thread and says what is to be done in the window's when it has ended.
    void begin(Kind kind, std::int64_t design,
               std::function<Finish(const execution::TrainingControl&)> work);
    void drain();
    void end();
    void setState(State state);
    [[nodiscard]] Finish failing(const Error& error);

    StudyDocument& m_document;
    State m_state = State::Idle;
    Kind m_kind = Kind::FineTuning;
    std::int64_t m_design = 0;
    execution::TrainingProgress m_progress;
    std::vector<QPointF> m_losses;
    QTimer m_timer;
    std::shared_ptr<Shared> m_shared;
    std::jthread m_thread;
};

}  // namespace bitloupe::ui
