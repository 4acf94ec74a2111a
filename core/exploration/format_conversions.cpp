// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/format_conversions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace bitloupe::exploration {

namespace {

/// Numbers the formats of an assignment.
class Numbered {
public:
    FormatId idOf(const std::optional<quantization::Quantizer>& quantizer) {
        const auto [found, isNew] =
            m_ids.try_emplace(storedFormat(quantizer), static_cast<FormatId>(m_names.size()));
        if (isNew) {
            m_names.push_back(found->first);
            m_bits.push_back(quantization::bitsPerValue(quantizer));
        }
        return found->second;
    }
    [[nodiscard]] const std::vector<double>& bits() const { return m_bits; }
    [[nodiscard]] const std::string& name(FormatId id) const { return m_names.at(id); }

private:
    std::map<std::string, FormatId> m_ids;
    std::vector<std::string> m_names;
    std::vector<double> m_bits;
};

std::vector<FormatId> formatsOf(const network::TensorFlow& flow, const Assignment& assignment,
                                Numbered& numbered) {
    std::vector<FormatId> written(assignment.size());
    for (const network::FormatPoint& point : flow.points) {
        if (point.layer.has_value()) {
            const quantization::LayerScheme& scheme = assignment.at(*point.layer);
            written[*point.layer] =
                numbered.idOf(point.looksUp ? scheme.weights : scheme.activations);
        }
    }
    return formatsAtPoints(
        flow, [&written](std::size_t layer) { return written[layer]; }, numbered.bits());
}

std::size_t lastLayerOf(const network::TensorFlow& flow, std::size_t point) {
    while (!flow.points[point].layer.has_value()) {
        point = flow.points[point].operands.back();
    }
    return *flow.points[point].layer;
}

std::vector<FormatId> formatsAt(std::span<const std::size_t> points,
                                std::span<const FormatId> formats) {
    std::vector<FormatId> found;
    std::transform(points.begin(), points.end(), std::back_inserter(found),
                   [formats](std::size_t point) { return formats[point]; });
    return found;
}

}  // namespace

std::string storedFormat(const std::optional<quantization::Quantizer>& quantizer) {
    if (!quantizer.has_value()) {
        return "fp32";
    }
    switch (quantizer->granularity) {
        case quantization::Granularity::Channel:
            return quantizer->format.name() + "@channel";
        case quantization::Granularity::Group:
            return quantizer->format.name() + "@group" + std::to_string(quantizer->groupSize);
        case quantization::Granularity::Tensor:
            break;
    }
    return quantizer->format.isIdentity() ? "fp32" : quantizer->format.name();
}

FormatId widest(std::span<const FormatId> formats, std::span<const double> bits) {
    return *std::max_element(formats.begin(), formats.end(), [bits](FormatId a, FormatId b) {
        return bits[a] < bits[b];  // the first of several
    });
}

std::size_t conversionsOf(FormatId writer, std::span<const FormatId> readers) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < readers.size(); ++i) {
        const auto before = readers.first(i);
        count += readers[i] != writer &&
                         std::find(before.begin(), before.end(), readers[i]) == before.end()
                     ? 1
                     : 0;
    }
    return count;
}

std::vector<FormatId> formatsAtPoints(const network::TensorFlow& flow,
                                      const std::function<FormatId(std::size_t)>& formatOf,
                                      std::span<const double> bits) {
    std::vector<FormatId> formats;
    for (const network::FormatPoint& point : flow.points) {
        formats.push_back(point.layer.has_value()
                              ? formatOf(*point.layer)
                              : widest(formatsAt(point.operands, formats), bits));
    }
    return formats;
}

double convertedElements(const network::TensorFlow& flow, std::span<const FormatId> formats) {
    double sum = 0;
    for (const network::PassedTensor& tensor : flow.tensors) {
        sum += static_cast<double>(tensor.elements) *
               static_cast<double>(
                   conversionsOf(formats[tensor.writer], formatsAt(tensor.readers, formats)));
    }
    return sum;
}

FormatConversions::FormatConversions(const network::Network& network, ConversionPrice price)
    : FormatConversions(network::tensorFlowOf(network), price) {}

FormatConversions::FormatConversions(network::TensorFlow flow, ConversionPrice price)
    : m_flow(std::make_shared<const network::TensorFlow>(std::move(flow))), m_price(price) {}

double FormatConversions::elements(const Assignment& assignment) const {
    Numbered numbered;
    return assignment.empty()
               ? 0
               : convertedElements(*m_flow, formatsOf(*m_flow, assignment, numbered));
}

std::vector<Conversion> FormatConversions::list(const Assignment& assignment) const {
    std::vector<Conversion> all;
    if (assignment.empty()) {
        return all;
    }
    constexpr double kBitsPerByte = 8;
    Numbered numbered;
    const std::vector<FormatId> formats = formatsOf(*m_flow, assignment, numbered);
    for (const network::PassedTensor& tensor : m_flow->tensors) {
        const FormatId from = formats[tensor.writer];
        std::vector<FormatId> targets = formatsAt(tensor.readers, formats);
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const std::span<const FormatId> upToHere = std::span(targets).first(i + 1);
            if (conversionsOf(from, upToHere) == conversionsOf(from, upToHere.first(i))) {
                continue;
            }
            const double bits = numbered.bits()[from] + numbered.bits()[targets[i]];
            all.push_back({.tensor = tensor.name,
                           .layer = lastLayerOf(*m_flow, tensor.writer),
                           .from = numbered.name(from),
                           .to = numbered.name(targets[i]),
                           .elements = tensor.elements,
                           .bytes = static_cast<double>(tensor.elements) * bits / kBitsPerByte});
        }
    }
    return all;
}

double FormatConversions::mostElements() const {
    double sum = 0;
    for (const network::PassedTensor& tensor : m_flow->tensors) {
        sum += static_cast<double>(tensor.elements) * static_cast<double>(tensor.readers.size());
    }
    return sum;
}

}  // namespace bitloupe::exploration
