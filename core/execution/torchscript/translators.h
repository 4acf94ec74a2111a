// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

namespace bitloupe::execution::torchscript {

class Call;

/// Writes down one operator of the script and gives its results their edges.
using Translator = std::function<void(Call&)>;
using Translators = std::map<std::string, Translator, std::less<>>;

/// The translator of "aten::relu" (and of "aten::relu_"), or nullptr.
[[nodiscard]] const Translator* findTranslator(const std::string& name);

// One function a group, each in its own file under translate/.
void addActivations(Translators& table);
void addArithmetic(Translators& table);
void addCreation(Translators& table);
void addIndexing(Translators& table);
void addLayers(Translators& table);
void addNumbers(Translators& table);
void addPooling(Translators& table);
void addQuantized(Translators& table);
void addRecurrent(Translators& table);
void addReductions(Translators& table);
void addShapes(Translators& table);
void addSignals(Translators& table);

}  // namespace bitloupe::execution::torchscript
