// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/execution/training/training_graph.h"

namespace bitloupe::execution {

/// Which elements of what reaches the layers of a float network its output depends on. Padding that
/// a mask takes out later (particles a jet does not have, tokens behind the end of a sentence) runs
/// through the layers like everything else, and would take part in ranges, means and second
/// moments.
///
/// Found by gradients that activation functions hand on as they are, so that a dead unit does not
/// look like a mask; and believed only if noise in the elements that were found leaves the output
/// the same, bit for bit.
class OutputReach {
public:
    /// A look at some samples. Null where every element counts, or where it cannot be told: several
    /// outputs, operators without gradients, elements that do change the output after all.
    static std::unique_ptr<const OutputReach> find(std::shared_ptr<const network::Network> network,
                                                   std::shared_ptr<const Program> program,
                                                   const Tensors& samples);

    /// By layer, a flag for each element of its first computed operand when the network runs on
    /// `samples`, in the operand's order; empty where all of them count.
    [[nodiscard]] Result<std::vector<std::vector<bool>>> of(const Tensors& samples) const;

private:
    OutputReach(std::shared_ptr<const network::Network> network,
                std::shared_ptr<const Program> program);
    [[nodiscard]] bool holds(const Tensors& samples,
                             const std::vector<std::vector<bool>>& reached) const;

    TrainingPlan m_plan;
    TrainingGraph m_graph;
};

}  // namespace bitloupe::execution
