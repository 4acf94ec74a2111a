// SPDX-License-Identifier: Apache-2.0
#include "core/execution/required_inputs.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bitloupe::execution {

namespace {

struct Requirement {
    std::string_view type;  ///< DOMAIN/NAME outside ONNX's default domain
    std::size_t inputs = 2;
    std::int64_t sinceOpset = 1;  ///< before it an attribute stood for the last of them
};

/// Those not listed need one.
constexpr Requirement kRequirements[] = {
    {"Add", 2, 1},
    {"AffineGrid", 2, 1},
    {"And", 2, 1},
    {"Attention", 3, 1},
    {"BatchNormalization", 5, 1},
    {"BitShift", 2, 1},
    {"BitwiseAnd", 2, 1},
    {"BitwiseOr", 2, 1},
    {"BitwiseXor", 2, 1},
    {"CastLike", 2, 1},
    {"CausalConvWithState", 2, 1},
    {"CenterCropPad", 2, 1},
    {"Col2Im", 3, 1},
    {"Compress", 2, 1},
    {"Conv", 2, 1},
    {"ConvInteger", 2, 1},
    {"ConvTranspose", 2, 1},
    {"CumProd", 2, 1},
    {"CumSum", 2, 1},
    {"DeformConv", 3, 1},
    {"DequantizeLinear", 2, 1},
    {"Div", 2, 1},
    {"Equal", 2, 1},
    {"Expand", 2, 1},
    {"GRU", 3, 1},
    {"Gather", 2, 1},
    {"GatherElements", 2, 1},
    {"GatherND", 2, 1},
    {"Gemm", 2, 1},
    {"Greater", 2, 1},
    {"GreaterOrEqual", 2, 1},
    {"GridSample", 2, 1},
    {"GroupNormalization", 3, 1},
    {"InstanceNormalization", 3, 1},
    {"LSTM", 3, 1},
    {"LayerNormalization", 2, 1},
    {"Less", 2, 1},
    {"LessOrEqual", 2, 1},
    {"LinearAttention", 3, 1},
    {"MatMul", 2, 1},
    {"MatMulInteger", 2, 1},
    {"MaxRoiPool", 2, 1},
    {"MaxUnpool", 2, 1},
    {"MelWeightMatrix", 5, 1},
    {"Mod", 2, 1},
    {"Mul", 2, 1},
    {"NegativeLogLikelihoodLoss", 2, 1},
    {"NonMaxSuppression", 2, 1},
    {"OneHot", 3, 1},
    {"Or", 2, 1},
    {"PRelu", 2, 1},
    {"Pad", 2, 11},
    {"Pow", 2, 1},
    {"QLinearConv", 8, 1},
    {"QLinearMatMul", 8, 1},
    {"QuantizeLinear", 2, 1},
    {"RMSNormalization", 2, 1},
    {"RNN", 3, 1},
    {"Range", 3, 1},
    {"Reshape", 2, 5},
    {"ReverseSequence", 2, 1},
    {"RoiAlign", 3, 1},
    {"RotaryEmbedding", 3, 1},
    {"STFT", 2, 1},
    {"Scatter", 3, 1},
    {"ScatterElements", 3, 1},
    {"ScatterND", 3, 1},
    {"SimplifiedLayerNormalization", 2, 1},
    {"Slice", 3, 10},
    {"SoftmaxCrossEntropyLoss", 2, 1},
    {"Sub", 2, 1},
    {"SwiGLU", 2, 1},
    {"TensorScatter", 2, 1},
    {"Tile", 2, 1},
    {"TopK", 2, 10},
    {"Unsqueeze", 2, 13},
    {"Upsample", 2, 9},
    {"Where", 3, 1},
    {"Xor", 2, 1},
    {"ai.onnx.ml/ArrayFeatureExtractor", 2, 1},
    {"com.microsoft/Attention", 2, 1},
    {"com.microsoft/DequantizeLinear", 2, 1},
    {"com.microsoft/FusedConv", 2, 1},
    {"com.microsoft/FusedGemm", 2, 1},
    {"com.microsoft/FusedMatMul", 2, 1},
    {"com.microsoft/QuantizeLinear", 2, 1},
    {"com.microsoft/SkipLayerNormalization", 3, 1},
    {"com.microsoft/SkipSimplifiedLayerNormalization", 3, 1},
    {"qonnx.custom_op.general/BipolarQuant", 2, 1},
    {"qonnx.custom_op.general/MultiThreshold", 2, 1},
    {"qonnx.custom_op.general/Quant", 4, 1},
    {"qonnx.custom_op.general/Trunc", 5, 1},
};

}  // namespace

std::size_t requiredInputs(const network::Node& node, std::int64_t opset) {
    constexpr std::array<std::string_view, 5> kNone = {"Constant", "Loop", "RandomNormal",
                                                       "RandomUniform", "Scan"};
    if (std::ranges::find(kNone, node.operatorType) != kNone.end()) {
        return 0;
    }
    const std::string type =
        node.domain.empty() ? node.operatorType : node.domain + "/" + node.operatorType;
    const auto* const found =
        std::ranges::find_if(kRequirements, [&](const Requirement& requirement) {
            return requirement.type == type && requirement.sinceOpset <= opset;
        });
    return found == std::end(kRequirements) ? 1 : found->inputs;
}

}  // namespace bitloupe::execution
