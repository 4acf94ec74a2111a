// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/exploration/front.h"

/// Regression models that predict the losses of designs from those of measured ones: a mean and a
/// standard deviation for every objective of every design.
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
    std::vector<Losses> spreads;  ///< standard deviations
};

class Surrogate {
public:
    virtual ~Surrogate() = default;
    /// `losses`: one row a known design. Models may start from what they learned the last time.
    [[nodiscard]] virtual Prediction predict(const Geometry& geometry,
                                             const std::vector<Losses>& losses, Random& random) = 0;
};

enum class RadialBasis { ThinPlate, Multiquadric };

/// Consensus of radial basis interpolations: 32 rounds on 60 % of the known designs each; the mean
/// and the root of the variances summed over the objectives. `width` scales
/// distances for the multiquadric.
[[nodiscard]] std::unique_ptr<Surrogate> makeRadialBasisConsensus(RadialBasis basis, double width);

/// 100 regression trees on bootstrap samples, all features, squared error (Breiman 2001); mean and
/// spread over the trees.
[[nodiscard]] std::unique_ptr<Surrogate> makeRandomForest();

/// A process for each objective: Matern 3/2 with a length for every feature and noise, both by the
/// marginal likelihood (Rasmussen and Williams, "Gaussian processes for machine learning", 2006,
/// sections 4.2, 5.1 and 5.4).
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
