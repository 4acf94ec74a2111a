// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"
#include "core/execution/operators/packed_product.h"

namespace bitloupe::execution {

namespace {

/// What keeps a second operand that the file stores; nothing where it is computed.
std::shared_ptr<PackedWeights> keeperFor(const Attributes& attributes) {
    return attributes.storedInput(1) == nullptr ? nullptr : std::make_shared<PackedWeights>();
}

Kernel makeGemm(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 1);
    const double beta = attributes.real("beta", 1);
    const bool transA = attributes.integer("transA", 0) != 0;
    const bool transB = attributes.integer("transB", 0) != 0;
    const bool plain = alpha == 1 && beta == 1 && !transA;
    const std::shared_ptr<PackedWeights> packed = keeperFor(attributes);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs[0].dim() == 2 && inputs[1].dim() == 2, "Gemm needs two matrices");
        if (plain && packed != nullptr) {
            if (const auto product = multiplyPacked(inputs[0], inputs[1], !transB,
                                                    optionalInput(inputs, 2), *packed)) {
                return {*product};
            }
        }
        const at::Tensor a = transA ? inputs[0].t() : inputs[0];
        const at::Tensor b = transB ? inputs[1].t() : inputs[1];
        const at::Tensor c = optionalInput(inputs, 2);
        const bool real = at::isFloatingType(a.scalar_type());
        if (c.defined() && real) {
            return {at::addmm(c, a, b, beta, alpha)};
        }
        at::Tensor product = at::mm(a, b);
        if (alpha != 1) {
            product = at::mul(product, alpha).to(a.scalar_type());
        }
        return {c.defined() ? product + at::mul(c, beta).to(a.scalar_type()) : product};
    };
}

Kernel makeMatMul(const Attributes& attributes) {
    const std::shared_ptr<PackedWeights> packed = keeperFor(attributes);
    return [packed](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs[0].dim() > 0 && inputs[1].dim() > 0, "MatMul needs vectors or matrices");
        if (packed != nullptr) {
            if (const auto product = multiplyPacked(inputs[0], inputs[1], /*transposed=*/true,
                                                    at::Tensor(), *packed)) {
                return {*product};
            }
        }
        return {at::matmul(inputs[0], inputs[1])};
    };
}

/// Removes the blanks of an Einstein sum, which ATen does not expect everywhere.
std::string withoutBlanks(const std::string& text) {
    std::string result;
    for (const char character : text) {
        if (character != ' ') {
            result += character;
        }
    }
    return result;
}

Kernel makeEinsum(const Attributes& attributes) {
    const std::string equation = withoutBlanks(attributes.text("equation", ""));
    require(!equation.empty(), "the attribute \"equation\" is missing");
    return [equation](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::einsum(equation, std::vector<at::Tensor>(inputs.begin(), inputs.end()))};
    };
}

}  // namespace

void addLinearOperators(OperatorTable& table) {
    table["Gemm"] = makeGemm;
    table["MatMul"] = makeMatMul;
    table["Einsum"] = makeEinsum;
}

}  // namespace bitloupe::execution
