// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

template <typename T>
const T* Attributes::find(const std::string& name) const {
    const auto found = m_node.attributes.find(name);
    if (found == m_node.attributes.end()) {
        return nullptr;
    }
    const T* value = std::get_if<T>(&found->second);
    require(value != nullptr, "the attribute \"" + name + "\" has the wrong type");
    return value;
}

bool Attributes::has(const std::string& name) const {
    return m_node.attributes.contains(name);
}

std::int64_t Attributes::integer(const std::string& name, std::int64_t otherwise) const {
    const auto* value = find<std::int64_t>(name);
    return value == nullptr ? otherwise : *value;
}

double Attributes::real(const std::string& name, double otherwise) const {
    const auto* value = find<float>(name);
    return value == nullptr ? otherwise : static_cast<double>(*value);
}

std::string Attributes::text(const std::string& name, const std::string& otherwise) const {
    const auto* value = find<std::string>(name);
    return value == nullptr ? otherwise : *value;
}

std::vector<std::int64_t> Attributes::integers(const std::string& name,
                                               std::vector<std::int64_t> otherwise) const {
    const auto* value = find<std::vector<std::int64_t>>(name);
    return value == nullptr ? std::move(otherwise) : *value;
}

std::vector<float> Attributes::reals(const std::string& name) const {
    const auto* value = find<std::vector<float>>(name);
    return value == nullptr ? std::vector<float>() : *value;
}

std::vector<std::string> Attributes::texts(const std::string& name) const {
    const auto* value = find<std::vector<std::string>>(name);
    return value == nullptr ? std::vector<std::string>() : *value;
}

std::optional<Array> Attributes::array(const std::string& name) const {
    const auto* value = find<Array>(name);
    return value == nullptr ? std::nullopt : std::optional<Array>(*value);
}

const OperatorTable& operatorTable() {
    static const OperatorTable kTable = [] {
        OperatorTable table;
        addActivationOperators(table);
        addArithmeticOperators(table);
        addConvolutionOperators(table);
        addIndexingOperators(table);
        addLinearOperators(table);
        addNormalizationOperators(table);
        addPoolingOperators(table);
        addRecurrentOperators(table);
        addReductionOperators(table);
        addShapeOperators(table);
        return table;
    }();
    return kTable;
}

const KernelMaker* findOperator(const network::Node& node) {
    if (!node.domain.empty() && node.domain != "ai.onnx") {
        return nullptr;
    }
    const auto found = operatorTable().find(node.operatorType);
    return found == operatorTable().end() ? nullptr : &found->second;
}

void require(bool condition, const std::string& message) {
    if (!condition) {
        throw OperatorError(message);
    }
}

at::Tensor optionalInput(std::span<const at::Tensor> inputs, std::size_t index) {
    return index < inputs.size() ? inputs[index] : at::Tensor();
}

std::vector<std::int64_t> integerValues(const at::Tensor& tensor) {
    require(tensor.defined(), "an input is missing");
    const at::Tensor values = tensor.to(at::kLong).contiguous();
    const auto* first = values.data_ptr<std::int64_t>();
    return {first, first + values.numel()};
}

std::int64_t wrapAxis(std::int64_t axis, std::int64_t rank) {
    require(axis >= -rank && axis < rank, "the axis " + std::to_string(axis) +
                                              " is outside a tensor of " + std::to_string(rank) +
                                              " dimensions");
    return axis < 0 ? axis + rank : axis;
}

at::ScalarType scalarTypeOfOnnx(std::int64_t dataType) {
    switch (dataType) {
        case 1:
            return at::kFloat;
        case 2:
            return at::kByte;
        case 3:
            return at::kChar;
        case 4:
            return at::kInt;  // uint16, widened
        case 5:
            return at::kShort;
        case 6:
            return at::kInt;
        case 7:
            return at::kLong;
        case 9:
            return at::kBool;
        case 10:
            return at::kHalf;
        case 11:
            return at::kDouble;
        case 12:  // uint32, widened
        case 13:
            return at::kLong;  // uint64
        case 16:
            return at::kBFloat16;
        default:
            throw OperatorError("tensors of ONNX type number " + std::to_string(dataType) +
                                " are not supported");
    }
}

}  // namespace bitloupe::execution
