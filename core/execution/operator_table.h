// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::execution {

/// Something the file asks of an operator that cannot be done. Becomes an Error with the node's
/// name at the door of this folder; it never leaves it.
class OperatorError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Tensors = std::vector<at::Tensor>;

/// Outputs of a node from its inputs, which what its bodies take from outside follows (in the order
/// of network::capturedEdges, body by body). An omitted input is an undefined tensor; inputs are
/// written to only where mayOverwrite() says so. Called from many threads: a kernel keeps no state.
using Kernel = std::function<Tensors(std::span<const at::Tensor>)>;

/// A node's attributes by name, with ONNX's defaults. A wrong type is an OperatorError.
class Attributes {
public:
    /// `types` are the data types of edges whose tensors are wider (Graph::narrowTypes).
    /// `stored` are the tensors whose values are known before anything runs.
    using Stored = std::map<std::string, Array>;
    Attributes(const network::Node& node, std::int64_t opset,
               const std::map<std::string, int>* types = nullptr, const Stored* stored = nullptr)
        : m_node(node), m_opset(opset), m_types(types), m_stored(stored) {}

    [[nodiscard]] std::int64_t opset() const { return m_opset; }
    [[nodiscard]] const network::Node& node() const { return m_node; }
    [[nodiscard]] bool has(const std::string& name) const;
    [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
    [[nodiscard]] double real(const std::string& name, double otherwise) const;
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const;
    [[nodiscard]] std::vector<std::int64_t> integers(
        const std::string& name, std::vector<std::int64_t> otherwise = {}) const;
    [[nodiscard]] std::vector<float> reals(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;
    [[nodiscard]] std::optional<Array> array(const std::string& name) const;
    /// A body of If, Loop or Scan; an OperatorError when there is none.
    [[nodiscard]] std::shared_ptr<const network::Graph> graph(const std::string& name) const;
    /// TensorProto.DataType of input `index` where it is narrower than its tensor; otherwise 0.
    [[nodiscard]] int narrowType(std::size_t index) const;
    /// The value of input `index` when the file stores it.
    [[nodiscard]] const Array* storedInput(std::size_t index) const;

private:
    template <typename T>
    const T* find(const std::string& name) const;

    const network::Node& m_node;
    std::int64_t m_opset;
    const std::map<std::string, int>* m_types;
    const Stored* m_stored;
};

/// Makes the kernel of one node: attributes are read once, before anything runs.
using KernelMaker = std::function<Kernel(const Attributes&)>;
using OperatorTable = std::map<std::string, KernelMaker, std::less<>>;

/// Every operator that this program runs, by its name; those of other domains as DOMAIN/NAME.
[[nodiscard]] const OperatorTable& operatorTable();

/// The maker for `node`, or nothing when the operator (or its domain) is not known.
[[nodiscard]] const KernelMaker* findOperator(const network::Node& node);

// One function a group, each in its own file under operators/.
void addActivationOperators(OperatorTable& table);
void addArithmeticOperators(OperatorTable& table);
void addAttentionOperators(OperatorTable& table);
void addClassicalOperators(OperatorTable& table);
void addControlFlowOperators(OperatorTable& table);
void addConvolutionOperators(OperatorTable& table);
void addDetectionOperators(OperatorTable& table);
void addIndexingOperators(OperatorTable& table);
void addIntegerLinearOperators(OperatorTable& table);
void addLinearOperators(OperatorTable& table);
void addLinearAttentionOperators(OperatorTable& table);
void addLossOperators(OperatorTable& table);
void addMicrosoftOperators(OperatorTable& table);
void addNormalizationOperators(OperatorTable& table);
void addPoolingOperators(OperatorTable& table);
void addQonnxOperators(OperatorTable& table);
void addQuantizationOperators(OperatorTable& table);
void addRearrangementOperators(OperatorTable& table);
void addRecurrentOperators(OperatorTable& table);
void addReductionOperators(OperatorTable& table);
void addResizeOperators(OperatorTable& table);
void addSamplingOperators(OperatorTable& table);
void addShapeOperators(OperatorTable& table);
void addSignalOperators(OperatorTable& table);
void addTreeOperators(OperatorTable& table);

// What the groups share.

/// Throws OperatorError with `message` unless `condition` holds.
void require(bool condition, const std::string& message);

/// Input `index`, or an undefined tensor when the node has fewer inputs or leaves it out.
[[nodiscard]] at::Tensor optionalInput(std::span<const at::Tensor> inputs, std::size_t index);

/// Values of an integer tensor (any integer type, any shape), in order.
[[nodiscard]] std::vector<std::int64_t> integerValues(const at::Tensor& tensor);

/// Indices along an axis of `size`, counted from the front: ONNX lets them count from the back.
/// OperatorError out of range.
[[nodiscard]] at::Tensor wrapIndices(const at::Tensor& given, std::int64_t size);

/// `axis` counted from the front for a tensor of `rank` dimensions; OperatorError out of range.
[[nodiscard]] std::int64_t wrapAxis(std::int64_t axis, std::int64_t rank);

/// Throws OperatorError when a tensor of `shape` would have more than 2^28 elements: files and data
/// can name any size.
void checkSize(at::IntArrayRef shape);

/// Zeros before and after each spatial dimension of a window that slides over an image.
struct WindowPads {
    std::vector<std::int64_t> before;
    std::vector<std::int64_t> after;
    [[nodiscard]] bool symmetric() const { return before == after; }
};

/// A sliding window as ONNX's Conv and pooling operators describe it.
struct Window {
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> dilations;
    std::vector<std::int64_t> pads;  ///< befores, then afters
    std::string autoPad;

    /// `kernel` may be empty when it is only known from the weight.
    static Window read(const Attributes& attributes);
    /// The pads for an input of `spatial` and a kernel of `kernel` pixels. Missing strides and
    /// dilations are filled with ones.
    [[nodiscard]] WindowPads padsFor(at::IntArrayRef spatial, at::IntArrayRef kernel) const;
    [[nodiscard]] std::vector<std::int64_t> stridesFor(std::size_t rank) const;
    [[nodiscard]] std::vector<std::int64_t> dilationsFor(std::size_t rank) const;
};

/// `input` with `pads` of `value` around its last dimensions.
[[nodiscard]] at::Tensor padSpatial(const at::Tensor& input, const WindowPads& pads, double value);

}  // namespace bitloupe::execution
