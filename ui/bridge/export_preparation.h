// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/exploration/quantity.h"
#include "core/exporters/exporter.h"
#include "core/study/session.h"
#include "ui/bridge/evaluation_log.h"

namespace bitloupe::ui {

/// A design that is to be handed on, among those measured with it.
struct ExportWish {
    std::shared_ptr<study::Session> session;
    std::string results;  ///< the file that holds the evaluations
    EvaluationLog evaluations;
    exploration::DesignSpace space;  ///< of the evaluations
    exploration::Evaluation design;
    exploration::QuantityId metric;
};

/// How well a design fits one kind of export.
struct KindFit {
    std::vector<std::string> obstacles;  ///< empty: it fits
    std::int64_t nearest = 0;  ///< the measured design that fits and differs least; 0: none
    int differences = 0;       ///< sides of layers in which that one differs
};

/// A design as exports take it.
struct PreparedExport {
    std::shared_ptr<study::Session> session;          ///< keeps the data alive
    std::shared_ptr<const network::Network> network;  ///< of `design`
    exporters::ResolvedDesign design;
    std::vector<KindFit> fits;  ///< one for each of exporters::exportKinds()
};

/// Errors: trained weights that cannot be read, a design that cannot be resolved.
[[nodiscard]] Result<std::shared_ptr<const PreparedExport>> prepareExport(const ExportWish& wish);

}  // namespace bitloupe::ui
