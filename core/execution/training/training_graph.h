// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/execution/layer_variants.h"
#include "core/execution/program.h"
#include "core/execution/training/optimizer.h"
#include "core/execution/training/trainer.h"

namespace bitloupe::execution {

/// Makes `operand` keep its gradient, as a tensor of its own: what other readers of the same tensor
/// do with it does not count. Leaves integers alone.
void watchGradient(at::Tensor& operand);

/// A network's program with parameters that ask for gradients, and with the roundings of a plan.
class TrainingGraph {
public:
    /// `plan` must outlive the graph.
    TrainingGraph(const TrainingPlan& plan, std::shared_ptr<const Program> program);

    /// How a run differs from inference.
    struct Run {
        bool trains = false;          ///< batch normalization and Dropout as in training, hooks
        std::uint64_t seed = 0;       ///< of Dropout
        double done = 1;              ///< share of the training that is behind
        std::function<void()> pulse;  ///< after every node, forwards and backwards; may throw
        /// Sees the computed input of every layer and may put another tensor in its place.
        std::function<void(std::size_t layer, at::Tensor& input)> visitInput = {};
        /// Activation functions hand gradients on as they are, also where they are flat.
        bool handsGradientsOn = false;
    };
    /// The first output for the values of the graph's inputs, in the program's order.
    [[nodiscard]] Result<at::Tensor> forward(const Tensors& inputs, const Run& run) const;

    /// Everything that an optimizer changes: parameters, then logarithms of scales.
    [[nodiscard]] const std::vector<TrainedTensor>& trained() const { return m_trained; }
    /// Everything that a run with `trains` changes by itself: running statistics.
    [[nodiscard]] const std::vector<TrainedTensor>& statistics() const { return m_statistics; }

    /// Scales that follow from the weights and are not trained, chosen again.
    void rescale();

    /// All that training changed so far, as named tensors, and the way back.
    void save(std::map<std::string, at::Tensor>& tensors) const;
    void load(const std::map<std::string, at::Tensor>& tensors);

    [[nodiscard]] TrainedTensors result() const;

private:
    struct Rounded {
        const TensorRounding* rounding = nullptr;
        at::Tensor scales;   ///< logarithms when they are trained
        at::Tensor scaleOf;  ///< Int64 by element; undefined for one scale
        std::string key;
        [[nodiscard]] at::Tensor apply(const at::Tensor& x, double elements, double done) const;
        [[nodiscard]] std::vector<float> values() const;
    };
    struct LayerParts {
        std::optional<Rounded> weights;
        std::optional<Rounded> input;
        std::optional<Rounded> second;
        /// Visits the three that are there.
        template <typename Visit>
        void forEach(Visit visit) const {
            for (const auto* rounded : {&weights, &input, &second}) {
                if (*rounded) {
                    visit(**rounded);
                }
            }
        }
        std::vector<const Step*> path;  ///< folded steps that follow from the stored weight
    };

    void addParameters();
    void addStatistics();
    void addLayers();
    Rounded makeRounded(const TensorRounding& rounding, const std::string& key);
    [[nodiscard]] Result<at::Tensor> weightOperand(std::size_t layer, double done,
                                                   Tensors& values) const;
    static void roundOperand(const Rounded& rounded, double done, at::Tensor& operand);
    [[nodiscard]] Result<void> applyRoundings(std::size_t layer, double done, Tensors& values,
                                              Tensors& inputs) const;
    [[nodiscard]] Result<Tensors> runStep(const Step& step, const Tensors& inputs,
                                          const Run& run) const;
    [[nodiscard]] Result<void> store(const Step& step, const Tensors& inputs,
                                     Tensors& values) const;

    const TrainingPlan& m_plan;
    std::shared_ptr<const Program> m_program;
    LayerVariants m_places;
    std::vector<TrainedTensor> m_trained;
    std::vector<TrainedTensor> m_statistics;
    std::map<Edge, at::Tensor> m_stored;  ///< parameters and statistics, by edge
    std::vector<const Step*> m_refolded;  ///< folded steps that follow from parameters
    std::vector<LayerParts> m_layers;
};

}  // namespace bitloupe::execution
