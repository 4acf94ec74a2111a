// SPDX-License-Identifier: Apache-2.0
#include "core/data/text/word_split.h"

#include "core/data/text/unicode_classes.h"
#include "core/data/text/utf8.h"

namespace bitloupe::data {

namespace {

enum class Class { Letter, Number, Space, Other, None };

struct Seen {
    Class kind = Class::None;  ///< None: the end, or no UTF-8
    std::size_t bytes = 0;
};

Seen classAt(std::string_view text, std::size_t place) {
    if (place >= text.size()) {
        return {};
    }
    const Character character = characterAt(text, place);
    if (character.bytes == 0) {
        return {};
    }
    const Class kind = unicode::isLetter(character.codePoint)   ? Class::Letter
                       : unicode::isNumber(character.codePoint) ? Class::Number
                       : unicode::isSpace(character.codePoint)  ? Class::Space
                                                                : Class::Other;
    return {kind, character.bytes};
}

std::size_t contractionAt(std::string_view text, std::size_t place) {
    for (const std::string_view ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
        if (text.substr(place, ending.size()) == ending) {
            return ending.size();
        }
    }
    return 0;
}

/// Where the run of characters of one class ends that begins at `place`.
std::size_t endOfRun(std::string_view text, std::size_t place, Class kind) {
    for (Seen next = classAt(text, place); next.kind == kind; next = classAt(text, place)) {
        place += next.bytes;
    }
    return place;
}

/// White space; its last character is left to the word that follows.
std::size_t spacesAt(std::string_view text, std::size_t place) {
    std::size_t end = place;
    std::size_t last = place;
    for (Seen next = classAt(text, end); next.kind == Class::Space; next = classAt(text, end)) {
        last = end;
        end += next.bytes;
    }
    return end < text.size() && last > place ? last : end;
}

}  // namespace

std::size_t pieceAt(std::string_view text, std::size_t place) {
    if (const std::size_t contraction = contractionAt(text, place); contraction > 0) {
        return contraction;
    }
    const Seen first = classAt(text, place);
    if (first.kind == Class::None) {
        return 0;
    }
    const std::size_t start = text[place] == ' ' ? place + 1 : place;
    const Seen second = start == place ? first : classAt(text, start);
    if (second.kind != Class::Space && second.kind != Class::None) {
        return endOfRun(text, start, second.kind) - place;
    }
    return spacesAt(text, place) - place;
}

}  // namespace bitloupe::data
