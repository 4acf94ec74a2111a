// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

const Translators& translators() {
    static const Translators kTable = [] {
        Translators table;
        addActivations(table);
        addArithmetic(table);
        addCreation(table);
        addIndexing(table);
        addLayers(table);
        addNumbers(table);
        addPooling(table);
        addQuantized(table);
        addRecurrent(table);
        addReductions(table);
        addShapes(table);
        addSignals(table);
        return table;
    }();
    return kTable;
}

}  // namespace

const Translator* findTranslator(const std::string& name) {
    auto found = translators().find(name);
    if (found == translators().end() && name.ends_with('_')) {
        found = translators().find(name.substr(0, name.size() - 1));
    }
    return found == translators().end() ? nullptr : &found->second;
}

}  // namespace bitloupe::execution::torchscript
