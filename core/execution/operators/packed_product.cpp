// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/packed_product.h"

#include "core/execution/kernels/channels_last_kernels.h"

namespace bitloupe::execution {

namespace {

/// A convolution of an image of one row, a pixel at a time.
kernels::DenseConvolution shapeOf(std::int64_t count, std::int64_t inputs, std::int64_t outputs) {
    kernels::DenseConvolution shape;
    shape.window.height = 1;
    shape.window.width = static_cast<std::size_t>(count);
    shape.window.outputHeight = 1;
    shape.window.outputWidth = shape.window.width;
    shape.channels = static_cast<std::size_t>(inputs);
    shape.filters = static_cast<std::size_t>(outputs);
    return shape;
}

bool asksForGradient(const at::Tensor& tensor) {
    return tensor.defined() && tensor.requires_grad();
}

}  // namespace

PackedProduct::PackedProduct(const at::Tensor& matrix, bool transposed, const at::Tensor& bias,
                             const Origin& origin)
    : m_inputs(matrix.size(transposed ? 0 : 1)), m_outputs(matrix.size(transposed ? 1 : 0)) {
    m_packed = origin.keeper.get(PackedLayout::Dense, origin.matrix, origin.bias, [&] {
        const at::Tensor rows = (transposed ? matrix.t() : matrix).contiguous();
        const at::Tensor dense = bias.defined() ? bias.contiguous() : bias;
        return kernels::packDense(shapeOf(0, m_inputs, m_outputs), rows.data_ptr<float>(),
                                  dense.defined() ? dense.data_ptr<float>() : nullptr);
    });
}

void PackedProduct::run(const float* rows, std::int64_t count, float* output) const {
    kernels::convolvePixels(shapeOf(count, m_inputs, m_outputs), rows, *m_packed, output);
}

bool PackedProduct::pays(const at::Tensor& matrix) {
    constexpr std::int64_t kMostValues = std::int64_t{1} << 22;  // they are held twice
    return matrix.dim() == 2 && matrix.numel() > 0 && matrix.numel() <= kMostValues;
}

std::optional<at::Tensor> multiplyPacked(const at::Tensor& x, const at::Tensor& matrix,
                                         bool transposed, const at::Tensor& bias,
                                         PackedWeights& keeper) {
    const bool real = x.scalar_type() == at::kFloat && matrix.scalar_type() == at::kFloat &&
                      (!bias.defined() || bias.scalar_type() == at::kFloat);
    const bool trains = at::GradMode::is_enabled() &&
                        (asksForGradient(x) || asksForGradient(matrix) || asksForGradient(bias));
    if (!real || trains || !PackedProduct::pays(matrix) || x.dim() < 1 || x.numel() == 0 ||
        x.size(-1) != matrix.size(transposed ? 0 : 1) ||
        (bias.defined() && (bias.dim() != 1 || bias.size(0) != matrix.size(transposed ? 1 : 0)))) {
        return std::nullopt;
    }
    const PackedProduct product(matrix, transposed, bias, {matrix, bias, keeper});
    const at::Tensor rows = x.contiguous();
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = product.outputs();
    at::Tensor output = at::empty(shape, x.options());
    product.run(rows.data_ptr<float>(), x.numel() / x.size(-1), output.data_ptr<float>());
    return output;
}

}  // namespace bitloupe::execution
