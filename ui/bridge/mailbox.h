// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "core/exploration/explorer.h"

namespace bitloupe::ui {

/// Where an exploration's threads leave their news, and the window's thread takes them all at once.
class Mailbox final : public exploration::ExplorationSink {
public:
    struct Ending {
        JobOutcome outcome = JobOutcome::Finished;
        Error error;
    };
    struct Post {
        std::optional<exploration::Measurement> reference;
        std::vector<exploration::SensitivityCell> sensitivity;
        std::vector<exploration::LeaveOneInFloatCell> leaveOneInFloat;
        std::vector<exploration::ChannelCell> channels;
        std::vector<exploration::Evaluation> evaluations;
        std::optional<exploration::Progress> progress;
        std::optional<Ending> ending;

        [[nodiscard]] bool empty() const {
            return !reference && sensitivity.empty() && leaveOneInFloat.empty() &&
                   channels.empty() && evaluations.empty() && !progress && !ending;
        }
    };

    /// Everything since the last call.
    [[nodiscard]] Post take();

    void referenceMeasured(const exploration::Measurement& floatNetwork) override;
    void sensitivityMeasured(const std::vector<exploration::SensitivityCell>& cells) override;
    void leaveOneInFloatMeasured(
        const std::vector<exploration::LeaveOneInFloatCell>& cells) override;
    void channelsMeasured(const std::vector<exploration::ChannelCell>& cells) override;
    void evaluationsFinished(const std::vector<exploration::Evaluation>& evaluations) override;
    void progressed(const exploration::Progress& progress) override;
    void ended(JobOutcome outcome, const Error& error) override;

private:
    std::mutex m_mutex;
    Post m_post;
};

}  // namespace bitloupe::ui
