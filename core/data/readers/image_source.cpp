// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/data/image/image.h"
#include "core/data/image_list.h"
#include "core/data/source.h"

namespace bitloupe::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnlabelled = 255;  // what label images of PASCAL VOC and others agree on

/// Resize and crop as the description says.
Result<Image> prepared(const std::string& path, ImageForm form, const ImageOptions& options) {
    Result<Image> read = readImage(path, form);
    if (read.hasError()) {
        return read;
    }
    Image image = std::move(read).value();
    const bool smooth = form != ImageForm::Numbers;
    if (options.resize.has_value()) {
        auto [height, width] = *options.resize;
        if (width == 0) {  // the shorter side becomes `height`
            const std::int64_t side = height;
            const bool tall = image.height > image.width;
            height = tall ? side * image.height / image.width : side;
            width = tall ? side : side * image.width / image.height;
        }
        if (std::max(height, width) > kMostImageSide) {
            return Error{"the image becomes too large when it is resized", path,
                         "give both sides: `resize: [height, width]`"};
        }
        image = resized(image, height, width, smooth);
    }
    if (options.crop.has_value()) {
        const auto [height, width] = *options.crop;
        if (height > image.height || width > image.width) {
            return Error{"the image has " + std::to_string(image.width) + " x " +
                             std::to_string(image.height) + " pixels, fewer than `crop`",
                         path, "give `resize` before it, or a smaller `crop`"};
        }
        image = centreCropped(image, height, width);
    }
    return image;
}

/// Images in a folder, one label each, one label a pixel, or none.
class ImageReader : public SampleReader {
public:
    static Result<std::unique_ptr<SampleReader>> open(ImageList list, const ImageOptions& options) {
        auto reader = std::make_unique<ImageReader>();
        reader->m_list = std::move(list);
        reader->m_options = options;
        const Result<ImageHead> first = readImageHead(reader->m_list.images.front().path);
        if (first.hasError()) {
            return first.error();
        }
        const std::int64_t channels = options.channels.value_or(first.value().channels);
        reader->m_form = channels == 3 ? ImageForm::Colour : ImageForm::Gray;
        const ListedImage& entry = reader->m_list.images.front();
        const Result<Image> image = prepared(entry.path, reader->m_form, options);
        if (image.hasError()) {
            return image.error();
        }
        reader->m_head.count = static_cast<std::int64_t>(reader->m_list.images.size());
        reader->m_head.inputs.push_back(
            {"", ElementType::Float32, {channels, image.value().height, image.value().width}, {}});
        reader->m_head.labels = reader->m_list.hasMasks ? image.value().height * image.value().width
                                : reader->m_list.hasLabels ? 1
                                                           : 0;
        return std::unique_ptr<SampleReader>(std::move(reader));
    }

    const SampleHead& head() const override { return m_head; }

    Result<SampleBlock> read(std::int64_t first, std::int64_t count) override {
        Shape shape = m_head.inputs.front().sample;
        const std::int64_t size = elementCount(shape);
        std::vector<float> values(static_cast<std::size_t>(size * count));
        SampleBlock block;
        for (std::int64_t i = 0; i < count; ++i) {
            const ListedImage& entry = m_list.images[static_cast<std::size_t>(first + i)];
            const std::span<float> target = std::span(values).subspan(
                static_cast<std::size_t>(size * i), static_cast<std::size_t>(size));
            Result<void> step = readPixels(entry, target);
            if (step.hasValue() && m_list.hasMasks) {
                step = readMask(entry, block.labels);
            }
            if (step.hasError()) {
                return step.error();
            }
            if (m_list.hasLabels && !m_list.hasMasks) {
                block.labels.push_back(entry.label);
            }
        }
        shape.insert(shape.begin(), count);
        block.inputs.push_back(Array::of<float>(std::move(shape), values));
        return block;
    }

private:
    [[nodiscard]] Result<void> checkSize(const Image& image, const std::string& path) const {
        const Shape& wanted = m_head.inputs.front().sample;
        if (image.height != wanted[1] || image.width != wanted[2]) {
            return Error{"the image has " + std::to_string(image.width) + " x " +
                             std::to_string(image.height) + " pixels, the first one " +
                             std::to_string(wanted[2]) + " x " + std::to_string(wanted[1]),
                         path, "give `resize` and `crop`, for instance 256 and 224"};
        }
        return {};
    }

    Result<void> readPixels(const ListedImage& entry, std::span<float> target) const {
        const Result<Image> image = prepared(entry.path, m_form, m_options);
        if (image.hasError()) {
            return image.error();
        }
        Result<void> size = checkSize(image.value(), entry.path);
        if (size.hasError()) {
            return size;
        }
        const auto channels = static_cast<std::size_t>(image.value().channels);
        const std::vector<std::uint8_t>& pixels = image.value().pixels;
        const std::size_t plane = pixels.size() / channels;
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            target[i % channels * plane + i / channels] = static_cast<float>(pixels[i]);
        }
        return {};
    }

    Result<void> readMask(const ListedImage& entry, std::vector<std::int64_t>& labels) const {
        const Result<Image> mask = prepared(entry.mask, ImageForm::Numbers, m_options);
        if (mask.hasError()) {
            return mask.error();
        }
        Result<void> size = checkSize(mask.value(), entry.mask);
        if (size.hasError()) {
            return size;
        }
        for (const std::uint8_t value : mask.value().pixels) {
            labels.push_back(value == kUnlabelled ? kIgnoredLabel : value);
        }
        return {};
    }

    ImageList m_list;
    ImageOptions m_options;
    ImageForm m_form = ImageForm::Colour;
    SampleHead m_head;
};

}  // namespace

Result<Sources> openImageSources(const DataDescription& description) {
    Sources sources;
    std::map<std::string, ImageList> lists;
    for (const std::string& name : usedSources(description)) {
        Result<ImageList> list = listImages(description, name);
        if (list.hasError()) {
            return list.error();
        }
        lists.emplace(name, std::move(list).value());
    }
    for (auto& [name, list] : lists) {
        if (list.classNames != lists.begin()->second.classNames && !list.hasMasks) {
            return Error{
                "the classes of `" + name + "` differ from those of `" + lists.begin()->first + "`",
                "data.sources." + name, "give folders with the same classes"};
        }
        sources.classNames = list.classNames;
        sources.task = list.hasLabels || list.hasMasks ? Task::Classification : Task::None;
    }
    for (auto& [name, list] : lists) {
        Result<std::unique_ptr<SampleReader>> reader =
            ImageReader::open(std::move(list), description.images);
        if (reader.hasError()) {
            return reader.error();
        }
        sources.byName.emplace(name, std::move(reader).value());
    }
    return sources;
}

}  // namespace bitloupe::data
