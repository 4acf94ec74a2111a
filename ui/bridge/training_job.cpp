// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/training_job.h"

#include <chrono>
#include <mutex>

#include "ui/bridge/study_document.h"

namespace bitloupe::ui {

namespace {

constexpr std::chrono::milliseconds kDrainInterval{100};
constexpr std::size_t kMostPoints = 2000;  ///< of the curve of losses

}  // namespace

struct TrainingJob::Shared {
    exploration::PauseGate gate;
    std::mutex mutex;
    execution::TrainingProgress progress;
    std::vector<QPointF> losses;
    std::int64_t stride = 1;  ///< steps between two points of the curve
    bool news = false;

    void take(const execution::TrainingProgress& now) {
        const std::scoped_lock lock(mutex);
        progress = now;
        news = true;
        // The end of an epoch is told with the step that ended it, and no loss of its own.
        const auto step = static_cast<double>(now.step);
        if (now.step % stride != 0 || (!losses.empty() && losses.back().x() >= step)) {
            return;
        }
        losses.emplace_back(step, now.loss);
        if (losses.size() > kMostPoints) {
            for (std::size_t i = 0; 2 * i < losses.size(); ++i) {
                losses[i] = losses[2 * i];
            }
            losses.resize((losses.size() + 1) / 2);
            stride *= 2;
        }
    }
};

TrainingJob::TrainingJob(StudyDocument& document, QObject* parent)
    : QObject(parent), m_document(document) {
    m_timer.setInterval(kDrainInterval);
    connect(&m_timer, &QTimer::timeout, this, &TrainingJob::drain);
}

TrainingJob::~TrainingJob() = default;

bool TrainingJob::canStart() const {
    return !isBusy() && !m_document.bridge().isBusy() && m_document.busyWith().isEmpty();
}

TrainingJob::Finish TrainingJob::failing(const Error& error) {
    return [this, error] { Q_EMIT failed(error); };
}

void TrainingJob::begin(Kind kind, std::int64_t design,
                        std::function<Finish(const execution::TrainingControl&)> work) {
    m_kind = kind;
    m_design = design;
    m_progress = {};
    m_losses.clear();
    m_shared = std::make_shared<Shared>();
    m_document.setOccupied(true);
    setState(State::Running);
    m_timer.start();
    m_thread = std::jthread([this, shared = m_shared,
                             work = std::move(work)](const std::stop_token& stop) {
        execution::TrainingControl control;
        control.stop = stop;
        control.pulse = [shared, stop] { shared->gate.pass(stop); };
        control.progress = [shared](const execution::TrainingProgress& now) { shared->take(now); };
        Finish finish;
        try {
            finish = work(control);
        } catch (const std::exception& fault) {
            finish = failing({"the program met a fault of its own", fault.what(),
                              "report it with these details; your files are untouched"});
        }
        QMetaObject::invokeMethod(
            this,
            [this, finish = std::move(finish)] {
                end();
                finish();
            },
            Qt::QueuedConnection);
    });
}

void TrainingJob::fineTune(std::int64_t design, const execution::TrainingSettings& settings) {
    const exploration::Evaluation* parent = m_document.bridge().snapshot()->find(design);
    const std::shared_ptr<study::Session>& session = m_document.shown().session;
    if (!parent || !session || !canStart()) {
        return;
    }
    begin(Kind::FineTuning, design,
          [this, session, parent = *parent, settings,
           results = m_document.shown().resultsPath.toStdString(),
           run = m_document.backend().fineTune](const execution::TrainingControl& control) {
              const Result<study::FineTuned> tuned =
                  run(*session, results, parent, settings, control);
              if (tuned.hasError()) {
                  return failing(tuned.error());
              }
              if (!tuned.value().evaluation) {
                  return Finish([this] { Q_EMIT stopped(); });
              }
              return Finish([this, made = *tuned.value().evaluation] {
                  m_document.bridge().add(made);
                  Q_EMIT fineTuned(made.parent, made.id);
              });
          });
}

void TrainingJob::train(const study::StudyDescription& study) {
    if (!canStart()) {
        return;
    }
    begin(
        Kind::Training, 0,
        [this, study, run = m_document.backend().train](const execution::TrainingControl& control) {
            const Result<std::string> weights = run(study, control);
            if (weights.hasError()) {
                return failing(weights.error());
            }
            return Finish([this, file = QString::fromStdString(weights.value())] {
                if (file.isEmpty()) {
                    Q_EMIT stopped();
                } else {
                    Q_EMIT trained(file);
                }
            });
        });
}

void TrainingJob::pause() {
    if (m_state == State::Running) {
        m_shared->gate.pause();
        setState(State::Paused);
    }
}

void TrainingJob::resume() {
    if (m_state == State::Paused) {
        m_shared->gate.resume();
        setState(State::Running);
    }
}

void TrainingJob::stop() {
    if (m_state == State::Running || m_state == State::Paused) {
        m_thread.request_stop();
        setState(State::Stopping);
    }
}

void TrainingJob::stopAndWait() {
    stop();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void TrainingJob::drain() {
    {
        const std::scoped_lock lock(m_shared->mutex);
        if (!m_shared->news) {
            return;
        }
        m_shared->news = false;
        m_progress = m_shared->progress;
        m_losses = m_shared->losses;
    }
    Q_EMIT changed();
}

void TrainingJob::end() {
    if (m_thread.joinable()) {
        m_thread.join();
    }
    drain();
    m_timer.stop();
    m_document.setOccupied(false);
    setState(State::Idle);
}

void TrainingJob::setState(State state) {
    m_state = state;
    Q_EMIT changed();
}

}  // namespace bitloupe::ui
