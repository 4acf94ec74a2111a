// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "core/execution/operator_table.h"

/// Linear models and preparation of tables (domain ai.onnx.ml), and counts of n-grams.
namespace bitloupe::execution {

namespace {

at::Tensor row(const std::vector<float>& values) {
    return at::tensor(values, at::kFloat);
}

/// Coefficients [targets, features].
Kernel makeLinearRegressor(const Attributes& attributes) {
    const std::int64_t targets = attributes.integer("targets", 1);
    const std::vector<float> given = attributes.reals("coefficients");
    require(targets > 0 && !given.empty() && static_cast<std::int64_t>(given.size()) % targets == 0,
            "the coefficients do not fit the targets");
    require(attributes.text("post_transform", "NONE") == "NONE",
            "a post_transform is not supported here");
    const at::Tensor coefficients = row(given).reshape({targets, -1});
    const std::vector<float> intercepts = attributes.reals("intercepts");
    const at::Tensor bias = intercepts.empty() ? at::zeros({targets}) : row(intercepts);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::linear(inputs[0].to(at::kFloat), coefficients, bias)};
    };
}

Kernel makeLinearClassifier(const Attributes& attributes) {
    const std::vector<std::int64_t> labels = attributes.integers("classlabels_ints");
    const std::vector<float> intercepts = attributes.reals("intercepts");
    const std::string transform = attributes.text("post_transform", "NONE");
    require(!labels.empty() && labels.size() == intercepts.size(),
            "only classes with whole numbers as labels, each with its intercept, are supported");
    require(transform == "NONE" || transform == "SOFTMAX" || transform == "LOGISTIC",
            "the post_transform " + transform + " is not supported");
    const at::Tensor coefficients = row(attributes.reals("coefficients"))
                                        .reshape({static_cast<std::int64_t>(labels.size()), -1});
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor scores = at::linear(inputs[0].to(at::kFloat), coefficients, row(intercepts));
        scores = transform == "SOFTMAX"    ? at::softmax(scores, 1)
                 : transform == "LOGISTIC" ? at::sigmoid(scores)
                                           : scores;
        return {at::tensor(labels, at::kLong).index({at::argmax(scores, 1)}), scores};
    };
}

Kernel makeScaler(const Attributes& attributes) {
    const at::Tensor offset = row(attributes.reals("offset"));
    const at::Tensor scale = row(attributes.reals("scale"));
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {(inputs[0].to(at::kFloat) - offset) * scale};
    };
}

Kernel makeNormalizer(const Attributes& attributes) {
    const std::string norm = attributes.text("norm", "MAX");
    require(norm == "MAX" || norm == "L1" || norm == "L2", "the norm " + norm + " is not known");
    return [norm](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor x = inputs[0].to(at::kFloat);
        const at::Tensor size = norm == "MAX"  ? at::amax(x, -1, true)
                                : norm == "L1" ? at::abs(x).sum(-1, true)
                                               : at::sqrt((x * x).sum(-1, true));
        return {at::where(at::eq(size, 0), x, x / size)};
    };
}

Kernel makeBinarizer(const Attributes& attributes) {
    const double threshold = attributes.real("threshold", 0);
    return [threshold](std::span<const at::Tensor> inputs) -> Tensors {
        return {(inputs[0] > threshold).to(inputs[0].scalar_type())};
    };
}

Kernel makeArrayFeatureExtractor(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor x = inputs[0].dim() == 1 ? inputs[0].unsqueeze(0) : inputs[0];
        const at::Tensor places = inputs[1].to(at::kLong).flatten();
        require(places.numel() > 0 && places.min().item<std::int64_t>() >= 0 &&
                    places.max().item<std::int64_t>() < x.size(-1),
                "a feature is outside the data");
        return {at::index_select(x, -1, places)};
    };
}

/// The n-grams of a TfIdfVectorizer: which output each counts for.
struct Grams {
    std::map<std::vector<std::int64_t>, std::size_t> numbers;
    std::vector<std::int64_t> outputs;
    std::vector<float> weights;
    std::int64_t shortest = 1;
    std::int64_t longest = 1;
    std::int64_t mostSkipped = 0;
    std::int64_t width = 0;
    std::string mode;
};

Grams readGrams(const Attributes& attributes) {
    Grams grams;
    grams.shortest = attributes.integer("min_gram_length", 1);
    grams.longest = attributes.integer("max_gram_length", 1);
    grams.mostSkipped = attributes.integer("max_skip_count", 0);
    grams.mode = attributes.text("mode", "TF");
    grams.outputs = attributes.integers("ngram_indexes");
    grams.weights = attributes.reals("weights");
    const std::vector<std::int64_t> pool = attributes.integers("pool_int64s");
    const std::vector<std::int64_t> starts = attributes.integers("ngram_counts");
    require(!pool.empty(), "only n-grams of whole numbers are supported");
    require(grams.shortest > 0 && grams.longest >= grams.shortest && grams.mostSkipped >= 0 &&
                grams.mostSkipped < 1'000'000,
            "the lengths of the n-grams are out of range");
    std::size_t number = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto length = static_cast<std::int64_t>(i) + 1;
        const std::int64_t end =
            i + 1 < starts.size() ? starts[i + 1] : static_cast<std::int64_t>(pool.size());
        require(starts[i] >= 0 && end <= static_cast<std::int64_t>(pool.size()),
                "ngram_counts does not fit the pool");
        for (std::int64_t at = starts[i]; at + length <= end; at += length) {
            grams.numbers[{pool.begin() + at, pool.begin() + at + length}] = number++;
        }
    }
    require(number <= grams.outputs.size(), "ngram_indexes has an n-gram too few");
    for (const std::int64_t output : grams.outputs) {
        require(output >= 0 && output < 1'000'000'000, "an n-gram counts for no output");
        grams.width = std::max(grams.width, output + 1);
    }
    return grams;
}

/// Counts the n-grams of one row; items of an n-gram are 1 to mostSkipped + 1 apart, all alike.
void countGrams(const Grams& grams, std::span<const std::int64_t> items, float* counts) {
    const auto size = static_cast<std::int64_t>(items.size());
    for (std::int64_t apart = 1; apart <= grams.mostSkipped + 1; ++apart) {
        const bool first = apart == 1;
        for (std::int64_t length = grams.shortest; length <= grams.longest; ++length) {
            if (length == 1 && !first) {
                continue;  // a single item has nothing to skip
            }
            for (std::int64_t at = 0; at + (length - 1) * apart < size; ++at) {
                std::vector<std::int64_t> gram;
                for (std::int64_t i = 0; i < length; ++i) {
                    gram.push_back(items[static_cast<std::size_t>(at + i * apart)]);
                }
                if (const auto found = grams.numbers.find(gram); found != grams.numbers.end()) {
                    counts[grams.outputs[found->second]] += 1;
                }
            }
        }
    }
}

Kernel makeTfIdf(const Attributes& attributes) {
    const auto grams = std::make_shared<const Grams>(readGrams(attributes));
    at::Tensor weights = at::ones({grams->width}, at::kFloat);
    for (std::size_t i = 0; i < std::min(grams->weights.size(), grams->outputs.size()); ++i) {
        weights[grams->outputs[i]] = grams->weights[i];
    }
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor items = inputs[0].to(at::kLong).contiguous();
        require(items.dim() == 1 || items.dim() == 2, "the input must be one row or rows");
        const std::int64_t rows = items.dim() == 1 ? 1 : items.size(0);
        const auto length = static_cast<std::size_t>(items.size(-1));
        checkSize({rows, grams->width});
        at::Tensor counts = at::zeros({rows, grams->width}, at::kFloat);
        for (std::int64_t i = 0; i < rows; ++i) {
            countGrams(
                *grams,
                {items.data_ptr<std::int64_t>() + i * static_cast<std::int64_t>(length), length},
                counts.data_ptr<float>() + i * grams->width);
        }
        if (grams->mode == "IDF") {
            counts = (counts > 0).to(at::kFloat) * weights;
        } else if (grams->mode == "TFIDF") {
            counts = counts * weights;
        }
        return {items.dim() == 1 ? counts.flatten() : counts};
    };
}

}  // namespace

void addClassicalOperators(OperatorTable& table) {
    table["ai.onnx.ml/LinearRegressor"] = makeLinearRegressor;
    table["ai.onnx.ml/LinearClassifier"] = makeLinearClassifier;
    table["ai.onnx.ml/Scaler"] = makeScaler;
    table["ai.onnx.ml/Normalizer"] = makeNormalizer;
    table["ai.onnx.ml/Binarizer"] = makeBinarizer;
    table["ai.onnx.ml/ArrayFeatureExtractor"] = makeArrayFeatureExtractor;
    table["TfIdfVectorizer"] = makeTfIdf;
}

}  // namespace bitloupe::execution
