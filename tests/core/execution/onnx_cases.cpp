// SPDX-License-Identifier: Apache-2.0
#include "tests/core/execution/onnx_cases.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "core/importers/tensor_file.h"

namespace bitloupe::testing {

namespace {

namespace fs = std::filesystem;
using Inputs = std::map<std::string, Array>;

std::string shapeText(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t dimension : shape) {
        text += (text.size() > 1 ? "," : "") + std::to_string(dimension);
    }
    return text + "]";
}

void collectOperators(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                      std::set<std::string>& operators) {
    for (const onnx::NodeProto& node : nodes) {
        operators.insert(node.op_type());
        for (const onnx::AttributeProto& attribute : node.attribute()) {
            collectOperators(attribute.g().node(), operators);
        }
    }
}

/// What ONNX's runner feeds the light networks: 0/n, 1/n ... in row-major order.
Array countingInput(const network::ValueInfo& input) {
    Shape shape;
    for (const network::Dimension& dimension : input.shape) {
        shape.push_back(dimension.value.value_or(1));
    }
    std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(static_cast<double>(i) / static_cast<double>(values.size()));
    }
    return Array::of(std::move(shape), values);
}

template <typename T>
std::string firstDifference(const Array& got, const Array& expected, double relative,
                            double absolute) {
    const std::span<const T> ours = got.as<T>();
    const std::span<const T> theirs = expected.as<T>();
    if constexpr (std::is_floating_point_v<T>) {
        // The expected values themselves are known to a unit in the last place of their largest:
        // the spectra among them were computed in float32.
        for (const T value : theirs) {
            if (std::isfinite(value)) {
                absolute = std::max(absolute, 1.2e-7 * std::fabs(static_cast<double>(value)));
            }
        }
    }
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        bool same = ours[i] == theirs[i];
        if constexpr (std::is_floating_point_v<T>) {
            const double a = ours[i];
            const double b = theirs[i];
            same = same || (std::isnan(a) && std::isnan(b)) ||
                   std::fabs(a - b) <= absolute + relative * std::fabs(b);
        }
        if (!same) {
            return "element " + std::to_string(i) + " is " + std::to_string(ours[i]) + ", not " +
                   std::to_string(theirs[i]);
        }
    }
    return "";
}

/// Everything a case expects of one run.
struct Expectation {
    Inputs inputs;
    std::vector<Array> outputs;
};

Result<Expectation> readDataSet(const network::Graph& graph, const std::string& folder) {
    Expectation expectation;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        Result<Array> array =
            importers::readTensorFile(folder + "/input_" + std::to_string(i) + ".pb");
        if (array.hasError()) {
            return array.error();
        }
        expectation.inputs[graph.inputs[i].name] = std::move(array).value();
    }
    for (std::size_t i = 0; fs::exists(folder + "/output_" + std::to_string(i) + ".pb"); ++i) {
        Result<Array> array =
            importers::readTensorFile(folder + "/output_" + std::to_string(i) + ".pb");
        if (array.hasError()) {
            return array.error();
        }
        expectation.outputs.push_back(std::move(array).value());
    }
    return expectation;
}

Result<std::vector<Expectation>> readExpectations(const network::Graph& graph,
                                                  const OnnxCase& onnxCase) {
    std::vector<Expectation> all;
    for (const std::string& folder : onnxCase.dataSets) {
        Result<Expectation> one = readDataSet(graph, folder);
        if (one.hasError()) {
            return one.error();
        }
        all.push_back(std::move(one).value());
    }
    if (!onnxCase.lightOutput.empty()) {
        Result<Array> output = importers::readTensorFile(onnxCase.lightOutput);
        if (output.hasError()) {
            return output.error();
        }
        all.push_back({{{graph.inputs.at(0).name, countingInput(graph.inputs.at(0))}},
                       {std::move(output).value()}});
    }
    return all;
}

std::string checkRun(const execution::Executor& executor, const Expectation& expectation) {
    const Result<std::vector<Array>> outputs = executor.run(expectation.inputs);
    if (outputs.hasError()) {
        return outputs.error().sentence();
    }
    if (outputs.value().size() != expectation.outputs.size() || expectation.outputs.empty()) {
        return std::to_string(outputs.value().size()) + " outputs, not " +
               std::to_string(expectation.outputs.size());
    }
    for (std::size_t i = 0; i < expectation.outputs.size(); ++i) {
        const std::string difference = differenceOf(outputs.value()[i], expectation.outputs[i]);
        if (!difference.empty()) {
            return "output " + std::to_string(i) + ": " + difference;
        }
    }
    return "";
}

}  // namespace

std::vector<OnnxCase> findOnnxCases(const std::string& folder) {
    std::vector<OnnxCase> cases;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string path = entry.path().string();
        if (entry.is_directory()) {
            OnnxCase found{entry.path().filename().string(), path + "/model.onnx", {}, ""};
            for (const fs::directory_entry& inner : fs::directory_iterator(entry.path())) {
                if (inner.is_directory()) {
                    found.dataSets.push_back(inner.path().string());
                }
            }
            cases.push_back(std::move(found));
        } else if (path.ends_with(".onnx")) {
            cases.push_back({entry.path().stem().string(),
                             path,
                             {},
                             path.substr(0, path.size() - 5) + "_output_0.pb"});
        }
    }
    std::sort(cases.begin(), cases.end(),
              [](const OnnxCase& a, const OnnxCase& b) { return a.name < b.name; });
    return cases;
}

std::set<std::string> operatorsOf(const OnnxCase& onnxCase) {
    std::ifstream file(onnxCase.model, std::ios::binary);
    onnx::ModelProto model;
    std::set<std::string> operators;
    if (model.ParseFromIstream(&file)) {
        collectOperators(model.graph().node(), operators);
        for (const onnx::FunctionProto& function : model.functions()) {
            collectOperators(function.node(), operators);
        }
    }
    return operators;
}

OnnxVerdict runOnnxCase(const OnnxCase& onnxCase) {
    using Kind = OnnxVerdict::Kind;
    const auto graph = importers::importNetwork({onnxCase.model, ""});
    if (graph.hasError()) {
        return {Kind::Refused, graph.error().sentence()};
    }
    const auto executor = execution::Executor::prepare(graph.value());
    if (executor.hasError()) {
        return {Kind::Refused, executor.error().sentence()};
    }
    const auto expectations = readExpectations(*graph.value(), onnxCase);
    if (expectations.hasError()) {
        return {Kind::Failed, expectations.error().sentence()};
    }
    if (expectations.value().empty()) {
        return {Kind::Failed, "the case has no data"};
    }
    for (const Expectation& expectation : expectations.value()) {
        const std::string difference = checkRun(executor.value(), expectation);
        if (!difference.empty()) {
            return {Kind::Failed, difference};
        }
    }
    return {Kind::Passed, ""};
}

std::string differenceOf(const Array& got, const Array& expected, double relative,
                         double absolute) {
    if (got.type() != expected.type()) {
        return std::string(elementTypeName(got.type())) + ", not " +
               std::string(elementTypeName(expected.type()));
    }
    if (got.shape() != expected.shape()) {
        return "shape " + shapeText(got.shape()) + ", not " + shapeText(expected.shape());
    }
    switch (got.type()) {
        case ElementType::Float32:
            return firstDifference<float>(got, expected, relative, absolute);
        case ElementType::Float64:
            return firstDifference<double>(got, expected, relative, absolute);
        case ElementType::Int8:
            return firstDifference<std::int8_t>(got, expected, relative, absolute);
        case ElementType::Uint8:
            return firstDifference<std::uint8_t>(got, expected, relative, absolute);
        case ElementType::Int16:
            return firstDifference<std::int16_t>(got, expected, relative, absolute);
        case ElementType::Uint16:
            return firstDifference<std::uint16_t>(got, expected, relative, absolute);
        case ElementType::Int32:
            return firstDifference<std::int32_t>(got, expected, relative, absolute);
        case ElementType::Uint32:
            return firstDifference<std::uint32_t>(got, expected, relative, absolute);
        case ElementType::Int64:
            return firstDifference<std::int64_t>(got, expected, relative, absolute);
        case ElementType::Uint64:
            return firstDifference<std::uint64_t>(got, expected, relative, absolute);
        case ElementType::Bool:
            return firstDifference<bool>(got, expected, relative, absolute);
    }
    return "an unknown element type";
}

}  // namespace bitloupe::testing
