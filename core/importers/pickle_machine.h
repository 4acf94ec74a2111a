// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/importers/pickle.h"

namespace bitloupe::importers {

/// Python's pickle virtual machine, cut down to what builds data: a stack of objects, marks on it,
/// and a memo. An error stops it: every operation after that does nothing.
class PickleMachine {
public:
    explicit PickleMachine(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    [[nodiscard]] bool stopped() const { return m_stopped; }
    [[nodiscard]] bool failed() const { return m_failed; }
    [[nodiscard]] const Error& error() const { return m_error; }
    [[nodiscard]] std::size_t position() const { return m_position; }
    void fail(std::string what);

    /// Takes what was built; the machine is empty afterwards.
    Pickle take() { return {std::move(m_objects), m_root, m_position}; }

    // Reading: little-endian numbers, text of a given length, text up to the end of the line.
    std::uint64_t readNumber(std::size_t size);
    std::string readText(std::uint64_t size);
    std::string readLine();

    // Pushing.
    void push(PickleObject object);
    void pushInteger(std::int64_t value);
    void pushText(std::uint64_t size);
    void pushLong(std::uint64_t size);
    void pushReal();
    void pushTuple(std::size_t size);
    void pushMarked(PickleObject::Kind kind);
    void pushGlobal(const std::string& module, const std::string& name);
    void pushStackGlobal();
    void pushPersistent();
    void duplicate();

    // Taking: a mark protects what lies below it.
    void mark() { m_marks.push_back(m_stack.size()); }
    std::uint32_t pop();
    std::vector<std::uint32_t> popToMark();

    /// Adds `items` to the list or dictionary on top of the stack.
    void extendTop(PickleObject::Kind kind, const std::vector<std::uint32_t>& items);

    void memoize(std::uint64_t slot);
    void memoizeNext() { memoize(m_memo.size()); }
    void recall(std::uint64_t slot);

    /// "Calls" a class on the list: makes the plain data that stands for its result.
    void reduce();

    /// Sets attributes: of an ordered dictionary they are notes such as `_metadata`, and dropped.
    void build();

    void checkProtocol();
    void stop();

private:
    std::span<const std::byte> takeBytes(std::uint64_t size);
    void failDamaged(std::string what);
    void pushCopy(std::uint32_t object);
    void pushDictionary(const std::vector<std::uint32_t>& arguments);
    void pushTensor(const std::vector<std::uint32_t>& arguments);
    void countReferences(std::size_t added);

    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
    std::vector<PickleObject> m_objects;
    std::size_t m_references = 0;
    std::vector<std::uint32_t> m_stack;
    std::vector<std::size_t> m_marks;
    std::unordered_map<std::uint64_t, std::uint32_t> m_memo;
    std::uint32_t m_root = 0;
    bool m_stopped = false;
    bool m_failed = false;
    Error m_error;
};

}  // namespace bitloupe::importers
