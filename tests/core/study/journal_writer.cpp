// SPDX-License-Identifier: Apache-2.0
// Appends batches to the journal named on the command line until it is killed, and prints every id
// once the journal says that it is kept.
#include <cstdio>

#include "tests/core/study/journal_samples.h"

int main(int argc, char** argv) {
    using namespace bitloupe;
    if (argc != 2) {
        return 2;
    }
    auto journal = study::Journal::open(argv[1], testing::sampleHeader());
    if (journal.hasError()) {
        std::fprintf(stderr, "%s\n", journal.error().sentence().c_str());
        return 1;
    }
    const auto known = journal.value()->load(testing::sampleSpace());
    int next = known.hasValue() ? static_cast<int>(known.value().evaluations.size()) : 0;
    while (true) {
        auto batch = testing::sampleEvaluations(next, 1 + next % 7);
        if (journal.value()->append(batch).hasError()) {
            return 1;
        }
        next += static_cast<int>(batch.size());
        for (const exploration::Evaluation& evaluation : batch) {
            std::printf("%lld\n", static_cast<long long>(evaluation.id));
        }
        std::fflush(stdout);
    }
}
