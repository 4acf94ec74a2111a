// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/random_graph.h"

#include <array>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>

namespace bitloupe::fuzz {

namespace {

using network::Attribute;
using Integers = std::vector<std::int64_t>;

/// The words of `text`, which spaces part.
std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), {}};
}

/// Attributes of whole numbers, lists of them, fractions and texts: names that operators ask for.
const std::vector<std::string>& integerNames() {
    static const std::vector<std::string> kNames = words(
        "axis group keepdims to k blocksize num_heads hidden_size transA transB largest "
        "sorted select_last_index storage_order ceil_mode count_include_pad p "
        "output_height output_width sampling_ratio batch_axis time_axis batch_dims layout "
        "linear_before_reset ignore_index reverse exclusive allowzero "
        "noop_with_empty_axes num_groups q_num_heads kv_num_heads is_causal interleaved "
        "rotary_embedding_dim dtype upper fmod saturate offset_group align_corners "
        "antialias start end block_size signed narrow size periodic onesided inverse "
        "min_gram_length max_gram_length max_skip_count targets n_targets num_outputs "
        "bits detect_positive training_mode channels_last");
    return kNames;
}

const std::vector<std::string>& listNames() {
    static const std::vector<std::string> kNames = words(
        "axes kernel_shape strides pads dilations perm output_shape output_padding shape "
        "starts ends split pooled_shape value_ints ngram_counts ngram_indexes directions "
        "nodes_truenodeids nodes_falsenodeids nodes_featureids nodes_treeids "
        "nodes_nodeids tree_roots nodes_trueleafs nodes_falseleafs leaf_targetids "
        "class_ids target_ids classlabels_ints");
    return kNames;
}

const std::vector<std::string>& realNames() {
    static const std::vector<std::string> kNames = words(
        "alpha beta epsilon scale bias gamma lambd spatial_scale threshold min max clip "
        "softcap extrapolation_value cubic_coeff_a value_float");
    return kNames;
}

const std::vector<std::pair<std::string, std::vector<std::string>>>& textNames() {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> kNames = {
        {"auto_pad", {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}},
        {"mode",
         {"constant", "reflect", "edge", "wrap", "nearest", "linear", "cubic", "avg", "max", "DCR",
          "CRD", "bilinear", "TFIDF"}},
        {"direction", {"forward", "reverse", "bidirectional", "LEFT", "RIGHT"}},
        {"reduction", {"none", "sum", "mean", "add", "mul", "max", "min"}},
        {"equation",
         {"ij,jk->ik", "bij,bjk->bik", "i,i->", "ii->i", "...ij->...ji", "ij->", "->>"}},
        {"coordinate_transformation_mode",
         {"half_pixel", "asymmetric", "align_corners", "tf_crop_and_resize", "output_half_pixel"}},
        {"padding_mode", {"zeros", "border", "reflection"}},
        {"keep_aspect_ratio_policy", {"stretch", "not_larger", "not_smaller"}},
        {"approximate", {"none", "tanh"}},
        {"rounding_mode", {"ROUND", "FLOOR", "CEIL", "ROUND_TO_ZERO", "UP"}}};
    return kNames;
}

constexpr std::array<std::int64_t, 10> kLimits = {std::numeric_limits<std::int64_t>::min(),
                                                  std::numeric_limits<std::int64_t>::max(),
                                                  std::numeric_limits<std::int32_t>::max(),
                                                  std::numeric_limits<std::int32_t>::min(),
                                                  std::int64_t{1} << 62,
                                                  std::int64_t{1} << 32,
                                                  -100,
                                                  100,
                                                  1 << 16,
                                                  255};

constexpr std::array<ElementType, 11> kTypes = {
    ElementType::Float32, ElementType::Float64, ElementType::Int8,  ElementType::Uint8,
    ElementType::Int16,   ElementType::Uint16,  ElementType::Int32, ElementType::Uint32,
    ElementType::Int64,   ElementType::Uint64,  ElementType::Bool};

class Maker {
public:
    explicit Maker(std::uint32_t seed) : m_random(seed) {}

    RandomCase make() {
        m_usual = shape(static_cast<std::size_t>(1 + below(5)));
        network::Graph graph;
        graph.name = "random";
        graph.opset = oneIn(4) ? 7 + below(19) : 18;
        RandomCase made;
        const std::int64_t inputs = 1 + below(2);
        for (std::int64_t i = 0; i < inputs; ++i) {
            addInput("x" + std::to_string(i), graph, made);
        }
        const std::int64_t stored = below(4);
        for (std::int64_t i = 0; i < stored; ++i) {
            const std::string name = "w" + std::to_string(i);
            graph.initializers[name] = oneIn(2) ? indices() : array(elementType(), anyShape());
            m_edges.push_back(name);
        }
        const std::int64_t nodes = 1 + below(4);
        for (std::int64_t i = 0; i < nodes; ++i) {
            graph.nodes.push_back(node(i));
        }
        graph.outputs.push_back({.name = graph.nodes.back().outputs.front(),
                                 .type = ElementType::Float32,
                                 .shape = {}});
        made.graph = std::make_shared<const network::Graph>(std::move(graph));
        return made;
    }

private:
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(m_random() % static_cast<std::uint64_t>(limit));
    }
    bool oneIn(std::int64_t count) { return below(count) == 0; }

    template <typename List>
    const auto& pick(const List& list) {
        return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(list.size())))];
    }

    Shape shape(std::size_t rank) {
        Shape sizes(rank);
        for (std::int64_t& size : sizes) {
            size = oneIn(20) ? 0 : oneIn(6) ? 5 + below(16) : 1 + below(4);
        }
        return sizes;
    }

    /// Mostly like the other tensors of the graph, so that operators have something to do.
    Shape anyShape() {
        if (oneIn(3)) {
            return shape(static_cast<std::size_t>(below(6)));
        }
        Shape sizes = m_usual;
        if (oneIn(3)) {
            anySize(sizes) = 1 + below(4);
        }
        return sizes;
    }
    std::int64_t& anySize(Shape& sizes) {
        return sizes[static_cast<std::size_t>(below(static_cast<std::int64_t>(sizes.size())))];
    }

    ElementType elementType() { return oneIn(3) ? pick(kTypes) : ElementType::Float32; }

    Array array(ElementType type, const Shape& sizes) {
        const auto count = static_cast<std::size_t>(elementCount(sizes));
        if (type == ElementType::Float32) {
            std::vector<float> values(count);
            for (float& value : values) {
                value = oneIn(50) ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(below(2000) - 1000) / 100.0F;
            }
            return Array::of<float>(sizes, values);
        }
        std::vector<std::byte> bytes(count * elementSize(type));
        const bool small = !oneIn(4);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const bool lowest = i % elementSize(type) == 0;
            bytes[i] = type == ElementType::Bool
                           ? static_cast<std::byte>(below(2))
                           : static_cast<std::byte>(small && !lowest ? 0 : below(small ? 5 : 256));
        }
        return Array::fromBytes(type, sizes, bytes);
    }

    /// What shapes, axes, pads and indices are given as.
    Array indices() {
        const Integers values = list();
        return Array::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
    }

    std::int64_t integer() { return oneIn(12) ? pick(kLimits) : below(6) - 1; }

    Integers list() {
        Integers values(static_cast<std::size_t>(below(7)));
        for (std::int64_t& value : values) {
            value = integer();
        }
        return values;
    }

    void addInput(const std::string& name, network::Graph& graph, RandomCase& made) {
        const Array value = array(elementType(), anyShape());
        network::ValueInfo info{.name = name, .type = value.type(), .shape = {}};
        for (const std::int64_t size : value.shape()) {
            info.shape.push_back(oneIn(3) ? network::Dimension{} : network::Dimension{size, ""});
        }
        graph.inputs.push_back(std::move(info));
        made.inputs.emplace(name, value);
        m_edges.push_back(name);
    }

    Attribute attributeOfAnyType() {
        switch (below(6)) {
            case 0:
                return integer();
            case 1:
                return static_cast<float>(below(20) - 10) / 4.0F;
            case 2:
                return pick(pick(textNames()).second);
            case 3:
                return list();
            case 4:
                return std::vector<float>(static_cast<std::size_t>(below(5)), 0.5F);
            default:
                return array(elementType(), anyShape());
        }
    }

    void addAttribute(network::Node& node) {
        switch (below(5)) {
            case 0:
            case 1:
                node.attributes[pick(integerNames())] = integer();
                break;
            case 2:
                node.attributes[pick(listNames())] = list();
                break;
            case 3:
                node.attributes[pick(realNames())] = static_cast<float>(below(20) - 10) / 4.0F;
                break;
            default: {
                const auto& [name, values] = pick(textNames());
                node.attributes[name] = pick(values);
            }
        }
        if (oneIn(10)) {
            node.attributes[oneIn(2) ? pick(listNames()) : pick(integerNames())] =
                attributeOfAnyType();
        }
    }

    /// What most windows need to run at all.
    void addWindow(network::Node& node) {
        const std::size_t spatial = m_usual.size() > 2 ? m_usual.size() - 2 : 1;
        const auto same = [&](std::size_t count) { return Integers(count, integer()); };
        node.attributes["kernel_shape"] = oneIn(8) ? list() : Integers(spatial, 1 + below(3));
        if (oneIn(2)) {
            node.attributes["pads"] = same(2 * spatial);
        }
        if (oneIn(2)) {
            node.attributes["strides"] = same(spatial);
        }
        if (oneIn(2)) {
            node.attributes["dilations"] = same(spatial);
        }
    }

    network::Node node(std::int64_t place) {
        network::Node made;
        const std::string& type = pick(operatorsUsed());
        const std::size_t slash = type.find('/');
        made.domain = slash == std::string::npos ? "" : type.substr(0, slash);
        made.operatorType = slash == std::string::npos ? type : type.substr(slash + 1);
        made.name = made.operatorType + "_" + std::to_string(place);
        const std::int64_t inputs = oneIn(12) ? below(9) : 1 + below(4);
        for (std::int64_t i = 0; i < inputs; ++i) {
            made.inputs.push_back(oneIn(20) ? std::string() : pick(m_edges));
        }
        if (oneIn(3)) {
            addWindow(made);
        }
        for (std::int64_t count = below(5); count > 0; --count) {
            addAttribute(made);
        }
        const std::int64_t outputs = oneIn(4) ? 1 + below(4) : 1;
        for (std::int64_t i = 0; i < outputs; ++i) {
            made.outputs.push_back("n" + std::to_string(place) + "_" + std::to_string(i));
        }
        m_edges.push_back(made.outputs.front());
        return made;
    }

    std::mt19937 m_random;
    Shape m_usual;
    std::vector<std::string> m_edges;
};

}  // namespace

const std::vector<std::string>& operatorsUsed() {
    static const std::vector<std::string> kOperators = words(
        "Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention "
        "AveragePool BatchNormalization BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr "
        "BitwiseXor BlackmanWindow Cast CastLike CausalConvWithState Ceil Celu "
        "CenterCropPad Clip Col2Im Compress Concat Constant ConstantOfShape Conv "
        "ConvInteger ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace "
        "DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp "
        "Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm "
        "GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample "
        "GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax "
        "Identity InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu "
        "Less LessOrEqual LinearAttention Log LogSoftmax LpNormalization LpPool MatMul "
        "MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization "
        "MelWeightMatrix Min Mish Mod Mul Neg NegativeLogLikelihoodLoss NonMaxSuppression "
        "NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear "
        "RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum "
        "ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
        "ReduceSumSquare Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding "
        "Round STFT Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign "
        "SimplifiedLayerNormalization Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss "
        "Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum SwiGLU Swish Tan Tanh "
        "TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique "
        "Unsqueeze Upsample Where Xor ai.onnx.ml/ArrayFeatureExtractor "
        "ai.onnx.ml/Binarizer ai.onnx.ml/LinearClassifier ai.onnx.ml/LinearRegressor "
        "ai.onnx.ml/Normalizer ai.onnx.ml/Scaler ai.onnx.ml/TreeEnsemble "
        "ai.onnx.ml/TreeEnsembleClassifier ai.onnx.ml/TreeEnsembleRegressor "
        "com.microsoft/Attention com.microsoft/DequantizeLinear "
        "com.microsoft/EmbedLayerNormalization com.microsoft/FusedConv com.microsoft/FusedGemm "
        "com.microsoft/SkipLayerNormalization com.microsoft/BiasGelu com.microsoft/FusedMatMul "
        "com.microsoft/QLinearAdd "
        "com.microsoft/QLinearAveragePool com.microsoft/QLinearConcat "
        "com.microsoft/QLinearGlobalAveragePool com.microsoft/QLinearLeakyRelu "
        "com.microsoft/QLinearMul com.microsoft/QLinearSigmoid "
        "com.microsoft/QLinearSoftmax com.microsoft/QuantizeLinear "
        "qonnx.custom_op.general/BipolarQuant qonnx.custom_op.general/Quant "
        "qonnx.custom_op.general/Trunc");
    return kOperators;
}

RandomCase randomCase(std::uint32_t seed) {
    return Maker(seed).make();
}

}  // namespace bitloupe::fuzz
