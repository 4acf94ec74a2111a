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
std::string reasonOf(const std::exception& error) {
    const auto* known = dynamic_cast<const c10::Error*>(&error);
    const std::string text = known != nullptr ? known->what_without_backtrace() : error.what();
    const std::size_t start = text.find_first_not_of('\n');
    return start == std::string::npos ? text : text.substr(start, text.find('\n', start) - start);
}

void collectTensors(const c10::IValue& value, std::vector<Array>& arrays) {
    if (value.isTensor()) {
        arrays.push_back(toArray(value.toTensor()));
    } else if (value.isTuple()) {
        for (const c10::IValue& item : value.toTupleRef().elements()) {
            collectTensors(item, arrays);
        }
    } else if (value.isList()) {
        for (const c10::IValue& item : value.toListRef()) {
            collectTensors(item, arrays);
        }
    }
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
    } catch (const std::exception& error) {
        return Error{"LibTorch does not take the module: " + reasonOf(error), "TorchScript",
                     "choose another export"};
    }
}

Result<std::vector<Array>> runTorchScript(const std::string& path,
                                          const std::vector<Array>& inputs) {
    const SingleThreadScope scope;
    try {
        torch::jit::Module module = torch::jit::load(path, at::kCPU);
        module.eval();
        std::vector<c10::IValue> values;
        const auto& arguments = module.get_method("forward").function().getSchema().arguments();
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const at::Tensor tensor = borrowTensor(inputs[i]);
            const bool number = i + 1 < arguments.size() && tensor.dim() == 0 &&
                                arguments[i + 1].type()->kind() == c10::TypeKind::IntType;
            values.emplace_back(number ? c10::IValue(tensor.item<std::int64_t>())
                                       : c10::IValue(tensor));
        }
        std::vector<Array> outputs;
        collectTensors(module.forward(std::move(values)), outputs);
        return outputs;
    } catch (const std::exception& error) {
        return Error{"LibTorch cannot run the file: " + reasonOf(error), path,
                     "save the network again"};
    }
}

}  // namespace bitloupe::execution
