// SPDX-License-Identifier: Apache-2.0
#include "core/study/training_files.h"

#include <filesystem>

#include "core/base/file.h"
#include "core/base/safetensors_writer.h"
#include "core/base/sha256.h"
#include "core/importers/safetensors.h"
#include "core/study/training_yaml.h"

namespace bitloupe::study {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMark = "mark";

}  // namespace

std::int64_t checkpointMark(const std::string& network, const std::string& design,
                            const execution::TrainingSettings& settings) {
    Sha256 hash;
    hash.add(network);
    hash.add(design);
    hash.add(writeTraining("settings", settings, {}));
    return static_cast<std::int64_t>(std::stoull(hash.hex().substr(0, 15), nullptr, 16));
}

Result<void> saveCheckpoint(const std::string& path, const execution::TrainingState& state,
                            std::int64_t mark) {
    execution::TrainingState marked = state;
    marked[kMark] = Array::of({1}, std::vector<std::int64_t>{mark});
    return writeFileAtomically(path, safetensorsBytes(marked));
}

Result<std::optional<execution::TrainingState>> loadCheckpoint(const std::string& path,
                                                               std::int64_t mark) {
    std::error_code code;
    if (!fs::exists(path, code)) {
        return std::optional<execution::TrainingState>();
    }
    const Result<network::NamedTensors> tensors = importers::readSafetensors(path);
    if (tensors.hasError()) {
        return tensors.error();
    }
    execution::TrainingState state(tensors.value().begin(), tensors.value().end());
    const auto found = state.find(kMark);
    const bool fits = found != state.end() && found->second.type() == ElementType::Int64 &&
                      found->second.size() == 1 && found->second.as<std::int64_t>().front() == mark;
    state.erase(kMark);
    return fits ? std::optional(std::move(state)) : std::nullopt;
}

void removeCheckpoint(const std::string& path) {
    std::error_code code;
    fs::remove(path, code);
}

Result<JobOutcome> trainWithCheckpoint(execution::Trainer& trainer, const std::string& path,
                                       std::int64_t mark, execution::TrainingControl control) {
    const Result<std::optional<execution::TrainingState>> known = loadCheckpoint(path, mark);
    if (known.hasError()) {
        return known.error();
    }
    if (known.value()) {
        if (const Result<void> restored = trainer.restore(*known.value()); restored.hasError()) {
            return restored.error().within(path);
        }
    }
    control.epochDone = [&] { return saveCheckpoint(path, trainer.state(), mark); };
    Result<JobOutcome> outcome = trainer.run(control);
    if (outcome.hasValue() && outcome.value() == JobOutcome::Cancelled) {
        const Result<void> saved = control.epochDone();
        return saved.hasError() ? Result<JobOutcome>(saved.error()) : outcome;
    }
    return outcome;
}

}  // namespace bitloupe::study
