// SPDX-License-Identifier: Apache-2.0
#include "core/study/database.h"

#include <sqlite3.h>

#include <cmath>
#include <limits>
#include <utility>

namespace bitloupe::study {
namespace {

constexpr int kBusyMilliseconds = 10'000;

Error databaseError(int code, sqlite3* database) {
    const std::string detail =
        database == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database);
    switch (code & 0xff) {
        case SQLITE_NOTADB:
            return {"not a file of results", "", "give a file that this program wrote"};
        case SQLITE_CORRUPT:
            return {"the file of results is damaged (" + detail + ")", "",
                    "restore it from a copy"};
        case SQLITE_FULL:
            return {"the disk is full", "", "free some space and go on"};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {"another program holds the file of results", "", "end it and try again"};
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
            return {"the file of results cannot be opened (" + detail + ")", "",
                    "check the path and its permissions"};
        default:
            return {"the file of results cannot be used (" + detail + ")", "",
                    "check the file and its disk"};
    }
}

/// `file:` with everything that means something in a URI escaped.
std::string immutableUri(const std::string& path) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            const auto code = static_cast<unsigned char>(c);
            uri += {'%', kHex[code >> 4U], kHex[code & 0xfU]};
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) : m_database(database) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement,
                             nullptr));
    m_statement.reset(statement);
}

void Statement::check(int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE && !m_failed) {
        m_failed = true;
        m_error = databaseError(code, m_database);
    }
}

Statement& Statement::bind(std::int64_t value) {
    check(m_failed ? SQLITE_OK : sqlite3_bind_int64(m_statement.get(), m_nextParameter++, value));
    return *this;
}

Statement& Statement::bind(double value) {
    check(m_failed ? SQLITE_OK : sqlite3_bind_double(m_statement.get(), m_nextParameter++, value));
    return *this;
}

Statement& Statement::bind(std::string_view value) {
    check(m_failed ? SQLITE_OK
                   : sqlite3_bind_text64(m_statement.get(), m_nextParameter++, value.data(),
                                         value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(const std::vector<std::uint8_t>& bytes) {
    check(m_failed ? SQLITE_OK
                   : sqlite3_bind_blob64(m_statement.get(), m_nextParameter++, bytes.data(),
                                         bytes.size(), SQLITE_TRANSIENT));
    return *this;
}

bool Statement::step() {
    if (m_failed) {
        return false;
    }
    const int code = sqlite3_step(m_statement.get());
    check(code);
    return code == SQLITE_ROW;
}

Statement& Statement::run() {
    while (step()) {
    }
    if (m_statement != nullptr) {
        sqlite3_reset(m_statement.get());
    }
    m_nextParameter = 1;
    return *this;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement.get(), column);
}

double Statement::number(int column) const {
    return sqlite3_column_type(m_statement.get(), column) == SQLITE_NULL
               ? std::numeric_limits<double>::quiet_NaN()
               : sqlite3_column_double(m_statement.get(), column);
}

std::string Statement::text(int column) const {
    const unsigned char* const text = sqlite3_column_text(m_statement.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column));
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

std::vector<std::uint8_t> Statement::bytes(int column) const {
    const auto* data =
        static_cast<const std::uint8_t*>(sqlite3_column_blob(m_statement.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement.get(), column));
    return data == nullptr ? std::vector<std::uint8_t>() : std::vector(data, data + size);
}

Result<void> Statement::result() const {
    return m_failed ? Result<void>(m_error) : Result<void>();
}

void Database::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

Result<Database> Database::open(const std::string& path, Mode mode) {
    sqlite3* handle = nullptr;
    const int flags = mode == Mode::ReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                              : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    const std::string name = mode == Mode::Immutable ? immutableUri(path) : path;
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
    Database database(path, handle);
    if (code != SQLITE_OK) {
        return databaseError(code, handle).within(path);
    }
    sqlite3_busy_timeout(handle, kBusyMilliseconds);
    sqlite3_extended_result_codes(handle, 1);
    return database;
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(m_handle.get(), sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Result<void>()
                             : Result<void>(databaseError(code, m_handle.get()).within(m_path));
}

Result<std::int64_t> Database::queryInteger(std::string_view sql) const {
    Statement statement = prepare(sql);
    const std::int64_t value = statement.step() ? statement.integer(0) : 0;
    const Result<void> result = statement.result();
    return result.hasError() ? Result<std::int64_t>(result.error().within(m_path))
                             : Result<std::int64_t>(value);
}

Transaction::~Transaction() {
    if (m_open && m_begun.hasValue()) {
        (void)m_database.execute("ROLLBACK");
    }
}

Result<void> Transaction::commit() {
    Result<void> done = m_database.execute("COMMIT");
    m_open = done.hasError();
    return done;
}

}  // namespace bitloupe::study
