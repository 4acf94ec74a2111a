// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/exploration/strategies/surrogates.h"

namespace bitloupe::exploration {

namespace {

constexpr int kTrees = 100;

/// A regression tree grown until its leaves agree.
class Tree {
public:
    Tree(const std::vector<Features>& features, const std::vector<Losses>& losses,
         std::vector<std::size_t> samples)
        : m_features(features), m_losses(losses) {
        grow(samples.data(), samples.data() + samples.size());
    }

    [[nodiscard]] const Losses& predict(const Features& features) const {
        std::size_t node = 0;
        while (m_nodes[node].left != 0) {
            const Node& here = m_nodes[node];
            node = features[here.feature] <= here.threshold ? here.left : here.right;
        }
        return m_nodes[node].mean;
    }

private:
    struct Node {
        std::size_t feature = 0;
        double threshold = 0;
        std::size_t left = 0;  ///< 0: a leaf
        std::size_t right = 0;
        Losses mean;
    };
    struct Split {
        std::size_t feature = 0;
        double threshold = 0;
        double gain = 0;
    };

    std::size_t grow(std::size_t* first, std::size_t* last);
    [[nodiscard]] std::optional<Split> bestSplit(std::size_t* first, std::size_t* last) const;

    const std::vector<Features>& m_features;
    const std::vector<Losses>& m_losses;
    std::vector<Node> m_nodes;
};

std::size_t Tree::grow(std::size_t* first, std::size_t* last) {
    const std::size_t index = m_nodes.size();
    m_nodes.emplace_back();
    Losses mean(m_losses.front().size());
    for (const std::size_t* sample = first; sample != last; ++sample) {
        for (std::size_t d = 0; d < mean.size(); ++d) {
            mean[d] += m_losses[*sample][d] / static_cast<double>(last - first);
        }
    }
    m_nodes[index].mean = std::move(mean);
    const std::optional<Split> split = bestSplit(first, last);
    if (!split.has_value()) {
        return index;
    }
    std::size_t* middle = std::partition(first, last, [&](std::size_t sample) {
        return m_features[sample][split->feature] <= split->threshold;
    });
    const std::size_t left = grow(first, middle);
    const std::size_t right = grow(middle, last);
    m_nodes[index].feature = split->feature;
    m_nodes[index].threshold = split->threshold;
    m_nodes[index].left = left;
    m_nodes[index].right = right;
    return index;
}

/// The split that lowers the squared error most, added over the objectives.
std::optional<Tree::Split> Tree::bestSplit(std::size_t* first, std::size_t* last) const {
    const auto count = static_cast<double>(last - first);
    const std::size_t objectives = m_losses.front().size();
    std::optional<Split> best;
    Losses total(objectives);
    for (const std::size_t* sample = first; sample != last; ++sample) {
        for (std::size_t d = 0; d < objectives; ++d) {
            total[d] += m_losses[*sample][d];
        }
    }
    for (std::size_t f = 0; f < m_features.front().size(); ++f) {
        std::sort(first, last, [&](std::size_t a, std::size_t b) {
            return m_features[a][f] != m_features[b][f] ? m_features[a][f] < m_features[b][f]
                                                        : a < b;
        });
        Losses left(objectives);
        for (std::size_t* sample = first; sample + 1 < last; ++sample) {
            for (std::size_t d = 0; d < objectives; ++d) {
                left[d] += m_losses[*sample][d];
            }
            const double here = m_features[*sample][f];
            const double next = m_features[*(sample + 1)][f];
            if (here == next) {
                continue;
            }
            const auto size = static_cast<double>(sample - first + 1);
            double gain = 0;
            for (std::size_t d = 0; d < objectives; ++d) {
                const double right = total[d] - left[d];
                gain += left[d] * left[d] / size + right * right / (count - size) -
                        total[d] * total[d] / count;
            }
            if (gain > (best.has_value() ? best->gain : 1e-12)) {
                best = Split{.feature = f, .threshold = (here + next) / 2, .gain = gain};
            }
        }
    }
    return best;
}

class RandomForest : public Surrogate {
public:
    Prediction predict(const Geometry& geometry, const std::vector<Losses>& losses,
                       Random& random) override {
        const std::size_t wanted = geometry.wanted.size();
        const std::size_t objectives = losses.front().size();
        std::vector<Losses> sums(wanted, Losses(objectives));
        std::vector<Losses> squares(wanted, Losses(objectives));
        for (int t = 0; t < kTrees; ++t) {
            std::vector<std::size_t> samples(losses.size());
            for (std::size_t& sample : samples) {
                sample = random.below(losses.size());
            }
            const Tree tree(geometry.known, losses, std::move(samples));
            for (std::size_t i = 0; i < wanted; ++i) {
                const Losses& value = tree.predict(geometry.wanted[i]);
                for (std::size_t d = 0; d < objectives; ++d) {
                    sums[i][d] += value[d] / kTrees;
                    squares[i][d] += value[d] * value[d] / kTrees;
                }
            }
        }
        for (std::size_t i = 0; i < wanted; ++i) {
            for (std::size_t d = 0; d < objectives; ++d) {
                const double variance = squares[i][d] - sums[i][d] * sums[i][d];
                squares[i][d] = std::sqrt(std::max(variance, 0.0));
            }
        }
        return {.means = std::move(sums), .spreads = std::move(squares)};
    }
};

}  // namespace

std::unique_ptr<Surrogate> makeRandomForest() {
    return std::make_unique<RandomForest>();
}

}  // namespace bitloupe::exploration
