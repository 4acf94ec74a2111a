// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/fake_quantize.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace bitloupe::execution {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

std::span<float> valuesOf(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// The library's functions take no undefined tensors: an empty one stands for it.
bool isThere(const at::Tensor& tensor) {
    return tensor.numel() > 0;
}
at::Tensor orEmpty(const at::Tensor& tensor) {
    return tensor.defined() ? tensor : at::empty({0});
}

at::Tensor roundAll(const at::Tensor& x, const at::Tensor& scales, const TensorRounding& rounding,
                    double done) {
    const at::Tensor from = x.contiguous();
    at::Tensor to = at::empty_like(from);
    const std::span<const float> factors =
        isThere(scales) ? valuesOf(scales) : std::span<const float>();
    const std::span<const float> in = valuesOf(from);
    const std::span<float> out = valuesOf(to);
    const bool apart = rounding.perSample && from.dim() > 0 && from.size(0) > 0;
    const std::size_t length = apart ? in.size() / static_cast<std::size_t>(from.size(0)) : 0;
    if (length == 0) {
        rounding.round(in, factors, done, out);
        return to;
    }
    for (std::size_t first = 0; first < in.size(); first += length) {
        rounding.round(in.subspan(first, length), factors, done, out.subspan(first, length));
    }
    return to;
}

/// The scale of every element: a scalar, or a tensor of x's shape.
at::Tensor spread(const at::Tensor& scales, const at::Tensor& scaleOf, const at::Tensor& x) {
    return isThere(scaleOf) ? scales.index_select(0, scaleOf).view(x.sizes()) : scales;
}

/// Straight through within the range; see the header.
struct FakeQuantize : torch::autograd::Function<FakeQuantize> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                              const at::Tensor& scales, const at::Tensor& scaleOf,
                              const TensorRounding* rounding, double elements, double done) {
        const at::Tensor rounded = roundAll(x, scales, *rounding, done);
        context->save_for_backward({x, scales, scaleOf, rounded});
        context->saved_data["lowest"] = rounding->lowest;
        context->saved_data["highest"] = rounding->highest;
        context->saved_data["elements"] = elements;
        return rounded;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& scales = saved[1];
        const double lowest = context->saved_data["lowest"].toDouble();
        const double highest = context->saved_data["highest"].toDouble();
        const at::Tensor each = isThere(scales) ? spread(scales, saved[2], x) : at::ones({1});
        const at::Tensor multiples = x / each;
        const at::Tensor inside =
            at::logical_and(at::ge(multiples, lowest), at::le(multiples, highest));
        at::Tensor ofScales;
        if (isThere(scales) && context->needs_input_grad(1)) {
            const at::Tensor slope = saved[3] / each - at::where(inside, multiples, 0.0);
            const at::Tensor terms = (gradients[0] * slope).reshape({-1});
            ofScales = isThere(saved[2]) ? at::zeros_like(scales).index_add(0, saved[2], terms)
                                         : terms.sum().reshape(scales.sizes());
            const double most = std::isfinite(highest) ? std::max(1.0, highest) : 1.0;
            ofScales = ofScales / std::sqrt(context->saved_data["elements"].toDouble() * most);
        }
        return {at::where(inside, gradients[0], 0.0),
                ofScales,
                at::Tensor(),
                at::Tensor(),
                at::Tensor(),
                at::Tensor()};
    }
};

}  // namespace

at::Tensor fakeQuantize(const at::Tensor& x, const at::Tensor& scales, const at::Tensor& scaleOf,
                        const TensorRounding& rounding, double elements, double done) {
    return FakeQuantize::apply(x, orEmpty(scales), orEmpty(scaleOf), &rounding, elements, done);
}

}  // namespace bitloupe::execution
