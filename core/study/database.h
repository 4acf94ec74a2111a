// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace bitloupe::study {

/// A statement of a Database, bound and stepped by hand. The first failure is kept and makes the
/// rest do nothing; result() tells it.
class Statement {
public:
    Statement(sqlite3* database, std::string_view sql);

    Statement& bind(std::int64_t value);
    Statement& bind(double value);  ///< NaN is stored as NULL
    Statement& bind(std::string_view value);
    Statement& bind(const std::vector<std::uint8_t>& bytes);

    /// Moves to the next row; false after the last one and on failure.
    bool step();
    /// Steps to the end and makes the statement ready to be bound again.
    Statement& run();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double number(int column) const;  ///< NULL is NaN
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::vector<std::uint8_t> bytes(int column) const;

    /// Errors have no place; the caller knows the file.
    [[nodiscard]] Result<void> result() const;

private:
    void check(int code);

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    sqlite3* m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    int m_nextParameter = 1;
    bool m_failed = false;
    Error m_error;
};

/// An SQLite database file.
class Database {
public:
    /// Immutable: reading a file whose folder cannot be written, where SQLite cannot keep the files
    /// that readers and a writer share; nobody may write it meanwhile.
    enum class Mode { ReadWrite, ReadOnly, Immutable };
    [[nodiscard]] static Result<Database> open(const std::string& path, Mode mode);

    /// Runs statements that return nothing.
    Result<void> execute(const std::string& sql);
    [[nodiscard]] Statement prepare(std::string_view sql) const { return {m_handle.get(), sql}; }
    /// The single number that `sql` returns.
    [[nodiscard]] Result<std::int64_t> queryInteger(std::string_view sql) const;
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    Database(std::string path, sqlite3* handle) : m_path(std::move(path)), m_handle(handle) {}

    std::string m_path;
    std::unique_ptr<sqlite3, Close> m_handle;
};

/// Undone when it goes out of scope without commit().
class Transaction {
public:
    explicit Transaction(Database& database)
        : m_database(database), m_begun(database.execute("BEGIN IMMEDIATE")) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] const Result<void>& begun() const { return m_begun; }
    Result<void> commit();

private:
    Database& m_database;
    Result<void> m_begun;
    bool m_open = true;
};

}  // namespace bitloupe::study
