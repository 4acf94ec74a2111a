// SPDX-License-Identifier: Apache-2.0
// The part of the cost model that couples layers: conversions between their formats.
#include <algorithm>
#include <map>

#include "core/exploration/strategies/cost_model.h"

namespace bitloupe::exploration {

namespace {

/// Where conversions couple layers, there are as many fronts as open formats.
constexpr std::size_t kMostJointStates = 8192;

}  // namespace

void CostModel::addFormats(const DesignSpace& space) {
    m_written.assign(space.layers().size(), {});
    std::map<std::string, FormatId> ids;
    for (const network::FormatPoint& point : m_conversions.flow().points) {
        if (!point.layer.has_value()) {
            continue;
        }
        WrittenFormat& written = m_written.at(*point.layer);
        const auto add = [&](const std::optional<quantization::Quantizer>& quantizer) {
            const auto [found, isNew] =
                ids.try_emplace(storedFormat(quantizer), static_cast<FormatId>(ids.size()));
            if (isNew) {
                m_formatBits.push_back(quantization::bitsPerValue(quantizer));
            }
            written.formats.push_back(found->second);
        };
        const Side side = point.looksUp ? Side::Weights : Side::Activations;
        for (std::size_t i = 0; i < space.layerSlots().size(); ++i) {
            const Slot& slot = space.layerSlots()[i];
            if (slot.layer == *point.layer && slot.side == side) {
                written.slot = i;
                std::for_each(space.choices(slot).begin(), space.choices(slot).end(), add);
            }
        }
        if (!written.slot.has_value()) {
            add(std::nullopt);
        }
    }
}

double CostModel::priceOfConversion(std::size_t cost) const {
    switch (m_costs[cost]) {
        case QuantityId::Conversions:
            return 1;
        case QuantityId::Bops:
            return m_conversions.price().bops;
        case QuantityId::Cycles:
            return m_conversions.price().cycles;
        default:
            return 0;
    }
}

double CostModel::convertedElements(const Genes& layerGenes) const {
    const auto formatOf = [&](std::size_t layer) {
        const WrittenFormat& written = m_written[layer];
        return written.formats[written.slot.has_value() ? layerGenes[*written.slot] : 0];
    };
    const network::TensorFlow& flow = m_conversions.flow();
    return exploration::convertedElements(flow, formatsAtPoints(flow, formatOf, m_formatBits));
}

AllocationOption CostModel::worthOfConversion(const Problem& problem) const {
    AllocationOption worth{.cost = priceOfConversion(problem.cost), .score = 0};
    for (const Limit& limit : m_limits) {
        // A limit of 0 conversions has no share: one element more is as bad as all of it.
        const double most = std::max(limit.constraint.atMost.value_or(0), 1.0);
        worth.score += limit.constraint.atMost.has_value()
                           ? problem.price * priceOfConversion(limit.cost) / most
                           : 0;
    }
    return worth;
}

/// One stage for every point of the flow, in execution order, and one for every layer that is none.
JointProblem CostModel::jointProblem(const Problem& problem,
                                     std::vector<std::optional<std::size_t>>& groupOf) const {
    const network::TensorFlow& flow = m_conversions.flow();
    // Variables: the format at every point, then the genes that several layers share.
    JointProblem joint{.variables = flow.points.size(), .formatBits = m_formatBits, .stages = {}};
    std::vector<std::size_t> followers(m_leaders.size(), 0);
    for (const std::size_t leader : m_leaders) {
        ++followers[leader];
    }
    std::vector<std::optional<std::size_t>> shared(m_leaders.size());
    for (std::size_t slot = 0; slot < followers.size(); ++slot) {
        if (followers[slot] > 1) {
            shared[slot] = joint.variables++;
        }
    }
    const auto addGroup = [&](std::size_t g, std::optional<std::size_t> point,
                              const WrittenFormat* written) {
        JointProblem::Stage stage;
        const Group& group = m_groups[g];
        for (std::size_t option = 0; option < group.options.size(); ++option) {
            JointProblem::Option open{.worth = worthOf(group, option, problem)};
            for (std::size_t i = 0; i < group.slots.size(); ++i) {
                const std::uint16_t gene = group.options[option][i];
                if (const auto variable = shared[m_leaders[group.slots[i]]]) {
                    open.sets.emplace_back(*variable, gene);
                }
                if (written != nullptr && written->slot == group.slots[i]) {
                    open.sets.emplace_back(*point, written->formats[gene]);
                }
            }
            if (written != nullptr && !written->slot.has_value()) {
                open.sets.emplace_back(*point, written->formats.front());
            }
            stage.options.push_back(std::move(open));
        }
        groupOf.push_back(g);
        joint.stages.push_back(std::move(stage));
    };
    std::vector<bool> isPlaced(m_groups.size(), false);
    std::vector<std::size_t> groupOfLayer(m_written.size(), m_groups.size());
    for (std::size_t g = 0; g < m_groups.size(); ++g) {
        groupOfLayer[m_groups[g].layer] = g;
    }
    for (std::size_t p = 0; p < flow.points.size(); ++p) {
        const network::FormatPoint& point = flow.points[p];
        const std::size_t g = point.layer ? groupOfLayer[*point.layer] : m_groups.size();
        if (g < m_groups.size()) {
            addGroup(g, p, &m_written[*point.layer]);
            isPlaced[g] = true;
            continue;
        }
        JointProblem::Stage stage{.options = {{.worth = {}}}};
        if (point.layer.has_value()) {
            stage.options.front().sets = {{p, m_written[*point.layer].formats.front()}};
        } else {
            stage.join = {.variable = p, .operands = point.operands};
        }
        groupOf.emplace_back(std::nullopt);
        joint.stages.push_back(std::move(stage));
    }
    for (std::size_t g = 0; g < m_groups.size(); ++g) {
        if (!isPlaced[g]) {
            addGroup(g, std::nullopt, nullptr);
        }
    }
    const AllocationOption worth = worthOfConversion(problem);
    for (const network::PassedTensor& tensor : flow.tensors) {
        const auto elements = static_cast<double>(tensor.elements);
        joint.stages[tensor.readers.back()].charges.push_back(
            {.writer = tensor.writer,
             .readers = tensor.readers,
             .each = {.cost = elements * worth.cost, .score = elements * worth.score}});
    }
    return joint;
}

std::vector<CostModel::Genes> CostModel::solveJointly(const Problem& problem) const {
    std::vector<std::optional<std::size_t>> groupOf;
    const JointProblem joint = jointProblem(problem, groupOf);
    std::vector<Genes> front;
    for (const AllocationPoint& point : allocateJointly(joint, kMostJointStates)) {
        Genes chosen(m_bits.size(), 0);
        for (std::size_t stage = 0; stage < groupOf.size(); ++stage) {
            if (groupOf[stage].has_value()) {
                const Group& group = m_groups[*groupOf[stage]];
                const Genes& option = group.options[point.options[stage]];
                for (std::size_t s = 0; s < option.size(); ++s) {
                    chosen[group.slots[s]] = option[s];
                }
            }
        }
        front.push_back(std::move(chosen));
    }
    return front;
}

}  // namespace bitloupe::exploration
