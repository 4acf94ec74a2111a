// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_importer.h"

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <limits>
#include <memory>
#include <utility>

#include "core/base/file.h"
#include "core/importers/onnx_functions.h"
#include "core/importers/onnx_graph.h"
#include "core/importers/weight_check.h"
#include "core/network/graph_order.h"

namespace bitloupe::importers {

namespace {

/// protobuf reads no message of 2 GiB or more.
constexpr std::uint64_t kLargestFile = std::numeric_limits<std::int32_t>::max();

Error notOnnx(const std::string& what) {
    return {what, "", "check that the file is an ONNX network and copy it again from its source"};
}

/// The version of the default operator set; files older than IR version 3 say none and mean 1.
Result<std::int64_t> opsetOf(const onnx::ModelProto& model) {
    for (const onnx::OperatorSetIdProto& imported : model.opset_import()) {
        if (imported.domain().empty() || imported.domain() == "ai.onnx") {
            return std::int64_t{imported.version()};
        }
    }
    if (model.opset_import_size() > 0) {
        return std::int64_t{13};  // only operators of other domains
    }
    if (model.ir_version() >= 3) {
        return notOnnx("the file names no operator set: it is cut short or damaged");
    }
    return std::int64_t{1};
}

using SharedModel = std::shared_ptr<onnx::ModelProto>;

Result<SharedModel> parse(std::span<const std::byte> bytes) {
    if (bytes.empty()) {
        return notOnnx("the file is empty");
    }
    const auto model = std::make_shared<onnx::ModelProto>();
    if (bytes.size() > kLargestFile ||
        !model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return notOnnx("this is not a whole ONNX file");
    }
    if (!model->has_graph() || model->graph().output_size() == 0) {
        return notOnnx("the file holds no network");
    }
    return model;
}

Result<network::Graph> graphOfModel(const SharedModel& model, const std::string& folder) {
    if (const Result<void> inlined = inlineFunctions(*model); inlined.hasError()) {
        return inlined.error();
    }
    const Result<std::int64_t> opset = opsetOf(*model);
    if (opset.hasError()) {
        return opset.error();
    }
    Result<network::Graph> graph =
        graphOf(model->graph(), {.folder = folder, .opset = opset.value(), .owner = model});
    if (graph.hasError()) {
        return graph.error();
    }
    graph = network::sortedGraph(std::move(graph).value());
    if (graph.hasError()) {
        return graph.error();
    }
    if (Result<void> finite = checkWeightsAreFinite(graph.value()); finite.hasError()) {
        return finite.error();
    }
    return graph;
}

}  // namespace

Result<network::Graph> importOnnxBytes(std::span<const std::byte> bytes,
                                       const std::string& folder) {
    const Result<SharedModel> model = parse(bytes);
    return model.hasError() ? Result<network::Graph>(model.error())
                            : graphOfModel(model.value(), folder);
}

Result<network::Graph> importOnnx(const std::string& path) {
    Result<std::string> content = readFile(path, kLargestFile);
    if (content.hasError()) {
        return content.error();
    }
    const Result<SharedModel> model = parse(std::as_bytes(std::span(content.value())));
    content.value() = std::string();  // large files are not held twice
    Result<network::Graph> graph =
        model.hasError()
            ? Result<network::Graph>(model.error())
            : graphOfModel(model.value(), std::filesystem::path(path).parent_path().string());
    return graph.hasError() ? Result<network::Graph>(graph.error().within(path)) : graph;
}

}  // namespace bitloupe::importers
