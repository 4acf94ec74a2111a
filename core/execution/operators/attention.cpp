// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "core/execution/narrow_types.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// [batch, length, heads * size] as [batch, heads, length, size]; four dimensions stay.
at::Tensor byHeads(const at::Tensor& x, std::int64_t heads) {
    if (x.dim() == 4) {
        return x;
    }
    require(x.dim() == 3 && heads > 0 && x.size(2) % heads == 0,
            "an input of attention does not divide into its heads");
    return x.reshape({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor withPast(const at::Tensor& past, const at::Tensor& fresh) {
    return past.defined() ? at::cat({past, fresh}, 2) : fresh;
}

/// Each key and value head serves as many query heads as there are for it.
at::Tensor repeated(const at::Tensor& x, std::int64_t heads) {
    require(x.size(1) > 0 && heads % x.size(1) == 0, "the heads of the keys do not divide them");
    return heads == x.size(1) ? x : at::repeat_interleave(x, heads / x.size(1), 1);
}

struct AttentionRules {
    std::int64_t queryHeads = 0;
    std::int64_t keyHeads = 0;
    bool causal = false;
    double scale = 0;  ///< 0: one over the root of the head size
    double softcap = 0;
    std::int64_t shownProducts = 0;  ///< qk_matmul_output_mode
    std::int64_t softmaxPrecision = 0;
    bool wantsProducts = false;
};

/// What is added to the products of queries and keys: 0 where a query may look, -infinity where
/// not, and the caller's own mask.
at::Tensor biasOf(const AttentionRules& rules, std::span<const at::Tensor> inputs,
                  const at::Tensor& query, std::int64_t keys, std::int64_t past) {
    const at::Tensor none = at::zeros({}, query.options());
    const at::Tensor forbidden = at::full({}, kMinusInfinity, query.options());
    at::Tensor bias = at::zeros({query.size(2), keys}, query.options());
    if (at::Tensor mask = optionalInput(inputs, 3); mask.defined()) {
        if (mask.scalar_type() == at::kBool) {
            mask = at::where(mask, none, forbidden);
        }
        const std::int64_t missing = keys - mask.size(-1);
        bias = bias + (missing > 0 ? at::constant_pad_nd(mask, {0, missing}, kMinusInfinity)
                                   : mask.to(query.scalar_type()));
    }
    const at::Tensor columns = at::arange(keys, at::kLong);
    const at::Tensor lengths = optionalInput(inputs, 6);
    if (rules.causal) {
        at::Tensor rows = at::arange(query.size(2), at::kLong).unsqueeze(1) + past;
        if (lengths.defined() && !optionalInput(inputs, 4).defined()) {
            rows = rows + (lengths - query.size(2)).reshape({-1, 1, 1, 1});
        }
        bias = bias + at::where(columns > rows, forbidden, none);
    }
    if (lengths.defined()) {
        const at::Tensor inside = columns < lengths.reshape({-1, 1, 1, 1});
        bias = bias + at::where(inside, none, forbidden);
    }
    return bias;
}

/// A query that may look nowhere gives zeros, not NaN.
at::Tensor softmaxOf(const at::Tensor& products, const at::Tensor& bias) {
    const at::Tensor nowhere = at::eq(at::amax(bias, -1, true), kMinusInfinity);
    return at::where(nowhere, at::zeros({}, products.options()), at::softmax(products, -1));
}

/// Inputs: queries, keys, values, mask, past keys, past values, lengths without padding.
/// Outputs: result, keys and values with the past, products of queries and keys (opset 24).
Tensors attend(const AttentionRules& rules, std::span<const at::Tensor> inputs) {
    const at::Tensor query = byHeads(inputs[0], rules.queryHeads);
    const at::Tensor pastKey = optionalInput(inputs, 4);
    const at::Tensor key = withPast(pastKey, byHeads(inputs[1], rules.keyHeads));
    const at::Tensor value = withPast(optionalInput(inputs, 5), byHeads(inputs[2], rules.keyHeads));
    const std::int64_t heads = query.size(1);
    const double scale =
        rules.scale != 0 ? rules.scale : 1 / std::sqrt(static_cast<double>(query.size(3)));
    at::Tensor products = at::matmul(query * std::sqrt(scale),
                                     repeated(key, heads).transpose(2, 3) * std::sqrt(scale));
    at::Tensor shown = products;
    if (rules.softcap > 0) {
        products = at::tanh(products / rules.softcap) * rules.softcap;
    }
    shown = rules.shownProducts == 1 ? products : shown;
    const at::Tensor bias =
        biasOf(rules, inputs, query, key.size(2), pastKey.defined() ? pastKey.size(2) : 0);
    products = products + bias;
    shown = rules.shownProducts == 2 ? products : shown;
    if (rules.softmaxPrecision != 0) {
        products = castTo(products, rules.softmaxPrecision);
    }
    const at::Tensor weights = softmaxOf(products, bias).to(query.scalar_type());
    shown = rules.shownProducts == 3 ? weights : shown;
    at::Tensor result = at::matmul(weights, repeated(value, heads));
    if (inputs[0].dim() == 3) {
        result = result.transpose(1, 2).flatten(2);
    }
    return {result, key, value, shown};
}

Kernel makeAttention(const Attributes& attributes) {
    AttentionRules rules;
    rules.queryHeads = attributes.integer("q_num_heads", 0);
    rules.keyHeads = attributes.integer("kv_num_heads", 0);
    rules.causal = attributes.integer("is_causal", 0) != 0;
    rules.scale = attributes.real("scale", 0);
    rules.softcap = attributes.real("softcap", 0);
    rules.shownProducts = attributes.integer("qk_matmul_output_mode", 0);
    rules.softmaxPrecision = attributes.integer("softmax_precision", 0);
    return [rules](std::span<const at::Tensor> inputs) { return attend(rules, inputs); };
}

/// Turns pairs of features by the angles of their position (RoFormer, arXiv 2104.09864).
/// Inputs: x, cosines, sines, positions; without positions the tables have one row a place.
Kernel makeRotaryEmbedding(const Attributes& attributes) {
    const bool interleaved = attributes.integer("interleaved", 0) != 0;
    const std::int64_t heads = attributes.integer("num_heads", 0);
    const std::int64_t rotated = attributes.integer("rotary_embedding_dim", 0);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor x = byHeads(inputs[0], heads).transpose(1, 2);
        const std::int64_t width = rotated == 0 ? x.size(3) : rotated;
        require(width % 2 == 0 && width <= x.size(3), "the rotated features must be pairs");
        const auto table = [&](const at::Tensor& whole) {
            const at::Tensor positions = optionalInput(inputs, 3);
            const at::Tensor rows =
                positions.defined() ? at::index(whole, {positions.to(at::kLong)}) : whole;
            return rows.narrow(-1, 0, width / 2).unsqueeze(2);
        };
        const at::Tensor cosine = table(inputs[1]);
        const at::Tensor sine = table(inputs[2]);
        const at::Tensor turning = x.narrow(3, 0, width);
        const at::Tensor first =
            interleaved ? turning.slice(3, 0, width, 2) : turning.narrow(3, 0, width / 2);
        const at::Tensor second =
            interleaved ? turning.slice(3, 1, width, 2) : turning.narrow(3, width / 2, width / 2);
        const at::Tensor real = cosine * first - sine * second;
        const at::Tensor imaginary = sine * first + cosine * second;
        const at::Tensor turned = interleaved ? at::stack({real, imaginary}, -1).flatten(3)
                                              : at::cat({real, imaginary}, 3);
        const at::Tensor kept = x.narrow(3, width, x.size(3) - width);
        const at::Tensor result = at::cat({turned, kept}, 3).transpose(1, 2);
        return {inputs[0].dim() == 3 ? result.transpose(1, 2).flatten(2) : result.contiguous()};
    };
}

/// Writes new keys or values into a cache along its length, each sample at its own place.
Kernel makeTensorScatter(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", -2);
    const bool circular = attributes.text("mode", "linear") == "circular";
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor cache = inputs[0].clone();
        const std::int64_t at = wrapAxis(axis, cache.dim());
        require(at > 0, "the cache has no batch before its length");
        const std::int64_t size = cache.size(at);
        const at::Tensor given = optionalInput(inputs, 2);
        for (std::int64_t sample = 0; sample < cache.size(0); ++sample) {
            const std::int64_t first =
                given.defined() ? given[sample].item<std::int64_t>() : std::int64_t{0};
            at::Tensor places = at::arange(inputs[1].size(at), at::kLong) + first;
            places = circular ? at::remainder(places, size) : places;
            require(places.numel() == 0 || places.max().item<std::int64_t>() < size,
                    "the update does not fit the cache");
            cache[sample].index_copy_(at - 1, places, inputs[1][sample]);
        }
        return {cache};
    };
}

}  // namespace

void addAttentionOperators(OperatorTable& table) {
    table["Attention"] = makeAttention;
    table["RotaryEmbedding"] = makeRotaryEmbedding;
    table["TensorScatter"] = makeTensorScatter;
}

}  // namespace bitloupe::execution
