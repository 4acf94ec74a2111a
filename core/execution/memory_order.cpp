// SPDX-License-Identifier: Apache-2.0
#include "core/execution/memory_order.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace bitloupe::execution {

bool readsAnyOrder(const network::Node& node) {
    static const std::set<std::string, std::less<>> kOperators = {
        // value by value
        "Abs", "Add", "Cast", "Clip", "Div", "Elu", "Erf", "Exp", "HardSigmoid", "HardSwish",
        "Identity", "LeakyRelu", "Log", "Max", "Mean", "Min", "Mul", "Neg", "PRelu", "Pow",
        "Reciprocal", "Relu", "Selu", "Sigmoid", "Softplus", "Sqrt", "Sub", "Sum", "Tanh", "Where",
        // images
        "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "GlobalMaxPool", "MaxPool",
        "Resize", "Upsample",
        // other shapes, and sums of what is left
        "Concat", "Expand", "Flatten", "Gather", "GatherElements", "MatMul", "Pad", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceSum", "Reshape", "Shape", "Slice", "Split", "Squeeze",
        "Transpose", "Unsqueeze"};
    return node.domain.empty() && kOperators.contains(node.operatorType);
}

bool isReordered(const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.layout() != at::kStrided || tensor.is_contiguous()) {
        return false;
    }
    const auto repeats = [&](std::int64_t axis) {
        return tensor.stride(axis) == 0 && tensor.size(axis) > 1;
    };
    for (std::int64_t axis = 0; axis < tensor.dim(); ++axis) {
        if (repeats(axis)) {
            return true;
        }
    }
    return tensor.is_non_overlapping_and_dense();
}

at::Tensor inOrder(const at::Tensor& tensor) {
    return isReordered(tensor) ? tensor.contiguous() : tensor;
}

Tensors inOrder(std::span<const at::Tensor> tensors) {
    Tensors result;
    std::transform(tensors.begin(), tensors.end(), std::back_inserter(result),
                   [](const at::Tensor& tensor) { return inOrder(tensor); });
    return result;
}

bool mayOverwrite(const at::Tensor& tensor) {
    return !at::GradMode::is_enabled() && tensor.use_count() == 1 && tensor.has_storage() &&
           tensor.storage().use_count() == 1 && tensor.is_non_overlapping_and_dense();
}

}  // namespace bitloupe::execution
