// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/worker.h"

namespace bitloupe::ui {

Worker::Worker(QObject* parent)
    : QObject(parent), m_thread([this](const std::stop_token& stop) { loop(stop); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.clear();
    }
    m_thread.request_stop();
    m_thread.join();
}

void Worker::tell(const std::string& sentence) {
    Q_EMIT told(QString::fromStdString(sentence));
}

void Worker::enqueue(std::function<void()> job) {
    {
        const std::lock_guard lock(m_mutex);
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
}

void Worker::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::function<void()> job;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_jobs.empty(); })) {
                return;
            }
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
    }
}

}  // namespace bitloupe::ui
