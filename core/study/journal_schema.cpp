// SPDX-License-Identifier: Apache-2.0
#include "core/study/journal_schema.h"

#include <map>

namespace bitloupe::study {
namespace {

constexpr std::int64_t kSchemaVersion = 4;
/// "btlp" in ASCII: SQLite's application_id, which tells journals from other databases.
constexpr std::int64_t kApplicationId = 0x62746c70;

constexpr const char* kTables = R"(
CREATE TABLE header (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE layers (position INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE reference (
    id INTEGER PRIMARY KEY CHECK (id = 1), metric REAL, low REAL, high REAL, correct INTEGER,
    samples INTEGER, kl REAL, output_mse REAL);
CREATE TABLE sensitivity (
    layer INTEGER NOT NULL, side TEXT NOT NULL, quantizer TEXT NOT NULL, metric REAL, low REAL,
    high REAL, correct INTEGER, samples INTEGER, kl REAL, output_mse REAL, sqnr_db REAL,
    PRIMARY KEY (layer, side, quantizer));
CREATE TABLE evaluations (
    id INTEGER PRIMARY KEY, schemes TEXT NOT NULL, array TEXT NOT NULL, metric REAL, low REAL,
    high REAL, correct INTEGER, samples INTEGER, kl REAL, output_mse REAL, macs REAL, bops REAL,
    weight_bits REAL, cycles REAL, utilization REAL, seconds REAL, origin TEXT NOT NULL);
)";

/// Since form 2: designs with weights of their own. Since form 3: the other maps of sensitivity
/// (layer -1: none is left in float), designs that were stopped early, which samples a design had
/// right (a bit a sample), and the front on the test split. Since form 4: elements that a design
/// converts between formats, where it does.
constexpr const char* kLaterTables = R"(
CREATE TABLE IF NOT EXISTS tuned (
    id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, weights TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS leave_one_in_float (
    layer INTEGER NOT NULL, side TEXT NOT NULL, quantizer TEXT NOT NULL, metric REAL, low REAL,
    high REAL, correct INTEGER, samples INTEGER, kl REAL, output_mse REAL,
    PRIMARY KEY (layer, side, quantizer));
CREATE TABLE IF NOT EXISTS channel_sensitivity (
    layer INTEGER NOT NULL, side TEXT NOT NULL, quantizer TEXT NOT NULL,
    first_channel INTEGER NOT NULL, channels INTEGER NOT NULL, metric REAL, low REAL, high REAL,
    correct INTEGER, samples INTEGER, kl REAL, output_mse REAL, sqnr_db REAL,
    PRIMARY KEY (layer, side, quantizer, first_channel, channels));
CREATE TABLE IF NOT EXISTS stopped_early (id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS conversions (id INTEGER PRIMARY KEY, elements REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hits (id INTEGER PRIMARY KEY, bits BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS test_results (
    id INTEGER PRIMARY KEY, metric REAL, low REAL, high REAL, correct INTEGER, samples INTEGER,
    kl REAL, output_mse REAL);
)";

Result<void> createTables(Database& database) {
    return database.execute(std::string(kTables) + kLaterTables +
                            "PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(kSchemaVersion) + ";");
}

Result<bool> isEmpty(const Database& database) {
    const Result<std::int64_t> tables = database.queryInteger("SELECT count(*) FROM sqlite_schema");
    return tables.hasError() ? Result<bool>(tables.error()) : Result<bool>(tables.value() == 0);
}

Result<void> writeHeader(Database& database, const JournalHeader& header) {
    Statement statement = database.prepare("INSERT OR REPLACE INTO header VALUES (?, ?)");
    statement.bind("study").bind(header.studyYaml).run();
    statement.bind("network_hash").bind(header.networkHash).run();
    statement.bind("data_hash").bind(header.dataHash).run();
    statement.bind("program_version").bind(header.programVersion).run();
    const Result<void> result = statement.result();
    return result.hasError() ? Result<void>(result.error().within(database.path())) : result;
}

Result<void> checkSameStudy(const Database& database, const JournalHeader& header) {
    const Result<JournalHeader> kept = readHeader(database);
    if (kept.hasError()) {
        return kept.error();
    }
    const auto differs = [&](const std::string& what, const std::string& was,
                             const std::string& is) -> Result<void> {
        constexpr std::size_t kShown = 12;
        return Error{"these results were measured with another " + what + " (" +
                         was.substr(0, kShown) + ", now " + is.substr(0, kShown) + ")",
                     database.path(), "give another file for the results of this " + what};
    };
    if (kept.value().networkHash != header.networkHash) {
        return differs("network", kept.value().networkHash, header.networkHash);
    }
    if (kept.value().dataHash != header.dataHash) {
        return differs("data set", kept.value().dataHash, header.dataHash);
    }
    return {};
}

}  // namespace

Result<void> checkSchema(const Database& database) {
    const Result<std::int64_t> application = database.queryInteger("PRAGMA application_id");
    if (application.hasError()) {
        return application.error();
    }
    const Result<std::int64_t> version = database.queryInteger("PRAGMA user_version");
    if (version.hasError()) {
        return version.error();
    }
    if (application.value() != kApplicationId || version.value() < 1) {
        return Error{"not a file of results", database.path(),
                     "give a file that this program wrote"};
    }
    if (version.value() > kSchemaVersion) {
        return Error{"the file of results comes from a newer program (its form is " +
                         std::to_string(version.value()) + ", known is " +
                         std::to_string(kSchemaVersion) + ")",
                     database.path(), "open it with that program"};
    }
    return {};
}

Result<void> prepareForWriting(Database& database, const JournalHeader& header) {
    const Result<bool> empty = isEmpty(database);
    if (empty.hasError()) {
        return empty.error();
    }
    if (!empty.value()) {
        Result<void> known = checkSchema(database);
        if (known.hasError()) {
            return known;
        }
    }
    // FULL: a transaction is on the disk, not only in the kernel, when COMMIT returns. WAL: others
    // read the last state while one writes; where it cannot be had (network file systems) SQLite
    // stays with its rollback journal, which is as safe but makes readers wait.
    Result<void> configured =
        database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    if (configured.hasError()) {
        return configured;
    }
    Transaction transaction(database);
    Result<void> step = transaction.begun();
    if (step.hasValue()) {
        step = empty.value() ? createTables(database) : checkSameStudy(database, header);
    }
    if (step.hasValue() && !empty.value()) {
        step = database.execute(std::string(kLaterTables) +
                                "PRAGMA user_version = " + std::to_string(kSchemaVersion) + ";");
    }
    if (step.hasValue()) {
        step = writeHeader(database, header);
    }
    return step.hasError() ? step : transaction.commit();
}

Result<JournalHeader> readHeader(const Database& database) {
    std::map<std::string, std::string> values;
    Statement statement = database.prepare("SELECT key, value FROM header");
    while (statement.step()) {
        values[statement.text(0)] = statement.text(1);
    }
    const Result<void> result = statement.result();
    if (result.hasError()) {
        return result.error().within(database.path());
    }
    return JournalHeader{.studyYaml = values["study"],
                         .networkHash = values["network_hash"],
                         .dataHash = values["data_hash"],
                         .programVersion = values["program_version"]};
}

}  // namespace bitloupe::study
