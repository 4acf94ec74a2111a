// SPDX-License-Identifier: Apache-2.0
#include "core/importers/torch_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "core/base/file.h"
#include "core/base/zip_archive.h"
#include "core/importers/pickle_tensors.h"

namespace bitloupe::importers {

namespace {

constexpr std::uint64_t kLargestPickle = std::uint64_t{64} << 20U;
constexpr const char* kCopyAgain = "copy the file again from its source";

/// How much all tensors of a file may take: half of it is what float32 weights take, and views that
/// overlap may repeat some of it.
std::uint64_t memoryFor(std::uint64_t fileBytes) {
    return 8 * fileBytes + (std::uint64_t{1} << 20U);
}

// --- zip: PREFIX/data.pkl, PREFIX/data/KEY for each storage ---

/// The folder inside the zip file that holds data.pkl, with its slash.
Result<std::string> prefixOf(const ZipArchive& archive) {
    const std::string pickle = "data.pkl";
    for (const ZipArchive::Entry& entry : archive.entries()) {
        if (entry.name == pickle || entry.name.ends_with("/" + pickle)) {
            return entry.name.substr(0, entry.name.size() - pickle.size());
        }
    }
    return Error{"this zip file holds no state dict", "",
                 "save one with torch.save(model.state_dict(), FILE)"};
}

Result<void> checkKind(const ZipArchive& archive, const std::string& prefix) {
    if (archive.find(prefix + "constants.pkl") != nullptr) {
        return Error{"this is a TorchScript network, not a state dict", "",
                     "save one with torch.save(model.state_dict(), FILE)"};
    }
    if (archive.find(prefix + "byteorder") != nullptr) {
        const Result<std::string> order = archive.read(prefix + "byteorder", 16);
        if (order.hasError()) {
            return order.error();
        }
        if (order.value() != "little") {
            return Error{"its numbers are stored in byte order " + order.value(), "",
                         "save it again on a little-endian computer"};
        }
    }
    return {};
}

Result<network::NamedTensors> readZip(const std::string& path, std::uint64_t fileBytes) {
    const Result<ZipArchive> archive = ZipArchive::open(path);
    if (archive.hasError()) {
        return archive.error();
    }
    const Result<std::string> prefix = prefixOf(archive.value());
    if (prefix.hasError()) {
        return prefix.error().within(path);
    }
    if (const Result<void> kind = checkKind(archive.value(), prefix.value()); kind.hasError()) {
        return kind.error().within(path);
    }
    const Result<std::string> content =
        archive.value().read(prefix.value() + "data.pkl", kLargestPickle);
    if (content.hasError()) {
        return content.error();
    }
    const Result<Pickle> pickle = readPickle(std::as_bytes(std::span(content.value())));
    if (pickle.hasError()) {
        return pickle.error().within(path + ", " + prefix.value() + "data.pkl");
    }
    const Result<StateDict> dict = stateDictOf(pickle.value());
    if (dict.hasError()) {
        return dict.error().within(path);
    }
    const ReadStorage read = [&](const std::string& key,
                                 std::uint64_t bytes) -> Result<std::string> {
        const std::string name = prefix.value() + "data/" + key;
        const ZipArchive::Entry* entry = archive.value().find(name);
        if (entry != nullptr && entry->size != bytes) {
            return Error{"the entry has " + std::to_string(entry->size) + " bytes where " +
                             std::to_string(bytes) + " are needed",
                         path + ", entry " + name, kCopyAgain};
        }
        return archive.value().read(name, bytes);
    };
    Result<network::NamedTensors> tensors = tensorsOf(dict.value(), read, memoryFor(fileBytes));
    return tensors.hasError() && !tensors.error().where.starts_with(path)
               ? Result<network::NamedTensors>(tensors.error().within(path))
               : tensors;
}

// --- before 1.6: five pickles (magic number, version, system, state dict, storage keys), then for
// each key the number of elements and the elements ---

/// torch.serialization's magic number 0x1950a86a20f9469cfc6c, as a pickled long.
constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

std::uint64_t littleEndian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

/// Where each storage's elements lie in the file.
Result<std::map<std::string, std::string_view>> findStorages(const StateDict& dict,
                                                             const Pickle& keys,
                                                             std::string_view rest) {
    std::map<std::string, std::string_view> places;
    for (const std::uint32_t item : keys.at(keys.root).items) {
        const PickleObject& key = keys.at(item);
        const std::string name =
            key.kind == PickleObject::Kind::Integer ? std::to_string(key.integer) : key.text;
        const auto storage = dict.storages.find(name);
        if (rest.size() < 8) {
            return Error{"the file ends early", "storage " + name, kCopyAgain};
        }
        if (storage == dict.storages.end()) {
            return Error{"the file holds a storage that no tensor uses, so its length is not known",
                         "storage " + name, "save the state dict again with a newer PyTorch"};
        }
        const std::uint64_t bytes = storedBytes(storage->second.type, storage->second.elements);
        if (littleEndian(rest.substr(0, 8)) !=
                static_cast<std::uint64_t>(storage->second.elements) ||
            rest.size() - 8 < bytes) {
            return Error{"the file ends early or is damaged", "storage " + name, kCopyAgain};
        }
        places[name] = rest.substr(8, bytes);
        rest.remove_prefix(8 + bytes);
    }
    return places;
}

/// The next pickle of the file; `content` is cut behind it.
Result<Pickle> nextPickle(std::string_view& content) {
    const std::string_view part = content.substr(0, kLargestPickle);
    Result<Pickle> pickle = readPickle(std::as_bytes(std::span(part)));
    if (!pickle.hasError()) {
        content.remove_prefix(pickle.value().end);
    }
    return pickle;
}

Result<network::NamedTensors> readPickles(std::string_view content) {
    const std::uint64_t fileBytes = content.size();
    std::vector<Pickle> pickles;
    for (int i = 0; i < 5; ++i) {
        Result<Pickle> pickle = nextPickle(content);
        if (pickle.hasError()) {
            return pickle.error();
        }
        pickles.push_back(std::move(pickle).value());
        if (i == 0 && pickles[0].at(pickles[0].root).text != kLegacyMagic) {
            return Error{"this is a pickle, but not one that torch.save wrote", "",
                         "save the weights with torch.save(model.state_dict(), FILE)"};
        }
    }
    const Result<StateDict> dict = stateDictOf(pickles[3]);
    if (dict.hasError()) {
        return dict.error();
    }
    const auto places = findStorages(dict.value(), pickles[4], content);
    if (places.hasError()) {
        return places.error();
    }
    const ReadStorage read = [&](const std::string& key, std::uint64_t) -> Result<std::string> {
        const auto place = places.value().find(key);
        if (place == places.value().end()) {
            return Error{"the file does not hold it", "storage " + key, kCopyAgain};
        }
        return std::string(place->second);
    };
    return tensorsOf(dict.value(), read, memoryFor(fileBytes));
}

bool isTar(std::string_view content) {
    return content.size() > 262 && content.substr(257, 5) == "ustar";
}

}  // namespace

Result<network::NamedTensors> readTorchFile(const std::string& path) {
    const Result<std::string> content = readFile(path);
    if (content.hasError()) {
        return content.error();
    }
    const std::string& bytes = content.value();
    if (bytes.empty()) {
        return Error{"the file is empty", path, kCopyAgain};
    }
    if (bytes.starts_with("PK")) {
        return readZip(path, bytes.size());
    }
    if (isTar(bytes)) {
        return Error{"this file was saved by PyTorch before 0.1.10, as a tar file", path,
                     "load it there and save it again with a newer PyTorch"};
    }
    if (!bytes.starts_with('\x80')) {
        return Error{"this is not a file that torch.save wrote", path, kCopyAgain};
    }
    Result<network::NamedTensors> tensors = readPickles(bytes);
    return tensors.hasError() ? Result<network::NamedTensors>(tensors.error().within(path))
                              : tensors;
}

}  // namespace bitloupe::importers
