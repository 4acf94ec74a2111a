// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/data/data_description.h"

namespace bitloupe::data {

struct ListedImage {
    std::string path;
    std::int64_t label = 0;
    std::string mask;  ///< the label image; "" without
};

/// The images of a source, in ascending order of their paths.
struct ImageList {
    std::vector<ListedImage> images;
    bool hasLabels = false;  ///< one label an image
    bool hasMasks = false;   ///< one label a pixel
    std::vector<std::string> classNames;
};

/// The images of a source. Labels: of a table (`labels`) that names the files, else label images of
/// the same names (`masks`), else the folders they lie in when there are any. Errors: no images, an
/// image that the table does not name or that has no label image, more than a million files.
[[nodiscard]] Result<ImageList> listImages(const DataDescription& description,
                                           const std::string& source);

/// Paths of the images in a folder (not below it), ascending.
[[nodiscard]] Result<std::vector<std::string>> imagesIn(const std::string& folder);
/// Names of the folders in a folder that hold images, ascending.
[[nodiscard]] Result<std::vector<std::string>> imageFoldersIn(const std::string& folder);

}  // namespace bitloupe::data
