// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/mailbox.h"

#include <utility>

namespace bitloupe::ui {

Mailbox::Post Mailbox::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_post, {});
}

void Mailbox::referenceMeasured(const exploration::Measurement& floatNetwork) {
    const std::lock_guard lock(m_mutex);
    m_post.reference = floatNetwork;
}

void Mailbox::sensitivityMeasured(const std::vector<exploration::SensitivityCell>& cells) {
    const std::lock_guard lock(m_mutex);
    m_post.sensitivity.insert(m_post.sensitivity.end(), cells.begin(), cells.end());
}

void Mailbox::leaveOneInFloatMeasured(const std::vector<exploration::LeaveOneInFloatCell>& cells) {
    const std::lock_guard lock(m_mutex);
    m_post.leaveOneInFloat.insert(m_post.leaveOneInFloat.end(), cells.begin(), cells.end());
}

void Mailbox::channelsMeasured(const std::vector<exploration::ChannelCell>& cells) {
    const std::lock_guard lock(m_mutex);
    m_post.channels.insert(m_post.channels.end(), cells.begin(), cells.end());
}

void Mailbox::evaluationsFinished(const std::vector<exploration::Evaluation>& evaluations) {
    const std::lock_guard lock(m_mutex);
    m_post.evaluations.insert(m_post.evaluations.end(), evaluations.begin(), evaluations.end());
}

void Mailbox::progressed(const exploration::Progress& progress) {
    const std::lock_guard lock(m_mutex);
    m_post.progress = progress;
}

void Mailbox::ended(JobOutcome outcome, const Error& error) {
    const std::lock_guard lock(m_mutex);
    m_post.ending = Ending{outcome, error};
}

}  // namespace bitloupe::ui
