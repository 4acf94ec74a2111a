// SPDX-License-Identifier: Apache-2.0
#include "core/importers/pickle_tensors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "core/importers/pickle_globals.h"

namespace bitloupe::importers {

namespace {

using Kind = PickleObject::Kind;

constexpr const char* kCopyAgain = "copy the file again from its source";

/// What training scripts call the state dict inside a checkpoint, the most telling first.
constexpr std::array<const char*, 8> kWrappers = {
    "state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "module"};

Error damaged(std::string what, const std::string& tensor) {
    return {std::move(what), tensor.empty() ? "" : "tensor " + tensor, kCopyAgain};
}

/// Walks the dictionaries of one pickle.
class Collector {
public:
    explicit Collector(const Pickle& pickle) : m_pickle(pickle) {}

    Result<StateDict> collect() {
        const std::uint32_t root = unwrapped(m_pickle.root);
        if (m_pickle.at(root).kind != Kind::Dictionary) {
            return Error{"the file holds no state dict", "",
                         "save the weights alone: torch.save(model.state_dict(), FILE)"};
        }
        Result<void> walked = walk(root, "", 0);
        if (walked.hasError()) {
            return walked.error();
        }
        if (m_dict.tensors.empty()) {
            return Error{"the state dict holds no tensors", "",
                         "save the weights alone: torch.save(model.state_dict(), FILE)"};
        }
        return std::move(m_dict);
    }

private:
    [[nodiscard]] std::optional<std::uint32_t> valueOf(const PickleObject& dictionary,
                                                       const std::string& key) const {
        for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
            const PickleObject& name = m_pickle.at(dictionary.items[i]);
            if (name.kind == Kind::Text && name.text == key) {
                return dictionary.items[i + 1];
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool holdsTensors(const PickleObject& dictionary) const {
        for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
            if (m_pickle.at(dictionary.items[i + 1]).kind == Kind::Tensor) {
                return true;
            }
        }
        return false;
    }

    /// The state dict inside a checkpoint, at most three dictionaries deep.
    [[nodiscard]] std::uint32_t unwrapped(std::uint32_t position) const {
        for (int depth = 0; depth < 3; ++depth) {
            const PickleObject& object = m_pickle.at(position);
            if (object.kind != Kind::Dictionary || holdsTensors(object)) {
                return position;
            }
            for (const char* wrapper : kWrappers) {
                const auto inner = valueOf(object, wrapper);
                if (inner && m_pickle.at(*inner).kind == Kind::Dictionary) {
                    position = *inner;
                    break;
                }
            }
        }
        return position;
    }

    /// Tensors directly in a dictionary, and in dictionaries in it under dotted names. Each
    /// dictionary is walked once, so one that holds itself ends.
    Result<void> walk(std::uint32_t position, const std::string& prefix, int depth) {
        if (depth > 8 || !m_walked.insert(position).second) {
            return {};
        }
        const PickleObject& dictionary = m_pickle.at(position);
        for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
            const PickleObject& key = m_pickle.at(dictionary.items[i]);
            const PickleObject& value = m_pickle.at(dictionary.items[i + 1]);
            if (key.kind != Kind::Text) {
                continue;
            }
            Result<void> done;
            if (value.kind == Kind::Tensor) {
                done = addTensor(prefix + key.text, value);
            } else if (value.kind == Kind::Dictionary) {
                done = walk(dictionary.items[i + 1], prefix + key.text + ".", depth + 1);
            }
            if (done.hasError()) {
                return done;
            }
        }
        return {};
    }

    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::uint32_t position) const {
        std::vector<std::int64_t> values;
        for (const std::uint32_t item : m_pickle.at(position).items) {
            if (m_pickle.at(item).kind != Kind::Integer) {
                return std::nullopt;
            }
            values.push_back(m_pickle.at(item).integer);
        }
        return values;
    }

    /// The persistent id of a storage: ("storage", class, key, device, elements[, view]).
    Result<std::string> addStorage(const std::string& tensor, std::uint32_t persistent) {
        const PickleObject& id = m_pickle.at(m_pickle.at(persistent).items.front());
        if (id.kind != Kind::Tuple || id.items.size() < 5 ||
            m_pickle.at(id.items[1]).kind != Kind::Global ||
            m_pickle.at(id.items[4]).kind != Kind::Integer) {
            return damaged("the pickle describes a storage wrongly", tensor);
        }
        const auto type = storageType(m_pickle.at(id.items[1]).text);
        const PickleObject& key = m_pickle.at(id.items[2]);
        const std::string name = key.kind == Kind::Integer ? std::to_string(key.integer) : key.text;
        if (!type || name.empty()) {
            return damaged("the pickle describes a storage wrongly", tensor);
        }
        if (id.items.size() > 5 && m_pickle.at(id.items[5]).kind != Kind::None) {
            return damaged("its storage is a view of another one, which is not supported", tensor);
        }
        const Storage storage{*type, m_pickle.at(id.items[4]).integer};
        const auto [place, fresh] = m_dict.storages.emplace(name, storage);
        if (place->second != storage) {
            return damaged("its storage is described in two ways", tensor);
        }
        if (checkedElementCount(std::array{storage.elements}).hasError()) {
            return damaged("its storage has a size that makes no sense", tensor);
        }
        return name;
    }

    Result<void> addTensor(const std::string& name, const PickleObject& object) {
        const Result<std::string> storage = addStorage(name, object.items[0]);
        if (storage.hasError()) {
            return storage.error();
        }
        const auto shape = integers(object.items[2]);
        const auto strides = integers(object.items[3]);
        if (!shape || !strides || shape->size() != strides->size()) {
            return damaged("the pickle describes a tensor wrongly", name);
        }
        TensorView view{name, storage.value(), m_pickle.at(object.items[1]).integer, *shape,
                        *strides};
        for (std::size_t i = 0; i < view.shape.size(); ++i) {
            view.strides[i] = view.shape[i] == 1 ? 0 : view.strides[i];  // never stepped along
        }
        Result<void> checked = checkReach(view, m_dict.storages[view.storage].elements);
        if (!checked.hasError()) {
            m_dict.tensors.push_back(std::move(view));
        }
        return checked;
    }

    /// Every element of the view lies in its storage.
    static Result<void> checkReach(const TensorView& view, std::int64_t elements) {
        const Result<std::int64_t> count = checkedElementCount(view.shape);
        if (count.hasError()) {
            return count.error().within("tensor " + view.name);
        }
        std::int64_t last = view.offset;
        bool inside = view.offset >= 0 && view.offset <= elements;
        for (std::size_t i = 0; inside && count.value() > 0 && i < view.shape.size(); ++i) {
            const std::int64_t steps = view.shape[i] - 1;
            const std::int64_t stride = view.strides[i];
            inside = stride >= 0 && (steps == 0 || stride <= (elements - last) / steps);
            last += inside ? steps * stride : 0;
        }
        if (!inside || (count.value() > 0 && last >= elements)) {
            return damaged(
                "it reaches past the " + std::to_string(elements) + " elements of its storage",
                view.name);
        }
        return {};
    }

    const Pickle& m_pickle;
    StateDict m_dict;
    std::set<std::uint32_t> m_walked;
};

/// Gathers the elements of a checked view, row by row.
std::string gathered(const TensorView& view, const std::string& storage, std::size_t elementBytes,
                     std::int64_t count) {
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(count) * elementBytes);
    std::vector<std::int64_t> index(view.shape.size(), 0);
    std::int64_t position = view.offset;
    for (std::int64_t i = 0; i < count; ++i) {
        bytes.append(storage, static_cast<std::size_t>(position) * elementBytes, elementBytes);
        for (std::size_t axis = view.shape.size(); axis-- > 0;) {
            position += view.strides[axis];
            if (++index[axis] < view.shape[axis]) {
                break;
            }
            position -= view.strides[axis] * view.shape[axis];
            index[axis] = 0;
        }
    }
    return bytes;
}

}  // namespace

Result<StateDict> stateDictOf(const Pickle& pickle) {
    return Collector(pickle).collect();
}

Result<network::NamedTensors> tensorsOf(const StateDict& dict, const ReadStorage& readStorage,
                                        std::uint64_t maxBytes) {
    network::NamedTensors tensors;
    std::uint64_t total = 0;
    std::string key;  // tensors of one storage mostly follow each other: keep the last one
    std::string content;
    for (const TensorView& view : dict.tensors) {
        const Storage& storage = dict.storages.at(view.storage);
        const std::int64_t count = elementCount(view.shape);
        const std::uint64_t elementBytes = storedBytes(storage.type, 1);
        total += storedBytes(storage.type, count);
        if (total > maxBytes || storedBytes(storage.type, storage.elements) > maxBytes) {
            return Error{"its tensors would take more memory than the file can account for",
                         "tensor " + view.name, "do not trust this file; get it from its source"};
        }
        if (view.storage != key || tensors.empty()) {
            Result<std::string> read =
                readStorage(view.storage, storedBytes(storage.type, storage.elements));
            if (read.hasError()) {
                return read.error();
            }
            key = view.storage;
            content = std::move(read).value();
        }
        const std::string bytes = gathered(view, content, elementBytes, count);
        Result<Array> array =
            arrayFromStored(storage.type, view.shape, std::as_bytes(std::span(bytes)));
        if (array.hasError()) {
            return array.error().within("tensor " + view.name);
        }
        tensors.emplace_back(view.name, std::move(array).value());
    }
    return tensors;
}

}  // namespace bitloupe::importers
