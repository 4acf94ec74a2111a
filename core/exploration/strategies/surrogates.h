// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/exploration/front.h"

/// Regression models that predict the losses of designs from those of measured ones; all of them
/// give a mean for every objective and one spread for every design.
namespace bitloupe::exploration {

using Features = std::vector<double>;

/// Measured and wanted designs, with the distances that several models need.
struct Geometry {
    Geometry(std::vector<Features> measured, std::vector<Features> asked);

    std::vector<Features> known;
    std::vector<Features> wanted;
    std::vector<std::vector<double>> knownDistances;   ///< known x known
    std::vector<std::vector<double>> wantedDistances;  ///< wanted x known
};

struct Prediction {
    std::vector<Losses> means;    ///< one a wanted design
    std::vector<double> spreads;  ///< standard deviations
};

class Surrogate {
public:
    virtual ~Surrogate() = default;
    /// `losses`: one row a known design.
    [[nodiscard]] virtual Prediction predict(const Geometry& geometry,
                                             const std::vector<Losses>& losses,
                                             Random& random) const = 0;
};

enum class RadialBasis { ThinPlate, Multiquadric };

/// Consensus of radial basis interpolations: 32 rounds on 60 % of the known designs each; the mean
/// over the rounds, and the root of the variances summed over the objectives. `width` scales
/// distances for the multiquadric.
[[nodiscard]] std::unique_ptr<Surrogate> makeRadialBasisConsensus(RadialBasis basis, double width);

/// 100 regression trees on bootstrap samples, all features, squared error (Breiman 2001); mean and
/// spread over the trees.
[[nodiscard]] std::unique_ptr<Surrogate> makeRandomForest();

/// Matern 3/2 with one length for all features, chosen by the marginal likelihood; the objectives
/// share the kernel.
[[nodiscard]] std::unique_ptr<Surrogate> makeGaussianProcess();

/// Transductive experimental design (Yu, Bi, Tresp, "Active learning via transductive experimental
/// design", ICML 2006): the `count` designs from which a kernel model knows most about all of them.
/// Gaussian kernel of width sqrt(largest feature range), regularization 1e-3. O(n^2 count).
[[nodiscard]] std::vector<std::size_t> transductiveDesign(const std::vector<Features>& designs,
                                                          std::size_t count);

[[nodiscard]] double distance(const Features& a, const Features& b);
/// Mean over all pairs of different designs.
[[nodiscard]] double meanDistance(const std::vector<Features>& designs);
/// Every feature to mean 0 and standard deviation 1; constant ones to 0.
[[nodiscard]] std::vector<Features> standardized(std::vector<Features> designs);

}  // namespace bitloupe::exploration
