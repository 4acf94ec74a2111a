// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/result.h"

namespace bitloupe::ui {

/// One background thread that does jobs in order and answers on the thread it lives in.
///
/// An exception stops at the edge of its job and becomes an Error. Destroying the worker drops what
/// has not begun, waits for what has, and delivers no answer any more.
class Worker : public QObject {
    Q_OBJECT

public:
    explicit Worker(QObject* parent = nullptr);
    ~Worker() override;

    /// `work` runs on the worker's thread, `answer` on this object's.
    template <typename T>
    void run(std::function<Result<T>()> work, std::function<void(Result<T>)> answer) {
        enqueue([this, work = std::move(work), answer = std::move(answer)]() mutable {
            auto result = std::make_shared<Result<T>>(guarded<T>(work));
            QMetaObject::invokeMethod(
                this, [result, answer = std::move(answer)] { answer(std::move(*result)); },
                Qt::QueuedConnection);
        });
    }

    /// A sentence about the job at hand, from the worker's thread.
    void tell(const std::string& sentence);

Q_SIGNALS:
    void told(const QString& sentence);

private:
    template <typename T>
    static Result<T> guarded(const std::function<Result<T>()>& work) {
        try {
            return work();
        } catch (const std::exception& fault) {
            return Error{"the program met a fault of its own", fault.what(),
                         "report it with these details; your files are untouched"};
        }
    }
    void enqueue(std::function<void()> job);
    void loop(const std::stop_token& stop);

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<std::function<void()>> m_jobs;
    std::jthread m_thread;  // last: started when all else is there
};

}  // namespace bitloupe::ui
