// SPDX-License-Identifier: Apache-2.0
#include "app/cli/model_options.h"

#include <optional>

#include "core/base/text.h"
#include "core/exploration/memory_budget.h"

namespace bitloupe::cli {

namespace {

Result<Shape> parseShape(const std::string& option, const std::string& written) {
    Shape shape;
    for (const std::string& part : text::split(written, 'x')) {
        const std::optional<std::int64_t> dimension = text::parseInteger(part);
        if (!dimension || *dimension < 1 || *dimension > 1'000'000'000) {
            return Error{"this is not a shape", "--input " + option,
                         "write it like --input image=1x3x224x224"};
        }
        shape.push_back(*dimension);
    }
    return shape;
}

}  // namespace

Result<std::map<std::string, Shape>> ModelOptions::inputShapes() const {
    std::map<std::string, Shape> shapes;
    for (const std::string& option : inputs) {
        const std::size_t equals = option.rfind('=');
        const std::string name = equals == std::string::npos ? "" : option.substr(0, equals);
        const std::string written =
            equals == std::string::npos ? option : option.substr(equals + 1);
        Result<Shape> shape = parseShape(option, written);
        if (shape.hasError()) {
            return shape.error();
        }
        if (!shapes.emplace(name, std::move(shape).value()).second) {
            return Error{"the shape of one input is given twice", "--input " + option,
                         "leave one of them out"};
        }
    }
    return shapes;
}

void addModelOptions(CLI::App& command, ModelOptions& options) {
    command
        .add_option("MODEL", options.source.model,
                    "An .onnx or TorchScript .pt file, or architecture:NAME[,parameter=value...]")
        ->required();
    command.add_option("--weights-file", options.source.weightsFile,
                       "The weights of an architecture: .pth, .pt or .safetensors");
}

void addMemoryOption(CLI::App& command, std::string& memory) {
    command.add_option("--memory", memory,
                       "What measuring may keep, for instance 2GiB or 10% (default 25%); results "
                       "do not depend on it");
}

Result<std::size_t> readMemoryOption(const std::string& memory) {
    if (memory.empty()) {
        return std::size_t{0};
    }
    Result<std::size_t> bytes = exploration::parseMemoryBudget(memory);
    return bytes.hasError() ? Result<std::size_t>(bytes.error().within("--memory")) : bytes;
}

void addInputShapeOption(CLI::App& command, ModelOptions& options) {
    command.add_option("--input", options.inputs,
                       "The shape of an input with free dimensions: NAME=1x3x224x224");
}

}  // namespace bitloupe::cli
