// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <semaphore>

#include "tests/core/exploration/fakes.h"
#include "ui/bridge/backend.h"

/// A window without files and without LibTorch: a small network whose accuracy follows a formula.
namespace bitloupe::ui::testing {

/// Measures with the formula of the exploration's fakes; holds back until it is let when `gated`.
class FakePopulationEvaluator final : public exploration::PopulationEvaluator {
public:
    Answer evaluate(std::span<const exploration::Assignment> population,
                    const std::stop_token& stop,
                    const std::function<void(double)>& progress) override;
    /// Held back like designs.
    Answer evaluateChannels(std::span<const exploration::ChannelProbe> probes,
                            const std::stop_token& stop,
                            const std::function<void(double)>& progress) override;
    Result<exploration::ResolvedLayers> resolve(const exploration::Assignment& assignment) override;
    Result<std::vector<float>> outputs(const exploration::Assignment& /*assignment*/) override {
        return std::vector<float>();
    }
    Answer measure(const exploration::TunedDesign& /*design*/, const std::stop_token& /*stop*/,
                   const std::function<void(double)>& /*progress*/) override {
        return {JobOutcome::Finished, {exploration::Measurement{}}, {}};
    }
    /// A ramp from 0 to 2, as after a ReLU.
    [[nodiscard]] const quantization::ValueStatistics* inputStatistics(
        std::size_t layer) const override;
    exploration::RoundingError roundingError(std::size_t /*layer*/, exploration::Side /*side*/,
                                             const quantization::Quantizer& quantizer) override {
        return {0, 6.02 * quantizer.format.bitsPerValue()};
    }
    [[nodiscard]] std::int64_t batchSize() const override { return 1; }
    [[nodiscard]] bool canRace() const override { return false; }
    [[nodiscard]] data::Metric metric() const override { return data::Metric::Accuracy; }

    std::atomic<bool> gated = false;
    std::counting_semaphore<> permits{0};  ///< one a design or group of channels while gated

private:
    [[nodiscard]] bool waitForPermit(const std::stop_token& stop);

    exploration::testing::FakeEvaluator m_formula;
};

/// Of the fake fine-tuning: two epochs. The result is a tenth of a percent point better.
inline constexpr int kTrainingSteps = 20;

/// What the fake backend holds, for tests to steer.
struct FakeWorld {
    std::shared_ptr<FakePopulationEvaluator> evaluator =
        std::make_shared<FakePopulationEvaluator>();
    exploration::KnownResults known;       ///< what a journal holds when it is opened
    std::atomic<std::int64_t> lastId = 0;  ///< of the journal
    /// Steps that training may still make; each is one of `kTrainingSteps`.
    std::counting_semaphore<> trainingSteps{0};
    std::atomic<bool> trained = false;      ///< the network of `untrained.yaml`
    execution::TrainingSettings trainedBy;  ///< read it once training has ended
};

/// A network of five layers in the sizes of LeNet-5, a study of it on ten classes of small
/// pictures.
[[nodiscard]] std::shared_ptr<const network::Network> smallNetwork();
[[nodiscard]] std::shared_ptr<const data::DataSet> smallPictures();
[[nodiscard]] study::StudyDescription smallStudy();

/// Understands `good.yaml` (the small study), `untrained.yaml` (its network has to be trained
/// first), `net.onnx` and `pictures.idx`; every other file is refused with one sentence.
[[nodiscard]] Backend fakeBackend(const std::shared_ptr<FakeWorld>& world);

}  // namespace bitloupe::ui::testing
