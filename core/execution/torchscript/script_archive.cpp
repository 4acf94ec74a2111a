// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/script_archive.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/base/zip_archive.h"

namespace bitloupe::execution::torchscript {

namespace {

constexpr std::string_view kFromScript = "RuntimeError: ";
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30U;

/// PyTorch stores what it saves without compressing it: an archive that grows is no network.
Result<void> checkSize(const std::string& path) {
    const Result<ZipArchive> archive = ZipArchive::open(path);
    if (archive.hasError()) {
        return archive.error();
    }
    std::uint64_t total = 0;
    std::uint64_t packed = 0;
    for (const ZipArchive::Entry& entry : archive.value().entries()) {
        total += std::min(entry.size, kMostBytes);
        packed += entry.packedSize;
    }
    if (total > kMostBytes || total > 64 * packed + (std::uint64_t{64} << 20U)) {
        return Error{
            "the archive unpacks to " + std::to_string(total >> 20U) + " MB, which no network does",
            path, "copy the file again from its source"};
    }
    return {};
}

bool writesAttributes(const torch::jit::Block* block) {
    return std::any_of(
        block->nodes().begin(), block->nodes().end(), [](const torch::jit::Node* node) {
            return node->kind() == c10::prim::SetAttr ||
                   std::any_of(node->blocks().begin(), node->blocks().end(), writesAttributes);
        });
}

std::string libraryVersion() {
    return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR);
}

}  // namespace

std::string complaintOf(const std::exception& error) {
    const auto* known = dynamic_cast<const c10::Error*>(&error);
    const std::string whole = known != nullptr ? known->what_without_backtrace() : error.what();
    std::string first;
    for (const std::string& line : text::split(whole, '\n')) {
        const std::string words = text::trim(line);
        // Where an operation of a script failed, its own complaint comes last.
        if (words.starts_with(kFromScript)) {
            return words.substr(kFromScript.size());
        }
        first = first.empty() ? words : first;
    }
    if (first.ends_with(':') || first.ends_with('.')) {
        first.pop_back();
    }
    return first.empty() ? "it does not say why" : first;
}

c10::IValue Script::run(const std::vector<c10::IValue>& inputs) const {
    const at::NoGradGuard guard;
    torch::jit::Module copy = keepsState ? module.deepcopy() : module;
    return copy.forward(inputs);
}

Result<Script> loadScript(const std::string& path) {
    if (const Result<void> size = checkSize(path); size.hasError()) {
        return size.error();
    }
    try {
        torch::jit::Module module = torch::jit::load(path, at::kCPU);
        module.eval();
        const auto forward = module.find_method("forward");
        if (!forward) {
            return Error{"the script has no method forward", path,
                         "save a module whose forward method is the network"};
        }
        std::shared_ptr<torch::jit::Graph> graph = forward->graph()->copy();
        // Calls within calls are inlined only while optimization is on; what follows runs each
        // script a few times, where optimizing it costs more than it gains.
        torch::jit::setGraphExecutorOptimize(true);
        torch::jit::Inline(*graph);
        torch::jit::setGraphExecutorOptimize(false);
        torch::jit::LowerSimpleTuples(graph);  // what nobody takes out of them is dead
        torch::jit::EliminateDeadCode(graph);
        return Script{module, graph, writesAttributes(graph->block())};
    } catch (const std::exception& error) {
        return Error{
            "LibTorch " + libraryVersion() + " cannot read this TorchScript archive (" +
                complaintOf(error) + ")",
            path,
            "save the network again with PyTorch " + libraryVersion() + ", or export it as ONNX"};
    }
}

}  // namespace bitloupe::execution::torchscript
