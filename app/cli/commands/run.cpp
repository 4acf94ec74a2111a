// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "core/base/file.h"
#include "core/base/npy.h"
#include "core/execution/executor.h"
#include "core/importers/tensor_file.h"
#include "core/study/network_file.h"

namespace bitloupe::cli {

namespace {

struct RunOptions {
    ModelOptions model;
    std::vector<std::string> inputs;  ///< NAME=FILE
    std::string outputFolder;
};

Result<std::map<std::string, Array>> readInputs(const std::vector<std::string>& options) {
    std::map<std::string, Array> arrays;
    for (const std::string& option : options) {
        const std::size_t equals = option.find('=');
        const std::string name = equals == std::string::npos ? "" : option.substr(0, equals);
        const Result<Array> array = importers::readTensorFile(
            equals == std::string::npos ? option : option.substr(equals + 1));
        if (array.hasError()) {
            return array.error();
        }
        if (!arrays.emplace(name, array.value()).second) {
            return Error{"an input is given twice", "--input " + option, "leave one of them out"};
        }
    }
    return arrays;
}

Result<std::vector<Array>> execute(const std::shared_ptr<const network::Graph>& graph,
                                   const std::map<std::string, Array>& inputs,
                                   const RunOptions& options) {
    const Result<execution::Executor> executor = execution::Executor::prepare(graph);
    if (executor.hasError()) {
        return executor.error().within(options.model.source.model);
    }
    return executor.value().run(inputs);
}

/// An output's name as the name of a file.
std::string fileName(std::string output) {
    std::replace(output.begin(), output.end(), '/', '_');
    return output + ".npy";
}

void run(Context& context, const RunOptions& options) {
    const Result<std::map<std::string, Array>> inputs = readInputs(options.inputs);
    if (inputs.hasError()) {
        return context.fail(inputs.error());
    }
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : inputs.value()) {
        shapes[name] = array.shape();
    }
    const auto graph = study::openNetwork(options.model.source, shapes);
    if (graph.hasError()) {
        return context.fail(graph.error());
    }
    const Result<std::vector<Array>> outputs = execute(graph.value(), inputs.value(), options);
    if (outputs.hasError()) {
        return context.fail(outputs.error());
    }
    nlohmann::ordered_json written = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < outputs.value().size(); ++i) {
        const std::string& name = graph.value()->outputs[i].name;
        const std::string path = options.outputFolder + "/" + fileName(name);
        const Result<void> done = writeFileAtomically(path, npyBytes(outputs.value()[i]));
        if (done.hasError()) {
            return context.fail(done.error(), kWorkFailed);
        }
        written.push_back(
            {{"output", name}, {"file", path}, {"shape", outputs.value()[i].shape()}});
        if (!context.json) {
            context.out << name << " -> " << path << '\n';
        }
    }
    if (context.json) {
        context.out << written.dump(2) << '\n';
    }
}

}  // namespace

void addRunCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("run", "Run the float network on arrays from files");
    const auto options = std::make_shared<RunOptions>();
    addModelOptions(*command, options->model);
    command
        ->add_option("--input", options->inputs,
                     "NAME=FILE with a .npy file or an ONNX TensorProto .pb; once for each input")
        ->required();
    command->add_option("--output-dir", options->outputFolder, "Folder for one .npy per output")
        ->required();
    command->callback([&context, options] { run(context, *options); });
}

}  // namespace bitloupe::cli
