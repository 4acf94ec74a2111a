// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>

namespace bitloupe::fuzz {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class Mutator {
public:
    explicit Mutator(const std::vector<std::string>& seeds) : m_seeds(seeds) {}

    std::string next() {
        std::string bytes = m_seeds[below(m_seeds.size())];
        for (std::size_t rounds = 1 + below(4); rounds-- > 0 && !bytes.empty();) {
            mutate(bytes);
        }
        return bytes;
    }

private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : m_random() % limit; }

    void mutate(std::string& bytes) {
        switch (below(7)) {
            case 0:
                bytes[below(bytes.size())] ^= static_cast<char>(1U << below(8));
                break;
            case 1:
                bytes[below(bytes.size())] = static_cast<char>(m_random());
                break;
            case 2:
                bytes.resize(below(bytes.size()));
                break;
            case 3:
                overwriteNumber(bytes);
                break;
            case 4:
                bytes.insert(below(bytes.size()), bytes.substr(below(bytes.size()), below(64)));
                break;
            case 5:
                bytes.erase(below(bytes.size()), below(32));
                break;
            default: {
                const std::string& other = m_seeds[below(m_seeds.size())];
                const std::size_t from = below(other.size());
                bytes.replace(below(bytes.size()), below(48), other.substr(from, below(48)));
            }
        }
    }

    /// A number at a limit where some length or count may stand.
    void overwriteNumber(std::string& bytes) {
        constexpr std::array<std::uint64_t, 8> kLimits = {
            0, 1, 0x7f, 0xff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff};
        const std::uint64_t value = kLimits[below(kLimits.size())];
        const std::size_t width = std::size_t{1} << below(4);
        const std::size_t place = below(bytes.size());
        for (std::size_t i = 0; i < width && place + i < bytes.size(); ++i) {
            bytes[place + i] = static_cast<char>(value >> (8 * i));
        }
    }

    const std::vector<std::string>& m_seeds;
    std::mt19937 m_random{20240501};
};

long peakMegabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

int fail(const std::string& name, const std::string& what, const std::string& bytes) {
    const std::string file = "fuzz-" + name + ".bin";
    std::ofstream(file, std::ios::binary) << bytes;
    std::fprintf(stderr, "%s: %s; the bytes are in %s\n", name.c_str(), what.c_str(), file.c_str());
    return EXIT_FAILURE;
}

/// "" when the target behaved.
std::string misbehaviour(const Target& target, const std::string& bytes, int& accepted) {
    try {
        const std::string sentence = target(bytes);
        accepted += sentence.empty() ? 1 : 0;
        return sentence.find('\n') == std::string::npos ? ""
                                                        : "an error of several lines: " + sentence;
    } catch (const std::exception& error) {
        return std::string("an exception: ") + error.what();
    }
}

}  // namespace

int run(const std::string& name, int argc, char** argv, const std::vector<std::string>& seeds,
        int count, const Target& target, long maxMegabytes) {
    count = argc > 1 ? std::atoi(argv[1]) : count;
    for (const std::string& seed : seeds) {
        if (const std::string sentence = target(seed); !sentence.empty()) {
            return fail(name, "a seed is refused: " + sentence, seed);
        }
    }
    const long before = peakMegabytes();
    Mutator mutator(seeds);
    int accepted = 0;
    for (int i = 0; i < count; ++i) {
        const std::string bytes = mutator.next();
        if (const std::string what = misbehaviour(target, bytes, accepted); !what.empty()) {
            return fail(name, what, bytes);
        }
        if (!kSanitized && peakMegabytes() - before > maxMegabytes) {
            return fail(name, "memory grew to " + std::to_string(peakMegabytes()) + " MB", bytes);
        }
    }
    std::printf("%s: %d mutations, %d accepted, peak %ld MB\n", name.c_str(), count, accepted,
                peakMegabytes());
    return EXIT_SUCCESS;
}

std::string throughFile(const std::string& bytes, const std::string& extension,
                        const std::function<std::string(const std::string& path)>& read) {
    const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                       ("bitloupe-fuzz-" + std::to_string(getpid()) + extension);
    std::ofstream(path, std::ios::binary) << bytes;
    const std::string sentence = read(path.string());
    std::filesystem::remove(path);
    return sentence;
}

}  // namespace bitloupe::fuzz
