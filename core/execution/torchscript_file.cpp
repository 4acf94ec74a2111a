// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript_file.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

#include "core/execution/program.h"
#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

namespace {

/// The first line of what LibTorch says: the rest are its own source positions.
std::string reasonOf(const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return text.substr(0, text.find('\n'));
}

}  // namespace

Result<std::string> torchScriptBytes(const ScriptModule& module) {
    try {
        torch::jit::Module built("Design");
        for (const auto& [name, array] : module.tensors) {
            built.register_buffer(name, borrowTensor(array));
        }
        built.define(module.source);
        std::ostringstream stream;
        built.save(stream);
        return std::move(stream).str();
    } catch (const c10::Error& error) {
        return Error{"LibTorch does not take the module: " + reasonOf(error), "TorchScript",
                     "choose another export"};
    }
}

Result<Array> runTorchScript(const std::string& path, const std::vector<Array>& inputs) {
    const SingleThreadScope scope;
    try {
        torch::jit::Module module = torch::jit::load(path);
        module.eval();
        std::vector<c10::IValue> values;
        for (const Array& input : inputs) {
            values.emplace_back(borrowTensor(input));
        }
        const c10::IValue result = module.forward(std::move(values));
        return toArray(result.isTuple() ? result.toTupleRef().elements()[0].toTensor()
                                        : result.toTensor());
    } catch (const c10::Error& error) {
        return Error{"LibTorch cannot run the file: " + reasonOf(error), path,
                     "export the design again"};
    }
}

}  // namespace bitloupe::execution
