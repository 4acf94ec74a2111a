// SPDX-License-Identifier: Apache-2.0
// The float forward pass of MobileNet-class networks, batch 32, one thread, beside ONNX Runtime.
// Processor time, best of five: other programs on the machine count as little as possible.
// Needs BITLOUPE_TEST_DATA and BITLOUPE_TEST_PYTHON.
#include <QtCore/QStringList>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include "core/execution/executor.h"
#include "core/importers/importer.h"
#include "tests/support/graph_builder.h"
#include "tests/support/python.h"
#include "tests/support/test_data.h"

using namespace bitloupe;

namespace {

struct Candidate {
    const char* file;
    Shape shape;
};

double processorSeconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::optional<double> secondsOf(const std::string& path, const Shape& shape) {
    const auto graph = importers::importNetwork({path, ""});
    if (graph.hasError()) {
        std::fprintf(stderr, "%s\n", graph.error().sentence().c_str());
        return std::nullopt;
    }
    const auto executor = execution::Executor::prepare(graph.value());
    if (executor.hasError()) {
        std::fprintf(stderr, "%s\n", executor.error().sentence().c_str());
        return std::nullopt;
    }
    const std::map<std::string, Array> inputs = {{"", testing::someArray(shape, 1)}};
    double best = 1e9;
    for (int i = 0; i < 6; ++i) {  // the first one warms up
        const double start = processorSeconds();
        const auto outputs = executor.value().run(inputs);
        if (outputs.hasError()) {
            std::fprintf(stderr, "%s\n", outputs.error().sentence().c_str());
            return std::nullopt;
        }
        best = i == 0 ? best : std::min(best, processorSeconds() - start);
    }
    return best;
}

}  // namespace

int main() {
    const Candidate candidates[] = {
        {"models/onnx/facedet/retinaface_mbnet0.25.onnx", {32, 3, 160, 160}},
        {"models/onnx/rapidocr/ch_mobile_v1.1_det.onnx", {32, 3, 128, 128}},
        {"models/onnx/facedet/YuFaceDetectNet.onnx", {32, 3, 160, 160}},
        {"models/onnx/ultraface/version-RFB-320.onnx", {32, 3, 240, 320}}};
    std::printf("%-28s %12s %12s %8s\n", "network", "ours, s", "ORT, s", "ratio");
    for (const Candidate& candidate : candidates) {
        const std::string path = testing::testDataFolder() + "/" + candidate.file;
        QStringList sizes;
        for (const std::int64_t size : candidate.shape) {
            sizes << QString::number(size);
        }
        const std::optional<double> ours = secondsOf(path, candidate.shape);
        const testing::PythonRun run =
            testing::runPython(QStringLiteral("benchmarks/forward_onnxruntime.py"),
                               {QString::fromStdString(path), sizes.join('x')});
        const double theirs = run.output.trimmed().toDouble();
        const std::string name = path.substr(path.rfind('/') + 1);
        std::printf("%-28s %12.4f %12.4f %8.2f\n", name.c_str(), ours.value_or(0), theirs,
                    ours.value_or(0) / theirs);
        std::fflush(stdout);
    }
    return 0;
}
