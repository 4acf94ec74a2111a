// SPDX-License-Identifier: Apache-2.0
#include "core/data/sample_reader.h"

#include <stdexcept>

namespace bitloupe::data {

namespace {

template <typename From, typename To>
Array convertTo(const Array& array) {
    const std::span<const From> values = array.as<From>();
    std::vector<To> out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = static_cast<To>(values[i]);
    }
    return Array::of<To>(array.shape(), out);
}

template <typename From>
Array convertFrom(const Array& array, ElementType type) {
    switch (type) {
        case ElementType::Float32:
            return convertTo<From, float>(array);
        case ElementType::Float64:
            return convertTo<From, double>(array);
        case ElementType::Int32:
            return convertTo<From, std::int32_t>(array);
        case ElementType::Int64:
            return convertTo<From, std::int64_t>(array);
        default:
            throw std::logic_error("samples are not converted to this type");
    }
}

/// std::vector<bool> has no elements to share, so booleans go through bytes.
Array toBool(const Array& array) {
    const Array numbers = converted(array, ElementType::Float64);
    std::vector<std::byte> bytes;
    for (const double value : numbers.as<double>()) {
        bytes.push_back(value != 0 ? std::byte{1} : std::byte{0});
    }
    return Array::fromBytes(ElementType::Bool, array.shape(), bytes);
}

}  // namespace

Array converted(const Array& array, ElementType type) {
    if (array.type() == type) {
        return array;
    }
    if (type == ElementType::Bool) {
        return toBool(array);
    }
    switch (array.type()) {
        case ElementType::Float32:
            return convertFrom<float>(array, type);
        case ElementType::Float64:
            return convertFrom<double>(array, type);
        case ElementType::Int8:
            return convertFrom<std::int8_t>(array, type);
        case ElementType::Uint8:
            return convertFrom<std::uint8_t>(array, type);
        case ElementType::Int16:
            return convertFrom<std::int16_t>(array, type);
        case ElementType::Uint16:
            return convertFrom<std::uint16_t>(array, type);
        case ElementType::Int32:
            return convertFrom<std::int32_t>(array, type);
        case ElementType::Uint32:
            return convertFrom<std::uint32_t>(array, type);
        case ElementType::Int64:
            return convertFrom<std::int64_t>(array, type);
        case ElementType::Uint64:
            return convertFrom<std::uint64_t>(array, type);
        case ElementType::Bool:
            return convertFrom<bool>(array, type);
    }
    throw std::logic_error("unknown element type");
}

ElementType sampleType(ElementType stored) {
    switch (stored) {
        case ElementType::Int32:
        case ElementType::Uint32:
        case ElementType::Int64:
        case ElementType::Uint64:
            return ElementType::Int64;
        default:
            return ElementType::Float32;
    }
}

Shape sampleShapeOf(const Shape& all) {
    Shape shape(all.begin() + 1, all.end());
    return shape.empty() ? Shape{1} : shape;
}

MemoryReader::MemoryReader(std::vector<Input> inputs, std::vector<std::int64_t> labels,
                           std::vector<float> targets)
    : m_inputs(std::move(inputs)), m_labels(std::move(labels)), m_targets(std::move(targets)) {
    m_head.count = m_inputs.front().values.shape().front();
    for (const Input& input : m_inputs) {
        m_head.inputs.push_back(
            {input.name, input.type, sampleShapeOf(input.values.shape()), input.marks});
    }
    if (m_head.count > 0) {
        m_head.labels = static_cast<std::int64_t>(m_labels.size()) / m_head.count;
        m_head.targets = static_cast<std::int64_t>(m_targets.size()) / m_head.count;
    }
}

Result<SampleBlock> MemoryReader::read(std::int64_t first, std::int64_t count) {
    SampleBlock block;
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
        Shape shape = m_head.inputs[i].sample;
        shape.insert(shape.begin(), count);
        const Array rows = converted(m_inputs[i].values.rows(first, count), m_inputs[i].type);
        block.inputs.push_back(rows.reshaped(std::move(shape)));
    }
    const auto part = [&](const auto& all, std::int64_t each) {
        return std::remove_cvref_t<decltype(all)>(all.begin() + first * each,
                                                  all.begin() + (first + count) * each);
    };
    block.labels = part(m_labels, m_head.labels);
    block.targets = part(m_targets, m_head.targets);
    return block;
}

}  // namespace bitloupe::data
