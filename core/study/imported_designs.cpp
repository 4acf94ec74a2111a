// SPDX-License-Identifier: Apache-2.0
#include "core/study/imported_designs.h"

#include <algorithm>

namespace bitloupe::study {

namespace {

using Choices = std::vector<quantization::Quantizer>;

/// Adds to `all` what `more` has beyond it; a side without choices gets fp32 in both lists.
void widen(Choices& searched, Choices& all, const Choices& more) {
    Choices others = more;
    const auto fp32 = quantization::Quantizer::parse("fp32").value();
    if (more.empty() && !all.empty()) {
        others.push_back(fp32);
    } else if (!more.empty() && all.empty()) {
        searched.push_back(fp32);
        all.push_back(fp32);
    }
    for (quantization::Quantizer& choice : others) {
        if (std::find(all.begin(), all.end(), choice) == all.end()) {
            all.push_back(std::move(choice));
        }
    }
}

}  // namespace

WidenedSpace widened(const exploration::DesignSpace& space, const exploration::DesignSpace& more) {
    std::vector<exploration::LayerChoices> searched = space.layers();
    std::vector<exploration::LayerChoices> all = searched;
    for (std::size_t i = 0; i < all.size() && i < more.layers().size(); ++i) {
        widen(searched[i].weights, all[i].weights, more.layers()[i].weights);
        widen(searched[i].activations, all[i].activations, more.layers()[i].activations);
    }
    return {{std::move(searched), space.accelerators()}, {std::move(all), space.accelerators()}};
}

Result<exploration::KnownResults> loadResults(Session& session, Journal& journal) {
    const Result<exploration::DesignSpace> foreign = journal.spaceOfDesigns(kImportOrigin);
    if (foreign.hasError()) {
        return foreign.error();
    }
    if (!foreign.value().layers().empty()) {
        WidenedSpace spaces = widened(session.searchedSpace(), foreign.value());
        session.space = std::move(spaces.all);
        session.searched = std::move(spaces.searched);
    }
    return journal.load(session.space);
}

}  // namespace bitloupe::study
