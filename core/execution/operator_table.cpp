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

std::shared_ptr<const network::Graph> Attributes::graph(const std::string& name) const {
    const auto* value = find<std::shared_ptr<const network::Graph>>(name);
    require(value != nullptr, "the attribute \"" + name + "\" is missing");
    return *value;
}

int Attributes::narrowType(std::size_t index) const {
    if (m_types == nullptr || index >= m_node.inputs.size()) {
        return 0;
    }
    const auto found = m_types->find(m_node.inputs[index]);
    return found == m_types->end() ? 0 : found->second;
}

const Array* Attributes::storedInput(std::size_t index) const {
    if (m_stored == nullptr || index >= m_node.inputs.size()) {
        return nullptr;
    }
    const auto found = m_stored->find(m_node.inputs[index]);
    return found == m_stored->end() ? nullptr : &found->second;
}

const OperatorTable& operatorTable() {
    static const OperatorTable kTable = [] {
        OperatorTable table;
        addActivationOperators(table);
        addArithmeticOperators(table);
        addAttentionOperators(table);
        addClassicalOperators(table);
        addControlFlowOperators(table);
        addConvolutionOperators(table);
        addDetectionOperators(table);
        addIndexingOperators(table);
        addIntegerLinearOperators(table);
        addLinearOperators(table);
        addLinearAttentionOperators(table);
        addLossOperators(table);
        addMicrosoftOperators(table);
        addNormalizationOperators(table);
        addPoolingOperators(table);
        addQonnxOperators(table);
        addQuantizationOperators(table);
        addRearrangementOperators(table);
        addRecurrentOperators(table);
        addReductionOperators(table);
        addResizeOperators(table);
        addSamplingOperators(table);
        addShapeOperators(table);
        addSignalOperators(table);
        addTreeOperators(table);
        return table;
    }();
    return kTable;
}

const KernelMaker* findOperator(const network::Node& node) {
    const auto found = operatorTable().find(
        node.domain.empty() ? node.operatorType : node.domain + "/" + node.operatorType);
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

at::Tensor wrapIndices(const at::Tensor& given, std::int64_t size) {
    const at::Tensor indices = given.to(at::kLong);
    const at::Tensor wrapped = at::where(indices < 0, indices + size, indices);
    const bool inside = wrapped.numel() == 0 || (wrapped.min().item<std::int64_t>() >= 0 &&
                                                 wrapped.max().item<std::int64_t>() < size);
    require(inside, "an index is outside its axis of " + std::to_string(size));
    return wrapped;
}

void checkSize(at::IntArrayRef shape) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 28;
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        require(size >= 0, "a size is negative");
        require(size == 0 || count <= kMostElements / size,
                "a tensor would have more than 2^28 elements");
        count *= size;
    }
}

std::int64_t wrapAxis(std::int64_t axis, std::int64_t rank) {
    require(axis >= -rank && axis < rank, "the axis " + std::to_string(axis) +
                                              " is outside a tensor of " + std::to_string(rank) +
                                              " dimensions");
    return axis < 0 ? axis + rank : axis;
}

}  // namespace bitloupe::execution
