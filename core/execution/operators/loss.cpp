// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

struct LossRules {
    std::string reduction;
    bool ignores = false;
    std::int64_t ignored = 0;

    static LossRules read(const Attributes& attributes) {
        LossRules rules{attributes.text("reduction", "mean"), attributes.has("ignore_index"),
                        attributes.integer("ignore_index", 0)};
        require(rules.reduction == "mean" || rules.reduction == "sum" || rules.reduction == "none",
                "the reduction \"" + rules.reduction + "\" is not known");
        return rules;
    }
};

/// -weight[target] * log probability of the target, classes along dimension 1.
at::Tensor negativeLogLikelihood(const LossRules& rules, const at::Tensor& logProbabilities,
                                 const at::Tensor& target, const at::Tensor& weight) {
    const at::Tensor classes = target.to(at::kLong);
    const at::Tensor skipped =
        rules.ignores ? at::eq(classes, rules.ignored) : at::zeros_like(classes, at::kBool);
    const at::Tensor safe = at::where(skipped, at::zeros_like(classes), classes);
    const std::int64_t count = logProbabilities.size(1);
    require(safe.numel() == 0 ||
                (safe.min().item<std::int64_t>() >= 0 && safe.max().item<std::int64_t>() < count),
            "a target is not one of the classes");
    at::Tensor factor = weight.defined() ? at::index(weight, {safe})
                                         : at::ones(safe.sizes(), logProbabilities.options());
    factor = at::where(skipped, at::zeros_like(factor), factor);
    const at::Tensor loss = -logProbabilities.gather(1, safe.unsqueeze(1)).squeeze(1) * factor;
    if (rules.reduction == "none") {
        return loss;
    }
    return rules.reduction == "sum" ? loss.sum() : loss.sum() / factor.sum();
}

Kernel makeNegativeLogLikelihood(const Attributes& attributes) {
    const LossRules rules = LossRules::read(attributes);
    return [rules](std::span<const at::Tensor> inputs) -> Tensors {
        return {negativeLogLikelihood(rules, inputs[0], inputs[1], optionalInput(inputs, 2))};
    };
}

Kernel makeSoftmaxCrossEntropy(const Attributes& attributes) {
    const LossRules rules = LossRules::read(attributes);
    return [rules](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor logs = at::log_softmax(inputs[0], 1);
        return {negativeLogLikelihood(rules, logs, inputs[1], optionalInput(inputs, 2)), logs};
    };
}

}  // namespace

void addLossOperators(OperatorTable& table) {
    table["NegativeLogLikelihoodLoss"] = makeNegativeLogLikelihood;
    table["SoftmaxCrossEntropyLoss"] = makeSoftmaxCrossEntropy;
}

}  // namespace bitloupe::execution
