// SPDX-License-Identifier: Apache-2.0
#include "core/importers/pickle_machine.h"

#include <bit>
#include <utility>

#include "core/importers/pickle_globals.h"

namespace bitloupe::importers {

using Kind = PickleObject::Kind;

namespace {

constexpr std::size_t kMostObjects = 1'000'000;
constexpr std::size_t kMostReferences = 16'000'000;  // in all lists, tuples and dictionaries
constexpr const char* kTooMany = "the pickle holds more objects than any state dict";

}  // namespace

void PickleMachine::fail(std::string what) {
    if (!m_failed) {
        m_error = {std::move(what), "",
                   "save the weights alone: torch.save(model.state_dict(), FILE)"};
        m_failed = true;
    }
}

void PickleMachine::failDamaged(std::string what) {
    if (!m_failed) {
        m_error = {std::move(what), "", "copy the file again from its source"};
        m_failed = true;
    }
}

std::span<const std::byte> PickleMachine::takeBytes(std::uint64_t size) {
    if (m_failed || size > m_bytes.size() - m_position) {
        failDamaged("the pickle ends early");
        return {};
    }
    const auto part = m_bytes.subspan(m_position, static_cast<std::size_t>(size));
    m_position += static_cast<std::size_t>(size);
    return part;
}

std::uint64_t PickleMachine::readNumber(std::size_t size) {
    std::uint64_t value = 0;
    const auto part = takeBytes(size);
    for (std::size_t i = part.size(); i-- > 0;) {
        value = (value << 8U) | std::to_integer<std::uint64_t>(part[i]);
    }
    return value;
}

std::string PickleMachine::readText(std::uint64_t size) {
    const auto part = takeBytes(size);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

std::string PickleMachine::readLine() {
    std::string line;
    while (!m_failed) {
        const char c = static_cast<char>(readNumber(1));
        if (c == '\n') {
            break;
        }
        line += c;
    }
    return line;
}

void PickleMachine::countReferences(std::size_t added) {
    m_references += added;
    if (m_references > kMostReferences) {
        fail(kTooMany);
    }
}

void PickleMachine::push(PickleObject object) {
    countReferences(object.items.size());
    if (m_objects.size() >= kMostObjects) {
        fail(kTooMany);
    }
    if (!m_failed) {
        m_objects.push_back(std::move(object));
        m_stack.push_back(static_cast<std::uint32_t>(m_objects.size() - 1));
    }
}

/// References on the stack count too: a long run of recalls must not outgrow memory.
void PickleMachine::pushCopy(std::uint32_t object) {
    countReferences(1);
    if (!m_failed) {
        m_stack.push_back(object);
    }
}

void PickleMachine::pushInteger(std::int64_t value) {
    push({.kind = Kind::Integer, .integer = value});
}

void PickleMachine::pushText(std::uint64_t size) {
    push({.kind = Kind::Text, .text = readText(size)});
}

/// A two's complement number of any length; one wider than 64 bits keeps its bytes.
void PickleMachine::pushLong(std::uint64_t size) {
    std::string bytes = readText(size);
    if (bytes.size() > 8) {
        push({.kind = Kind::Integer, .text = std::move(bytes)});
        return;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    if (!bytes.empty() && bytes.size() < 8 && (bytes.back() & '\x80') != 0) {
        value |= ~std::uint64_t{0} << (8 * bytes.size());
    }
    pushInteger(static_cast<std::int64_t>(value));
}

/// A double, big-endian.
void PickleMachine::pushReal() {
    const std::uint64_t little = readNumber(8);
    std::uint64_t big = 0;
    for (unsigned i = 0; i < 8; ++i) {
        big = (big << 8U) | ((little >> (8 * i)) & 0xffU);
    }
    push({.kind = Kind::Real, .real = std::bit_cast<double>(big)});
}

void PickleMachine::pushTuple(std::size_t size) {
    std::vector<std::uint32_t> items(size);
    for (std::size_t i = size; i-- > 0;) {
        items[i] = pop();
    }
    push({.kind = Kind::Tuple, .items = std::move(items)});
}

void PickleMachine::pushMarked(Kind kind) {
    std::vector<std::uint32_t> items = popToMark();
    if (kind == Kind::Dictionary && items.size() % 2 != 0) {
        failDamaged("the pickle fills a dictionary with something else than pairs");
    }
    push({.kind = kind, .items = std::move(items)});
}

void PickleMachine::pushGlobal(const std::string& module, const std::string& name) {
    std::string qualified = module + " " + name;
    if (!m_failed && !pickleGlobal(qualified)) {
        fail("the pickle uses " + module + "." + name + ", which weights do not need");
    }
    push({.kind = Kind::Global, .text = std::move(qualified)});
}

void PickleMachine::pushStackGlobal() {
    const std::uint32_t name = pop();
    const std::uint32_t module = pop();
    if (m_failed) {
        return;
    }
    if (m_objects[name].kind != Kind::Text || m_objects[module].kind != Kind::Text) {
        fail("the pickle names a class by something that is not text");
        return;
    }
    pushGlobal(std::string(m_objects[module].text), std::string(m_objects[name].text));
}

void PickleMachine::pushPersistent() {
    const std::uint32_t id = pop();
    push({.kind = Kind::Persistent, .items = {id}});
}

void PickleMachine::duplicate() {
    const std::uint32_t top = pop();
    if (!m_failed) {
        m_stack.push_back(top);
        pushCopy(top);
    }
}

std::uint32_t PickleMachine::pop() {
    const std::size_t floor = m_marks.empty() ? 0 : m_marks.back();
    if (m_failed || m_stack.size() <= floor) {
        failDamaged("the pickle takes from an empty stack");
        return 0;
    }
    const std::uint32_t top = m_stack.back();
    m_stack.pop_back();
    return top;
}

std::vector<std::uint32_t> PickleMachine::popToMark() {
    if (m_failed || m_marks.empty()) {
        failDamaged("the pickle closes what it never opened");
        return {};
    }
    const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
    std::vector<std::uint32_t> items(first, m_stack.end());
    m_stack.erase(first, m_stack.end());
    m_marks.pop_back();
    return items;
}

void PickleMachine::extendTop(Kind kind, const std::vector<std::uint32_t>& items) {
    countReferences(items.size());
    const std::uint32_t top = pop();
    if (m_failed) {
        return;
    }
    PickleObject& object = m_objects[top];
    if (object.kind != kind || (kind == Kind::Dictionary && items.size() % 2 != 0)) {
        fail("the pickle adds items to something that is not a list or a dictionary");
        return;
    }
    object.items.insert(object.items.end(), items.begin(), items.end());
    m_stack.push_back(top);
}

void PickleMachine::memoize(std::uint64_t slot) {
    const std::uint32_t top = pop();
    if (!m_failed) {
        m_stack.push_back(top);
        m_memo[slot] = top;
    }
}

void PickleMachine::recall(std::uint64_t slot) {
    const auto found = m_memo.find(slot);
    if (found == m_memo.end()) {
        failDamaged("the pickle recalls what it never stored");
        return;
    }
    pushCopy(found->second);
}

void PickleMachine::reduce() {
    const std::uint32_t arguments = pop();
    const std::uint32_t callable = pop();
    if (m_failed) {
        return;
    }
    const PickleObject& called = m_objects[callable];
    const auto global = called.kind == Kind::Global ? pickleGlobal(called.text) : std::nullopt;
    if (m_objects[arguments].kind != Kind::Tuple || !global) {
        fail("the pickle calls something that is not a class on the list");
        return;
    }
    const std::vector<std::uint32_t> items = m_objects[arguments].items;
    switch (*global) {
        case PickleGlobal::OrderedDictionary:
            pushDictionary(items);
            break;
        case PickleGlobal::RebuildTensor:
            pushTensor(items);
            break;
        case PickleGlobal::Opaque:
            push({.kind = Kind::Opaque});
            break;
        case PickleGlobal::RebuildParameter:
        case PickleGlobal::Size:
            if (items.empty()) {
                failDamaged("the pickle rebuilds a parameter from nothing");
            } else {
                pushCopy(items.front());
            }
            break;
        case PickleGlobal::Storage:
            fail("the pickle makes a storage of its own");
            break;
    }
}

/// OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]).
void PickleMachine::pushDictionary(const std::vector<std::uint32_t>& arguments) {
    PickleObject dictionary{.kind = Kind::Dictionary};
    if (!arguments.empty()) {
        for (const std::uint32_t pair : m_objects[arguments.front()].items) {
            const std::vector<std::uint32_t>& both = m_objects[pair].items;
            if (both.size() != 2) {
                failDamaged("the pickle fills a dictionary with something else than pairs");
                return;
            }
            dictionary.items.insert(dictionary.items.end(), both.begin(), both.end());
        }
    }
    push(std::move(dictionary));
}

/// _rebuild_tensor(storage, offset, sizes, strides, ...).
void PickleMachine::pushTensor(const std::vector<std::uint32_t>& arguments) {
    if (arguments.size() < 4 || m_objects[arguments[0]].kind != Kind::Persistent ||
        m_objects[arguments[1]].kind != Kind::Integer ||
        m_objects[arguments[2]].kind != Kind::Tuple ||
        m_objects[arguments[3]].kind != Kind::Tuple) {
        failDamaged("the pickle describes a tensor wrongly");
        return;
    }
    push({.kind = Kind::Tensor, .items = {arguments.begin(), arguments.begin() + 4}});
}

void PickleMachine::build() {
    pop();
    const std::uint32_t object = pop();
    if (m_failed) {
        return;
    }
    const Kind kind = m_objects[object].kind;
    if (kind != Kind::Dictionary && kind != Kind::Opaque && kind != Kind::Tensor) {
        fail("the pickle sets attributes of something that is not a dictionary");
        return;
    }
    m_stack.push_back(object);
}

void PickleMachine::checkProtocol() {
    const std::uint64_t version = readNumber(1);
    if (version > 5) {
        fail("the pickle has protocol " + std::to_string(version) + ", newer than 5");
    }
}

void PickleMachine::stop() {
    m_root = pop();
    m_stopped = true;
}

}  // namespace bitloupe::importers
