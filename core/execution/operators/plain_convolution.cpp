// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/plain_convolution.h"

#include <torch/csrc/autograd/custom_function.h>

namespace bitloupe::execution {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct TrainedConvolution : torch::autograd::Function<TrainedConvolution> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& image,
                              const at::Tensor& weight, const at::Tensor& bias,
                              const PlainConvolution* convolution,
                              at::Tensor (*work)(const PlainConvolution&)) {
        context->save_for_backward({image, weight});
        context->saved_data["strides"] = convolution->strides;
        context->saved_data["pads"] = convolution->pads;
        context->saved_data["dilations"] = convolution->dilations;
        context->saved_data["groups"] = convolution->groups;
        context->saved_data["bias"] = bias.numel() > 0;
        return work(*convolution);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const auto numbers = [&](const char* name) {
            return context->saved_data[name].toIntVector();
        };
        const bool bias = context->saved_data["bias"].toBool();
        const std::vector<std::int64_t> biasSize = {saved[1].size(0)};
        const std::vector<std::int64_t> none(numbers("pads").size(), 0);
        const auto [ofImage, ofWeight, ofBias] = at::convolution_backward(
            gradients[0], saved[0], saved[1], at::IntArrayRef(biasSize), numbers("strides"),
            numbers("pads"), numbers("dilations"), false, none,
            context->saved_data["groups"].toInt(), {context->needs_input_grad(0), true, bias});
        return {ofImage, ofWeight, bias ? ofBias : at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

bool asksForGradient(const at::Tensor& tensor) {
    return tensor.defined() && tensor.requires_grad();
}

}  // namespace

bool isFloat32(const PlainConvolution& convolution) {
    return convolution.image.scalar_type() == at::kFloat &&
           convolution.weight.scalar_type() == at::kFloat &&
           (!convolution.bias.defined() || convolution.bias.scalar_type() == at::kFloat);
}

at::Tensor convolveForTraining(const PlainConvolution& convolution,
                               at::Tensor (*forward)(const PlainConvolution&)) {
    const bool trains = at::GradMode::is_enabled() &&
                        (asksForGradient(convolution.image) ||
                         asksForGradient(convolution.weight) || asksForGradient(convolution.bias));
    if (!trains) {
        return forward(convolution);
    }
    return TrainedConvolution::apply(convolution.image, convolution.weight,
                                     convolution.bias.defined() ? convolution.bias : at::empty({0}),
                                     &convolution, forward);
}

}  // namespace bitloupe::execution
