// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"

namespace bitloupe::data {

/// Files that hold samples: `files` by part, relative to the description.
///
/// idx: images, labels · csv: table · cifar: images, images2, images3 … in this order ·
/// arrays: one .npy or TensorProto .pb for each array under its name, or .npz files that bring all
/// of theirs · hdf5: file · images: folder (or one file), and labels (a table of file names) or
/// masks (a folder of label images) · text: text, and for GPT-2's tokens encoder and merges.
struct DataSource {
    std::map<std::string, std::string> files;
};

/// Which samples a role uses.
struct SplitDescription {
    std::string source;
    std::int64_t first = 0;
    std::optional<std::int64_t> count;  ///< nothing: to the end
};

/// What is done to each picture of an image folder, in this order.
struct ImageOptions {
    /// Height and width; {n, 0}: the shorter side becomes n. Nothing: as they are.
    std::optional<std::array<std::int64_t, 2>> resize;
    std::optional<std::array<std::int64_t, 2>> crop;  ///< height and width, from the middle
    std::optional<std::int64_t> channels;             ///< 1 or 3; nothing: as the first image
};

/// How a text becomes samples: windows of `window` tokens with the next token of each as its label.
struct TextOptions {
    /// "characters" (those that occur, in ascending order), "bytes", "printable" (the 100 of
    /// Python's string.printable, in its order) or "gpt2" (byte pair encoding)
    std::string tokens = "characters";
    std::int64_t window = 64;
    std::int64_t stride = 0;  ///< from the start of one window to the next; 0: the window
};

/// A data set as its YAML says it.
struct DataDescription {
    std::string kind;  ///< "idx", "csv", "cifar", "arrays", "hdf5", "images", "text"
    std::string name;
    std::map<std::string, DataSource> sources;
    std::map<Role, SplitDescription> splits;
    /// CSV: column of the label (name, or number from 1); arrays and HDF5: the array of the labels;
    /// CIFAR-100: "fine" or "coarse"; tables of image labels: the column. Empty: no labels, or for
    /// CIFAR and image tables what is usual.
    std::string target;
    /// Arrays and HDF5: what each input of the network is read from (`array`, `group/array`, or
    /// `table.column`); empty: every array that has as many samples, under its own name.
    std::map<std::string, std::string> inputs;
    std::vector<std::string> columns;  ///< CSV: input columns; empty: all but the target
    std::vector<std::string> oneHot;   ///< CSV: columns whose texts become one input each
    std::optional<bool> header;  ///< CSV: whether the first row names the columns; nothing: look
    std::string missing;         ///< CSV, rows with an empty cell: "drop"; empty: an error
    std::string task;            ///< "classification", "regression"; empty: look
    std::optional<Metric> metric;
    ImageOptions images;
    TextOptions text;
    std::optional<std::uint64_t>
        shuffle;  ///< seed; samples of a source are mixed before they are split
    std::string scaling =
        "none";          ///< "none", "divide", "standardize" (by the calibration split), "minmax"
    double divisor = 1;  ///< with "divide"
    /// After the scaling, (x - mean) / deviation; one value, or one for each channel (axis 1).
    std::vector<double> mean;
    std::vector<double> deviation;
    std::string folder;  ///< paths are relative to it; not written
};

/// How much memory samples may take.
struct LoadLimits {
    /// Samples of all splits together; what is larger is kept in an unnamed file under $TMPDIR
    /// (else /var/tmp) that is mapped, so that the system holds only the pages in use.
    std::int64_t memoryBytes = std::int64_t{512} << 20U;
    /// Of that file.
    std::int64_t diskBytes = std::int64_t{256} << 30U;
};

/// Reads the samples of every split but the training one. Labels: whole numbers from 0 on are class
/// indices; other texts and numbers become classes in ascending order. Scaling is fitted to the
/// calibration split, per channel (axis 1). Samples are read in pieces of at most 16 MiB (or one
/// sample) from files that can be read in pieces: CIFAR, .npy, HDF5, image folders; other files are
/// held whole while they are read (IDX and tables up to 2 GiB, .npz 1 GiB, text 256 MiB). Errors
/// name the file and the place in it.
[[nodiscard]] Result<DataSet> loadDataSet(const DataDescription& description,
                                          const LoadLimits& limits = {});

/// The samples of the training split; without one, those of the calibration split. Scaled as
/// loadDataSet() scales.
[[nodiscard]] Result<Samples> loadTrainingSamples(const DataDescription& description,
                                                  const LoadLimits& limits = {});

/// A YAML description, or a file or folder that is recognised by itself (an IDX pair, CIFAR's
/// binary files, arrays, HDF5, tables, images, text).
[[nodiscard]] Result<DataDescription> describeData(const std::string& path);

}  // namespace bitloupe::data
