// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/export_preparation.h"

#include "core/exporters/nearest_fit.h"
#include "core/study/tuned_design.h"

namespace bitloupe::ui {

namespace {

/// Fills in the nearest design that fits.
void findNearest(const exporters::ExportKind& kind, const ExportWish& wish,
                 const exploration::Assignment& wanted, KindFit& fit) {
    std::vector<const exploration::Evaluation*> measured;
    for (std::size_t i = 0; i < wish.evaluations.size(); ++i) {
        measured.push_back(&wish.evaluations[i]);
    }
    const exporters::NearestFit nearest = exporters::nearestFit(
        kind, *wish.session->network, wanted, wish.space, measured, wish.metric);
    fit.nearest = nearest.id;
    fit.differences = nearest.differences;
}

}  // namespace

Result<std::shared_ptr<const PreparedExport>> prepareExport(const ExportWish& wish) {
    const exploration::Assignment wanted = wish.space.assignment(wish.design.design);
    Result<exploration::TunedDesign> tuned =
        study::designOf(*wish.session, wanted, study::weightsFileOf(wish.results, wish.design));
    if (tuned.hasError()) {
        return tuned.error();
    }
    auto prepared = std::make_shared<PreparedExport>();
    prepared->session = wish.session;
    prepared->network = tuned.value().network;
    prepared->design =
        exporters::resolveDesign(tuned.value(), wanted, wish.space.accelerator(wish.design.design));
    for (const exporters::ExportKind& kind : exporters::exportKinds()) {
        KindFit& fit = prepared->fits.emplace_back();
        fit.obstacles = exporters::obstacles(kind, prepared->design.schemes());
        if (!fit.obstacles.empty()) {
            findNearest(kind, wish, wanted, fit);
        }
    }
    return std::shared_ptr<const PreparedExport>(std::move(prepared));
}

}  // namespace bitloupe::ui
