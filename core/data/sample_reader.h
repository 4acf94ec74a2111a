// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::data {

/// What one input of a source looks like.
struct InputHead {
    std::string name;                         ///< "" = the only input
    ElementType type = ElementType::Float32;  ///< Float32 or Int64
    Shape sample;                             ///< of one sample; at least one dimension
    std::vector<std::int64_t> marks = {};     ///< channels of 0 and 1: no scaling is fitted to them
};

/// What a source holds.
struct SampleHead {
    std::int64_t count = 0;
    std::vector<InputHead> inputs;
    std::int64_t labels = 0;   ///< class indices of one sample
    std::int64_t targets = 0;  ///< numbers to predict of one sample
};

/// Some samples: one array for each input, samples first, with their labels or targets.
struct SampleBlock {
    std::vector<Array> inputs;
    std::vector<std::int64_t> labels;
    std::vector<float> targets;
};

/// The samples of one source, read a block at a time. One thread at a time may use it.
class SampleReader {
public:
    virtual ~SampleReader() = default;
    [[nodiscard]] virtual const SampleHead& head() const = 0;
    /// Samples `first` .. `first + count - 1`, within range. Errors name the file and the place.
    [[nodiscard]] virtual Result<SampleBlock> read(std::int64_t first, std::int64_t count) = 0;
};

/// A reader of arrays that are in memory, in whatever type they are stored.
class MemoryReader : public SampleReader {
public:
    struct Input {
        std::string name;
        Array values;  ///< samples first
        ElementType type = ElementType::Float32;
        std::vector<std::int64_t> marks = {};  ///< as InputHead says
    };
    /// `labels` and `targets`: whole numbers of them a sample, or empty.
    MemoryReader(std::vector<Input> inputs, std::vector<std::int64_t> labels,
                 std::vector<float> targets);

    [[nodiscard]] const SampleHead& head() const override { return m_head; }
    [[nodiscard]] Result<SampleBlock> read(std::int64_t first, std::int64_t count) override;

private:
    std::vector<Input> m_inputs;
    std::vector<std::int64_t> m_labels;
    std::vector<float> m_targets;
    SampleHead m_head;
};

/// The type in which samples stored as `type` reach the network: Int64 for whole numbers of 32 and
/// 64 bits (indices), Float32 for everything else (measurements, pixels, masks).
[[nodiscard]] ElementType sampleType(ElementType stored);

/// The same values in another type (for Float32 the nearest, for whole numbers cut off).
[[nodiscard]] Array converted(const Array& array, ElementType type);

/// Shape of one sample; samples of a single number get one dimension.
[[nodiscard]] Shape sampleShapeOf(const Shape& all);

}  // namespace bitloupe::data
