// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_description.h"
#include "core/execution/training/training_settings.h"
#include "core/exploration/quantity.h"
#include "core/exploration/strategy.h"
#include "core/hardware/accelerator.h"
#include "core/importers/importer.h"
#include "core/quantization/preparation/preparation.h"
#include "core/quantization/quantizer.h"
#include "core/study/training_yaml.h"

namespace bitloupe::study {

/// Exceptions to the study-wide lists for one layer: what it may use instead. "float" alone locks a
/// side to float; an empty list is no exception.
struct LayerOverride {
    std::vector<std::string> weights;
    std::vector<std::string> activations;
};

/// A study as its YAML file says it; relative paths are relative to that file. Text in, text out.
struct StudyDescription {
    std::string name;
    std::string note;  ///< one sentence for people; may be empty
    importers::NetworkSource network;
    data::DataDescription data;
    /// Done to the whole network first, in this order.
    std::vector<quantization::Preparation> preparations;
    std::vector<quantization::Quantizer> weights;
    std::vector<quantization::Quantizer> activations;
    /// Percent of all weights together that one magnitude threshold prunes, 0 for none; every
    /// weight choice without a pruning of its own also stands with its layer's share of it.
    double globalPruning = 0;
    std::map<std::string, LayerOverride> layers;
    std::vector<hardware::Accelerator> accelerators;
    execution::TrainingSettings training;                           ///< from nothing
    execution::TrainingSettings fineTuning = fineTuningDefaults();  ///< of a design
    /// At most one metric among them. `accuracy` stands for whatever metric the data asks for or
    /// suits; openSession() puts that one in its place.
    std::vector<exploration::QuantityId> objectives;
    /// What converting an element between two layers' formats adds to `bops` and to `cycles`.
    exploration::ConversionPrice conversionPrice = {};
    exploration::StrategySettings strategy;
    bool sensitivity = true;
    bool leaveOneInFloat = false;
    std::vector<std::string> channelLayers;  ///< layers whose channels are measured one by one
    std::int64_t channelGroup = 1;           ///< channels that are rounded together there
    std::int64_t evaluations = 1000;
    /// Confidence of early stopping, 0.5 to less than 1; nothing: every design sees every sample.
    std::optional<double> earlyStopping = {};
    std::string memory;  ///< what measuring may keep, as parseMemoryBudget() reads; "": a quarter

    std::string folder;  ///< of the file it was read from; not written
};

/// The study-wide lists stay lists of formats; an override of a side is used instead of its list.
/// `data` may also name a file or folder that data::describeData() recognises.
///
/// Reads a study. Unknown or doubled keys, octal-looking numbers and wrong types are errors that
/// name the file, the line and the key.
[[nodiscard]] Result<StudyDescription> readStudy(const std::string& path);
[[nodiscard]] Result<StudyDescription> parseStudy(const std::string& yaml, const std::string& path);
/// A share from 0.5 to less than 1 out of `99%` or `0.99`.
[[nodiscard]] Result<double> parseConfidence(const std::string& text);
/// The study as a YAML file in `study.folder` says it; readStudy() reads the same study from it.
[[nodiscard]] std::string writeStudy(const StudyDescription& study);

/// The network's source with its files found from the study's folder.
[[nodiscard]] importers::NetworkSource networkOf(const StudyDescription& study);

}  // namespace bitloupe::study
