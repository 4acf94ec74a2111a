// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "core/execution/layer_variants.h"
#include "core/execution/program.h"

namespace bitloupe::execution {

/// Runs one variant after another over one batch and computes again only what changed.
///
/// Every edge's value carries the key of what made it. A step's signature is its variant and the
/// keys of its inputs; when the signature is that of the value already there, the step is left out.
/// Variants that come in lexicographic order therefore share everything they have in common.
class PrefixWalk {
public:
    /// All must outlive the walk. `pulse` is called after every step that was run; when it returns
    /// false the walk stops.
    PrefixWalk(const Program& program, const LayerVariants& layers,
               const std::vector<LayerChoices>& choices, std::function<bool()> pulse);

    /// Starts a batch: values of the graph's inputs, in the program's order.
    void begin(const Tensors& inputs);

    /// Brings every edge to what `variants` makes of it. False when the pulse stopped it.
    Result<bool> advance(std::span<const LayerVariant> variants);

    /// The first output, after advance().
    [[nodiscard]] at::Tensor output() const;

    /// Steps run since the walk was made (for measurements).
    [[nodiscard]] std::uint64_t stepsRun() const { return m_stepsRun; }

private:
    using Key = std::uint64_t;

    /// What a step last ran with.
    struct Signature {
        std::vector<LayerVariant> variants;  ///< of the step's layers
        std::vector<Key> keys;
    };
    /// A layer's rounded operand, kept for the next variants of its weights.
    struct RoundedInput {
        int rounding = LayerVariant::kFloat;
        Key key = 0;
        at::Tensor value;
    };

    void findTransients();
    /// The variants of the step's layers; none of a step without layers.
    void gatherVariants(std::size_t step, std::span<const LayerVariant> all);
    bool isUpToDate(std::size_t step);
    Result<bool> runStep(std::size_t step);
    void applyVariant(std::size_t layer, const LayerVariant& variant, const Step& step,
                      Tensors& inputs);
    [[nodiscard]] at::Tensor shiftOf(std::size_t layer, int weights) const;
    void roundOperand(RoundedInput& rounded, int variant, const InputRounding& rounding, Key key,
                      at::Tensor& operand);

    const Program& m_program;
    const LayerVariants& m_layers;
    const std::vector<LayerChoices>& m_choices;
    std::function<bool()> m_pulse;
    Tensors m_values;
    std::vector<Key> m_keys;
    std::vector<Signature> m_signatures;
    std::vector<RoundedInput> m_rounded;  ///< by layer
    std::vector<RoundedInput> m_roundedSecond;
    std::vector<std::vector<Edge>> m_released;  ///< by step: read for the last time
    std::vector<Key> m_scratch;
    std::vector<LayerVariant> m_stepVariants;
    Key m_nextKey = 1;
    std::uint64_t m_stepsRun = 0;
};

/// `input` rounded into a new tensor.
[[nodiscard]] at::Tensor roundTensor(const at::Tensor& input, const InputRounding& rounding);

}  // namespace bitloupe::execution
