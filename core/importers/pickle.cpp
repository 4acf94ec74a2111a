// SPDX-License-Identifier: Apache-2.0
#include "core/importers/pickle.h"

#include <array>
#include <utility>

#include "core/importers/pickle_machine.h"

namespace bitloupe::importers {

namespace {

using Kind = PickleObject::Kind;
using Machine = PickleMachine;
using Instruction = void (*)(Machine&);

void readAndPushGlobal(Machine& m) {
    const std::string module = m.readLine();
    m.pushGlobal(module, m.readLine());
}

void setItem(Machine& m) {
    const std::uint32_t value = m.pop();
    const std::uint32_t key = m.pop();
    m.extendTop(Kind::Dictionary, {key, value});
}

/// What each byte means (Lib/pickletools.py of Python lists them all); the rest is refused.
std::array<Instruction, 256> makeInstructions() {
    std::array<Instruction, 256> table{};
    table[0x80] = [](Machine& m) { m.checkProtocol(); };           // PROTO
    table[0x95] = [](Machine& m) { m.readNumber(8); };             // FRAME
    table['.'] = [](Machine& m) { m.stop(); };                     // STOP
    table['N'] = [](Machine& m) { m.push({}); };                   // NONE
    table[0x88] = [](Machine& m) { m.push({Kind::Boolean, 1}); };  // NEWTRUE
    table[0x89] = [](Machine& m) { m.push({Kind::Boolean, 0}); };  // NEWFALSE
    table['J'] = [](Machine& m) {                                  // BININT
        m.pushInteger(static_cast<std::int32_t>(m.readNumber(4)));
    };
    table['K'] = [](Machine& m) { m.pushInteger(static_cast<std::int64_t>(m.readNumber(1))); };
    table['M'] = [](Machine& m) { m.pushInteger(static_cast<std::int64_t>(m.readNumber(2))); };
    table[0x8a] = [](Machine& m) { m.pushLong(m.readNumber(1)); };  // LONG1
    table[0x8b] = [](Machine& m) { m.pushLong(m.readNumber(4)); };  // LONG4
    table['G'] = [](Machine& m) { m.pushReal(); };                  // BINFLOAT
    for (const unsigned char text : {'X', 'T', 'B'}) {              // BINUNICODE, -STRING, -BYTES
        table[text] = [](Machine& m) { m.pushText(m.readNumber(4)); };
    }
    for (const int text : {0x8c, int{'U'}, int{'C'}}) {  // their short forms
        table[static_cast<std::size_t>(text)] = [](Machine& m) { m.pushText(m.readNumber(1)); };
    }
    for (const std::size_t text : {0x8dU, 0x8eU}) {  // their long forms
        table[text] = [](Machine& m) { m.pushText(m.readNumber(8)); };
    }
    table['('] = [](Machine& m) { m.mark(); };                                      // MARK
    table[')'] = [](Machine& m) { m.pushTuple(0); };                                // EMPTY_TUPLE
    table[0x85] = [](Machine& m) { m.pushTuple(1); };                               // TUPLE1
    table[0x86] = [](Machine& m) { m.pushTuple(2); };                               // TUPLE2
    table[0x87] = [](Machine& m) { m.pushTuple(3); };                               // TUPLE3
    table['t'] = [](Machine& m) { m.pushMarked(Kind::Tuple); };                     // TUPLE
    table[']'] = [](Machine& m) { m.push({Kind::List}); };                          // EMPTY_LIST
    table['l'] = [](Machine& m) { m.pushMarked(Kind::List); };                      // LIST
    table['a'] = [](Machine& m) { m.extendTop(Kind::List, {m.pop()}); };            // APPEND
    table['e'] = [](Machine& m) { m.extendTop(Kind::List, m.popToMark()); };        // APPENDS
    table['}'] = [](Machine& m) { m.push({Kind::Dictionary}); };                    // EMPTY_DICT
    table['d'] = [](Machine& m) { m.pushMarked(Kind::Dictionary); };                // DICT
    table['s'] = setItem;                                                           // SETITEM
    table['u'] = [](Machine& m) { m.extendTop(Kind::Dictionary, m.popToMark()); };  // SETITEMS
    table['0'] = [](Machine& m) { m.pop(); };                                       // POP
    table['1'] = [](Machine& m) { m.popToMark(); };                                 // POP_MARK
    table['2'] = [](Machine& m) { m.duplicate(); };                                 // DUP
    table['q'] = [](Machine& m) { m.memoize(m.readNumber(1)); };                    // BINPUT
    table['r'] = [](Machine& m) { m.memoize(m.readNumber(4)); };                    // LONG_BINPUT
    table[0x94] = [](Machine& m) { m.memoizeNext(); };                              // MEMOIZE
    table['h'] = [](Machine& m) { m.recall(m.readNumber(1)); };                     // BINGET
    table['j'] = [](Machine& m) { m.recall(m.readNumber(4)); };                     // LONG_BINGET
    table['c'] = readAndPushGlobal;                                                 // GLOBAL
    table[0x93] = [](Machine& m) { m.pushStackGlobal(); };                          // STACK_GLOBAL
    table['Q'] = [](Machine& m) { m.pushPersistent(); };                            // BINPERSID
    table['R'] = [](Machine& m) { m.reduce(); };                                    // REDUCE
    table['b'] = [](Machine& m) { m.build(); };                                     // BUILD
    return table;
}

void step(Machine& machine) {
    static const std::array<Instruction, 256> kInstructions = makeInstructions();
    const auto code = static_cast<std::size_t>(machine.readNumber(1));
    if (machine.failed()) {
        return;
    }
    if (kInstructions[code] == nullptr) {
        machine.fail("the pickle uses the instruction " + std::to_string(code) +
                     ", which weights do not need");
    } else {
        kInstructions[code](machine);
    }
}

}  // namespace

Result<Pickle> readPickle(std::span<const std::byte> bytes) {
    Machine machine(bytes);
    while (!machine.stopped()) {
        const std::size_t start = machine.position();
        step(machine);
        if (machine.failed()) {
            return machine.error().within("byte " + std::to_string(start));
        }
    }
    return machine.take();
}

}  // namespace bitloupe::importers
