// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/execution/operator_table.h"

/// Trees and linear models of the domain ai.onnx.ml.
namespace bitloupe::execution {

namespace {

enum class Test { LessOrEqual, Less, GreaterOrEqual, Greater, Equal, NotEqual, Member, Leaf };

struct TreeNode {
    Test test = Test::Leaf;
    std::int64_t feature = 0;
    double threshold = 0;
    std::set<float> members;
    std::size_t yes = 0;
    std::size_t no = 0;
    bool missingIsYes = false;
    std::vector<std::pair<std::int64_t, double>> votes;  ///< of a leaf: output and weight
};

struct Forest {
    std::vector<TreeNode> nodes;
    std::vector<std::size_t> roots;
    std::int64_t outputs = 1;
    std::vector<float> base;
    std::string aggregate = "SUM";
    std::string transform = "NONE";
};

Test testOf(const std::string& name) {
    static const std::map<std::string, Test> kTests = {{"BRANCH_LEQ", Test::LessOrEqual},
                                                       {"BRANCH_LT", Test::Less},
                                                       {"BRANCH_GTE", Test::GreaterOrEqual},
                                                       {"BRANCH_GT", Test::Greater},
                                                       {"BRANCH_EQ", Test::Equal},
                                                       {"BRANCH_NEQ", Test::NotEqual},
                                                       {"LEAF", Test::Leaf}};
    const auto found = kTests.find(name);
    require(found != kTests.end(), "the node mode \"" + name + "\" is not known");
    return found->second;
}

bool holds(const TreeNode& node, double value) {
    if (std::isnan(value)) {
        return node.missingIsYes;
    }
    switch (node.test) {
        case Test::LessOrEqual:
            return value <= node.threshold;
        case Test::Less:
            return value < node.threshold;
        case Test::GreaterOrEqual:
            return value >= node.threshold;
        case Test::Greater:
            return value > node.threshold;
        case Test::Equal:
            return value == node.threshold;
        case Test::NotEqual:
            return value != node.threshold;
        case Test::Member:
            return node.members.contains(static_cast<float>(value));
        case Test::Leaf:
            break;
    }
    return false;
}

const TreeNode& leafFor(const Forest& forest, std::size_t root, const float* row) {
    const TreeNode* node = &forest.nodes[root];
    for (std::size_t steps = 0; node->test != Test::Leaf; ++steps) {
        require(steps < forest.nodes.size(), "a tree has a cycle");
        const auto value = static_cast<double>(row[node->feature]);
        node = &forest.nodes[holds(*node, value) ? node->yes : node->no];
    }
    return *node;
}

/// The sum, mean, smallest or largest vote for each output, the base value added.
std::vector<double> votesOf(const Forest& forest, const float* row) {
    const auto outputs = static_cast<std::size_t>(forest.outputs);
    const bool extreme = forest.aggregate == "MIN" || forest.aggregate == "MAX";
    std::vector<double> votes(outputs, 0);
    std::vector<bool> voted(outputs, false);
    for (const std::size_t root : forest.roots) {
        for (const auto& [output, weight] : leafFor(forest, root, row).votes) {
            const auto i = static_cast<std::size_t>(output);
            if (extreme && voted[i]) {
                votes[i] = forest.aggregate == "MIN" ? std::min(votes[i], weight)
                                                     : std::max(votes[i], weight);
            } else {
                votes[i] += weight;
            }
            voted[i] = true;
        }
    }
    for (std::size_t i = 0; i < outputs; ++i) {
        if (forest.aggregate == "AVERAGE") {
            votes[i] /= static_cast<double>(std::max<std::size_t>(1, forest.roots.size()));
        }
        votes[i] += i < forest.base.size() ? static_cast<double>(forest.base[i]) : 0;
    }
    return votes;
}

at::Tensor transformed(const at::Tensor& scores, const std::string& transform) {
    if (transform == "LOGISTIC") {
        return at::sigmoid(scores);
    }
    if (transform == "SOFTMAX") {
        return at::softmax(scores, 1);
    }
    if (transform == "SOFTMAX_ZERO") {
        const at::Tensor weights = at::where(at::eq(scores, 0), at::zeros_like(scores),
                                             at::exp(scores - at::amax(scores, 1, true)));
        return weights / weights.sum(1, true);
    }
    require(transform == "NONE", "the post_transform " + transform + " is not supported");
    return scores;
}

at::Tensor scoresOf(const Forest& forest, const at::Tensor& given) {
    const at::Tensor x = given.to(at::kFloat).contiguous();
    require(x.dim() == 2 || x.dim() == 1, "trees need rows of features");
    const std::int64_t width = x.size(-1);
    const std::int64_t rows = width == 0 ? 0 : x.numel() / width;
    for (const TreeNode& node : forest.nodes) {
        require(node.test == Test::Leaf || node.feature < width,
                "a tree asks for a feature that "
                "the data does not have");
    }
    at::Tensor scores = at::empty({rows, forest.outputs}, at::kFloat);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::vector<double> votes = votesOf(forest, x.data_ptr<float>() + row * width);
        std::transform(votes.begin(), votes.end(), scores.data_ptr<float>() + row * forest.outputs,
                       [](double vote) { return static_cast<float>(vote); });
    }
    return scores;
}

/// Finds nodes by the pair of numbers that attributes know them by.
class NodeIndex {
public:
    void add(std::int64_t tree, std::int64_t id, std::size_t at) {
        require(m_places.emplace(std::pair(tree, id), at).second, "a tree has a node twice");
    }
    [[nodiscard]] std::size_t at(std::int64_t tree, std::int64_t id) const {
        const auto found = m_places.find({tree, id});
        require(found != m_places.end(), "a tree names a node that it does not have");
        return found->second;
    }

private:
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> m_places;
};

/// The parallel lists of attributes of TreeEnsembleRegressor and TreeEnsembleClassifier; `votes`
/// is the prefix of those that say what leaves vote for.
Forest readForest(const Attributes& attributes, const std::string& votes) {
    Forest forest;
    const auto trees = attributes.integers("nodes_treeids");
    const auto ids = attributes.integers("nodes_nodeids");
    const auto features = attributes.integers("nodes_featureids");
    const auto modes = attributes.texts("nodes_modes");
    const auto thresholds = attributes.reals("nodes_values");
    const auto yes = attributes.integers("nodes_truenodeids");
    const auto no = attributes.integers("nodes_falsenodeids");
    auto missing = attributes.integers("nodes_missing_value_tracks_true");
    const std::size_t count = trees.size();
    require(count > 0 && ids.size() == count && features.size() == count && modes.size() == count &&
                thresholds.size() == count && yes.size() == count && no.size() == count,
            "the lists of the trees have different lengths");
    missing.resize(count, 0);
    NodeIndex index;
    for (std::size_t i = 0; i < count; ++i) {
        index.add(trees[i], ids[i], i);
        if (i == 0 || trees[i] != trees[i - 1]) {
            forest.roots.push_back(i);
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        TreeNode node;
        node.test = testOf(modes[i]);
        node.feature = features[i];
        node.threshold = static_cast<double>(thresholds[i]);
        node.missingIsYes = missing[i] != 0;
        require(node.feature >= 0, "a feature has a negative number");
        if (node.test != Test::Leaf) {
            node.yes = index.at(trees[i], yes[i]);
            node.no = index.at(trees[i], no[i]);
        }
        forest.nodes.push_back(std::move(node));
    }
    const auto leafTrees = attributes.integers(votes + "_treeids");
    const auto leafIds = attributes.integers(votes + "_nodeids");
    const auto outputs = attributes.integers(votes + "_ids");
    const auto weights = attributes.reals(votes + "_weights");
    require(leafTrees.size() == weights.size() && leafIds.size() == weights.size() &&
                outputs.size() == weights.size(),
            "the lists of the leaves have different lengths");
    for (std::size_t i = 0; i < weights.size(); ++i) {
        require(outputs[i] >= 0 && outputs[i] < 1'000'000, "a leaf votes for no output");
        forest.outputs = std::max(forest.outputs, outputs[i] + 1);
        forest.nodes[index.at(leafTrees[i], leafIds[i])].votes.emplace_back(
            outputs[i], static_cast<double>(weights[i]));
    }
    forest.base = attributes.reals("base_values");
    forest.transform = attributes.text("post_transform", "NONE");
    return forest;
}

Kernel makeTreeRegressor(const Attributes& attributes) {
    Forest forest = readForest(attributes, "target");
    forest.outputs = std::max(forest.outputs, attributes.integer("n_targets", 1));
    forest.aggregate = attributes.text("aggregate_function", "SUM");
    return [forest = std::make_shared<const Forest>(std::move(forest))](
               std::span<const at::Tensor> inputs) -> Tensors {
        return {transformed(scoresOf(*forest, inputs[0]), forest->transform)};
    };
}

/// Labels of integers, and scores of each class. One column of votes means two classes.
Kernel makeTreeClassifier(const Attributes& attributes) {
    const std::vector<std::int64_t> labels = attributes.integers("classlabels_int64s");
    require(!labels.empty(), "only classes with whole numbers as labels are supported");
    Forest forest = readForest(attributes, "class");
    const bool single = forest.outputs == 1 && labels.size() == 2;
    forest.outputs = single ? 1 : static_cast<std::int64_t>(labels.size());
    return [forest = std::make_shared<const Forest>(std::move(forest)), labels,
            single](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor scores = scoresOf(*forest, inputs[0]);
        if (single) {
            const bool logistic = forest->transform == "LOGISTIC";
            const at::Tensor positive = transformed(scores, forest->transform);
            scores = at::cat(
                {logistic || forest->transform == "NONE" ? 1 - positive : -positive, positive}, 1);
        } else {
            scores = transformed(scores, forest->transform);
        }
        const at::Tensor winners = at::argmax(scores, 1);
        return {at::tensor(labels, at::kLong).index({winners}), scores};
    };
}

Test testOf(std::int64_t number) {
    constexpr Test kTests[] = {Test::LessOrEqual, Test::Less,  Test::GreaterOrEqual,
                               Test::Greater,     Test::Equal, Test::NotEqual,
                               Test::Member};
    require(number >= 0 && number < 7, "a node mode is not known");
    return kTests[number];
}

std::vector<float> realsOf(const std::optional<Array>& array) {
    if (!array) {
        return {};
    }
    require(array->type() == ElementType::Float32 || array->type() == ElementType::Float64,
            "the splits of the trees must be floats");
    if (array->type() == ElementType::Float32) {
        return {array->as<float>().begin(), array->as<float>().end()};
    }
    std::vector<float> values;
    for (const double value : array->as<double>()) {
        values.push_back(static_cast<float>(value));
    }
    return values;
}

/// TreeEnsemble of ai.onnx.ml 5: nodes and leaves in lists of their own.
Kernel makeTreeEnsemble(const Attributes& attributes) {
    Forest forest;
    const auto features = attributes.integers("nodes_featureids");
    const auto yes = attributes.integers("nodes_truenodeids");
    const auto no = attributes.integers("nodes_falsenodeids");
    const auto yesLeaf = attributes.integers("nodes_trueleafs");
    const auto noLeaf = attributes.integers("nodes_falseleafs");
    const auto targets = attributes.integers("leaf_targetids");
    const std::vector<float> splits = realsOf(attributes.array("nodes_splits"));
    const std::vector<float> weights = realsOf(attributes.array("leaf_weights"));
    const std::vector<float> members = realsOf(attributes.array("membership_values"));
    const std::optional<Array> modes = attributes.array("nodes_modes");
    auto missing = attributes.integers("nodes_missing_value_tracks_true");
    const std::size_t count = features.size();
    require(yes.size() == count && no.size() == count && yesLeaf.size() == count &&
                noLeaf.size() == count && splits.size() == count &&
                targets.size() == weights.size() && modes && modes->type() == ElementType::Uint8 &&
                modes->size() == static_cast<std::int64_t>(count),
            "the lists of the trees have different lengths");
    missing.resize(count, 0);
    const auto place = [&](std::int64_t at, bool leaf) {
        const std::size_t limit = leaf ? weights.size() : count;
        require(at >= 0 && static_cast<std::size_t>(at) < limit,
                "a tree names a node that it does not have");
        return static_cast<std::size_t>(at) + (leaf ? count : 0);
    };
    std::size_t nextMember = 0;
    for (std::size_t i = 0; i < count; ++i) {
        TreeNode node;
        node.test = testOf(std::int64_t{modes->as<std::uint8_t>()[i]});
        node.feature = features[i];
        node.threshold = static_cast<double>(splits[i]);
        node.missingIsYes = missing[i] != 0;
        node.yes = place(yes[i], yesLeaf[i] != 0);
        node.no = place(no[i], noLeaf[i] != 0);
        require(node.feature >= 0, "a feature has a negative number");
        if (node.test == Test::Member) {  // the sets follow one another, NaN between them
            for (; nextMember < members.size() && !std::isnan(members[nextMember]); ++nextMember) {
                node.members.insert(members[nextMember]);
            }
            ++nextMember;
        }
        forest.nodes.push_back(std::move(node));
    }
    forest.outputs = attributes.integer("n_targets", 1);
    require(forest.outputs > 0 && forest.outputs < 1'000'000, "n_targets is out of range");
    for (std::size_t i = 0; i < weights.size(); ++i) {
        require(targets[i] >= 0 && targets[i] < forest.outputs, "a leaf votes for no output");
        TreeNode leaf;
        leaf.votes.emplace_back(targets[i], static_cast<double>(weights[i]));
        forest.nodes.push_back(std::move(leaf));
    }
    for (const std::int64_t root : attributes.integers("tree_roots")) {
        forest.roots.push_back(place(root, count == 0));
    }
    constexpr const char* kAggregates[] = {"AVERAGE", "SUM", "MIN", "MAX"};
    constexpr const char* kTransforms[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
    const std::int64_t aggregate = attributes.integer("aggregate_function", 1);
    const std::int64_t transform = attributes.integer("post_transform", 0);
    require(aggregate >= 0 && aggregate < 4 && transform >= 0 && transform < 5,
            "the aggregate_function or post_transform is not known");
    forest.aggregate = kAggregates[aggregate];
    forest.transform = kTransforms[transform];
    return [forest = std::make_shared<const Forest>(std::move(forest))](
               std::span<const at::Tensor> inputs) -> Tensors {
        return {transformed(scoresOf(*forest, inputs[0]), forest->transform)
                    .to(inputs[0].scalar_type() == at::kDouble ? at::kDouble : at::kFloat)};
    };
}

}  // namespace

void addTreeOperators(OperatorTable& table) {
    table["ai.onnx.ml/TreeEnsembleRegressor"] = makeTreeRegressor;
    table["ai.onnx.ml/TreeEnsembleClassifier"] = makeTreeClassifier;
    table["ai.onnx.ml/TreeEnsemble"] = makeTreeEnsemble;
}

}  // namespace bitloupe::execution
