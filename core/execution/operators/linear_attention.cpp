// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// The rules by which the state of a linear attention is written (opset 27).
struct StateRule {
    std::int64_t queryHeads = 0;
    std::int64_t keyHeads = 0;
    double scale = 0;
    bool decays = false;
    bool corrects = false;  ///< the delta rule writes what the state does not say yet
};

/// [batch, length, heads * size] as [length, batch, heads, size].
at::Tensor byTime(const at::Tensor& x, std::int64_t heads) {
    require(x.dim() == 3 && heads > 0 && x.size(2) % heads == 0,
            "an input of linear attention does not divide into its heads");
    return x.reshape({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(0, 1);
}

/// A factor per head and feature, or per head alone ([batch, length, heads] or [.., 1]).
at::Tensor factorByTime(const at::Tensor& x, std::int64_t heads) {
    return x.size(2) % heads == 0 ? byTime(x, heads)
                                  : x.reshape({x.size(0), x.size(1), 1, -1}).transpose(0, 1);
}

/// Inputs: queries, keys, values, past state, log of the decay, strength of each write.
Tensors attendLinearly(const StateRule& rule, std::span<const at::Tensor> inputs) {
    const at::Tensor query = byTime(inputs[0], rule.queryHeads);
    const at::Tensor key = byTime(inputs[1], rule.keyHeads);
    const at::Tensor value = byTime(inputs[2], rule.keyHeads);
    const std::int64_t repeats = rule.queryHeads / rule.keyHeads;
    const at::Tensor past = optionalInput(inputs, 3);
    at::Tensor state =
        past.defined()
            ? past
            : at::zeros({key.size(1), rule.keyHeads, key.size(3), value.size(3)}, key.options());
    const double scale =
        rule.scale != 0 ? rule.scale : 1 / std::sqrt(static_cast<double>(query.size(3)));
    require(!rule.decays || optionalInput(inputs, 4).defined(), "the decay is missing");
    const at::Tensor decay =
        rule.decays ? at::exp(factorByTime(inputs[4], rule.keyHeads)) : at::Tensor();
    const at::Tensor given = optionalInput(inputs, 5);
    const at::Tensor strength =
        rule.corrects && given.defined() ? factorByTime(given, rule.keyHeads) : at::Tensor();
    Tensors outputs;
    for (std::int64_t time = 0; time < query.size(0); ++time) {
        if (decay.defined()) {
            state = state * decay[time].unsqueeze(-1);
        }
        const at::Tensor column = key[time].unsqueeze(-1);
        at::Tensor written = value[time];
        if (rule.corrects) {
            written = written - at::matmul(state.transpose(2, 3), column).squeeze(-1);
            written = strength.defined() ? written * strength[time] : written;
        }
        state = state + at::matmul(column, written.unsqueeze(-2));
        const at::Tensor read = repeats == 1 ? state : at::repeat_interleave(state, repeats, 1);
        outputs.push_back(at::matmul(query[time].unsqueeze(-2), read).squeeze(-2) * scale);
    }
    require(!outputs.empty(), "the sequence is empty");
    return {at::stack(outputs, 1).flatten(2), state};
}

Kernel makeLinearAttention(const Attributes& attributes) {
    StateRule rule;
    rule.queryHeads = attributes.integer("q_num_heads", 0);
    rule.keyHeads = attributes.integer("kv_num_heads", 0);
    require(rule.keyHeads > 0 && rule.queryHeads > 0 && rule.queryHeads % rule.keyHeads == 0,
            "the heads of the keys do not divide those of the queries");
    rule.scale = attributes.real("scale", 0);
    const std::string name = attributes.text("update_rule", "gated_delta");
    require(name == "linear" || name == "gated" || name == "delta" || name == "gated_delta",
            "the update_rule \"" + name + "\" is not known");
    rule.decays = name.starts_with("gated");
    rule.corrects = name.ends_with("delta");
    return [rule](std::span<const at::Tensor> inputs) { return attendLinearly(rule, inputs); };
}

/// A depthwise convolution over time that sees the past only (opset 27). Inputs: x [batch,
/// channels, time], weight, bias, the last values before x. Outputs: result, the last values.
Kernel makeCausalConvolution(const Attributes& attributes) {
    const std::string activation = attributes.text("activation", "none");
    require(activation == "none" || activation == "silu" || activation == "swish",
            "the activation \"" + activation + "\" is not known");
    const bool curves = activation != "none";
    return [curves](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const at::Tensor& weight = inputs[1];
        require(x.dim() == 3 && weight.dim() == 3, "the input must be [batch, channels, time]");
        const std::int64_t before = weight.size(2) - 1;
        const at::Tensor given = optionalInput(inputs, 3);
        const at::Tensor past =
            given.defined() ? given : at::zeros({x.size(0), x.size(1), before}, x.options());
        const at::Tensor whole = at::cat({past, x}, 2);
        const at::Tensor made = at::convolution(whole, weight, optionalInput(inputs, 2), {1}, {0},
                                                {1}, false, {0}, weight.size(0));
        return {curves ? at::silu(made) : made,
                whole.narrow(2, whole.size(2) - before, before).contiguous()};
    };
}

}  // namespace

void addLinearAttentionOperators(OperatorTable& table) {
    table["LinearAttention"] = makeLinearAttention;
    table["CausalConvWithState"] = makeCausalConvolution;
}

}  // namespace bitloupe::execution
