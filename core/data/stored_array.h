// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/data/source.h"

namespace bitloupe::data {

/// An array in a file; its first dimension counts the samples.
class StoredArray {
public:
    virtual ~StoredArray() = default;
    [[nodiscard]] virtual ElementType type() const = 0;
    [[nodiscard]] virtual const Shape& shape() const = 0;  ///< at least one dimension
    /// Rows `first` .. `first + count - 1`, within range.
    [[nodiscard]] virtual Result<Array> read(std::int64_t first, std::int64_t count) = 0;
};

using StoredArrays = std::map<std::string, std::unique_ptr<StoredArray>>;

/// Arrays that are in memory already. One without dimensions gets one.
[[nodiscard]] std::unique_ptr<StoredArray> inMemory(Array array);

/// Opens the arrays of one source: all that could be samples or labels, by name.
using OpenArrays = std::function<Result<StoredArrays>(const std::string& source)>;

/// Sources out of named arrays: inputs and target as `description` says (see
/// DataDescription::inputs). Labels are whole numbers, or rows of one 1 and zeros (one-hot), or
/// with other numbers, or `task: regression`, values to predict.
[[nodiscard]] Result<Sources> sourcesOfArrays(const DataDescription& description,
                                              const OpenArrays& open);

/// The array that most likely holds the labels of `arrays`: one that is named so and has as many
/// rows as another array; "" without one.
[[nodiscard]] std::string guessTarget(const StoredArrays& arrays);

/// The arrays of a file of `kind: arrays`: all of an `.npz`; the one of an `.npy` or `.pb`, under
/// `name`.
[[nodiscard]] Result<StoredArrays> openArrayFile(const std::string& path, const std::string& name);
/// The arrays of an HDF5 file: data sets of numbers by path, columns of tables as `path.column`.
[[nodiscard]] Result<StoredArrays> openHdf5File(const std::string& path);
/// The texts of a data set of an HDF5 file that holds the names of the classes (`class_names` or
/// `classes`); empty without one.
[[nodiscard]] std::vector<std::string> hdf5ClassNames(const std::string& path);

}  // namespace bitloupe::data
