// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <mutex>

// The names and signatures of HDF5 1.10, which later libraries offer as well.
#define H5_USE_110_API
#include <hdf5.h>

#include "core/data/rehearsal.h"
#include "core/data/stored_array.h"

namespace bitloupe::data {
namespace {

constexpr hsize_t kMostChunkBytes = hsize_t{1} << 28U;
constexpr std::size_t kChunkCacheBytes = std::size_t{64} << 20U;
constexpr std::size_t kMostArrays = 10'000;
constexpr int kMostDimensions = 8;

/// The library is not made for several threads. May be taken again by the thread that has it:
/// arrays are also let go while it is held. A recursive mutex would not do: the copy of the process
/// in which a file is rehearsed has the lock of its parent, and another thread's name.
class LibraryLock {
public:
    LibraryLock() {
        if (depth()++ == 0) {
            mutex().lock();
        }
    }
    ~LibraryLock() {
        if (--depth() == 0) {
            mutex().unlock();
        }
    }
    LibraryLock(const LibraryLock&) = delete;
    LibraryLock& operator=(const LibraryLock&) = delete;

private:
    static std::mutex& mutex() {
        static std::mutex theMutex;
        return theMutex;
    }
    static int& depth() {
        static thread_local int theDepth = 0;
        return theDepth;
    }
};

/// An identifier of the library with the function that gives it back.
class Handle {
public:
    using Close = herr_t (*)(hid_t);
    Handle() = default;
    Handle(hid_t id, Close close) : m_id(id), m_close(close) {}
    Handle(Handle&& other) noexcept : m_id(other.m_id), m_close(other.m_close) { other.m_id = -1; }
    Handle& operator=(Handle&& other) noexcept {
        std::swap(m_id, other.m_id);
        std::swap(m_close, other.m_close);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (m_id >= 0 && m_close != nullptr) {
            m_close(m_id);
        }
    }
    [[nodiscard]] hid_t id() const { return m_id; }
    [[nodiscard]] bool valid() const { return m_id >= 0; }

private:
    hid_t m_id = -1;
    Close m_close = nullptr;
};

/// What the numbers of a type are in memory; nothing for texts, references and the like.
std::optional<std::pair<ElementType, hid_t>> memoryType(hid_t type) {
    const std::size_t size = H5Tget_size(type);
    const H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_FLOAT) {
        return size <= 4 ? std::pair{ElementType::Float32, H5T_NATIVE_FLOAT}
                         : std::pair{ElementType::Float64, H5T_NATIVE_DOUBLE};
    }
    if (kind != H5T_INTEGER) {
        return std::nullopt;
    }
    const bool isSigned = H5Tget_sign(type) == H5T_SGN_2;
    switch (size) {
        case 1:
            return isSigned ? std::pair{ElementType::Int8, H5T_NATIVE_INT8}
                            : std::pair{ElementType::Uint8, H5T_NATIVE_UINT8};
        case 2:
            return isSigned ? std::pair{ElementType::Int16, H5T_NATIVE_INT16}
                            : std::pair{ElementType::Uint16, H5T_NATIVE_UINT16};
        case 4:
            return isSigned ? std::pair{ElementType::Int32, H5T_NATIVE_INT32}
                            : std::pair{ElementType::Uint32, H5T_NATIVE_UINT32};
        case 8:
            return isSigned ? std::pair{ElementType::Int64, H5T_NATIVE_INT64}
                            : std::pair{ElementType::Uint64, H5T_NATIVE_UINT64};
        default:
            return std::nullopt;
    }
}

/// A data set of numbers, or one column of a table (compound data set), read by hyperslabs.
class Hdf5Array : public StoredArray {
public:
    Hdf5Array(std::shared_ptr<Handle> dataset, Handle memory, ElementType type, Shape shape,
              int rowDimensions, std::string where)
        : m_dataset(std::move(dataset)),
          m_memory(std::move(memory)),
          m_type(type),
          m_shape(std::move(shape)),
          m_rowDimensions(rowDimensions),
          m_where(std::move(where)) {}
    ~Hdf5Array() override {
        const LibraryLock lock;
        m_memory = Handle();
        m_dataset.reset();
    }

    ElementType type() const override { return m_type; }
    const Shape& shape() const override { return m_shape; }

    Result<Array> read(std::int64_t first, std::int64_t count) override {
        const LibraryLock lock;
        std::vector<hsize_t> start(static_cast<std::size_t>(m_rowDimensions), 0);
        std::vector<hsize_t> sizes(m_shape.begin(), m_shape.begin() + m_rowDimensions);
        start.front() = static_cast<hsize_t>(first);
        sizes.front() = static_cast<hsize_t>(count);
        const Handle file(H5Dget_space(m_dataset->id()), H5Sclose);
        const Handle memory(H5Screate_simple(m_rowDimensions, sizes.data(), nullptr), H5Sclose);
        Shape shape = m_shape;
        shape.front() = count;
        std::vector<std::byte> bytes(static_cast<std::size_t>(elementCount(shape)) *
                                     elementSize(m_type));
        if (H5Sselect_hyperslab(file.id(), H5S_SELECT_SET, start.data(), nullptr, sizes.data(),
                                nullptr) < 0 ||
            H5Dread(m_dataset->id(), m_memory.id(), memory.id(), file.id(), H5P_DEFAULT,
                    bytes.data()) < 0) {
            return Error{"the array cannot be read", m_where,
                         "copy the file again from its source"};
        }
        return Array::fromBytes(m_type, std::move(shape), bytes);
    }

private:
    std::shared_ptr<Handle> m_dataset;
    Handle m_memory;
    ElementType m_type;
    Shape m_shape;
    int m_rowDimensions;  ///< of the data set; a column's own come after them
    std::string m_where;
};

Handle openFile(const std::string& path) {
    H5Eset_auto(H5E_DEFAULT, nullptr, nullptr);
    return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
}

/// Collects the arrays of a file.
class Collector {
public:
    explicit Collector(std::string path) : m_path(std::move(path)) {
        std::error_code code;
        const auto size = std::filesystem::file_size(m_path, code);
        m_fileBytes = code ? 0 : static_cast<std::int64_t>(size);
    }

    void visit(hid_t file, const std::string& name) {
        const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
        H5Pset_chunk_cache(access.id(), 521, kChunkCacheBytes, 0.75);
        const auto dataset =
            std::make_shared<Handle>(H5Dopen(file, name.c_str(), access.id()), H5Dclose);
        const Handle space(dataset->valid() ? H5Dget_space(dataset->id()) : -1, H5Sclose);
        const Handle type(dataset->valid() ? H5Dget_type(dataset->id()) : -1, H5Tclose);
        const int rank = space.valid() ? H5Sget_simple_extent_ndims(space.id()) : 0;
        if (rank < 1 || rank > kMostDimensions || !type.valid() || !isPlain(dataset->id(), rank)) {
            return;
        }
        std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
        H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr);
        const Shape shape(sizes.begin(), sizes.end());
        if (H5Tget_class(type.id()) == H5T_COMPOUND) {
            addColumns(dataset, type.id(), shape, name);
        } else if (const auto memory = memoryType(type.id())) {
            add(name, dataset, Handle(H5Tcopy(memory->second), H5Tclose), memory->first, shape,
                rank);
        }
    }

    [[nodiscard]] StoredArrays take() { return std::move(m_arrays); }

private:
    /// Elements that lie in this file, in chunks that fit into memory.
    static bool isPlain(hid_t dataset, int rank) {
        const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
        const H5D_layout_t layout = H5Pget_layout(properties.id());
        if (layout == H5D_VIRTUAL || layout < 0 || H5Pget_external_count(properties.id()) != 0) {
            return false;
        }
        if (layout != H5D_CHUNKED) {
            return true;
        }
        std::vector<hsize_t> chunk(static_cast<std::size_t>(rank));
        if (H5Pget_chunk(properties.id(), rank, chunk.data()) != rank) {
            return false;
        }
        hsize_t elements = 1;
        for (const hsize_t size : chunk) {
            if (size == 0 || elements > kMostChunkBytes / size) {
                return false;
            }
            elements *= size;
        }
        return true;
    }

    void addColumns(const std::shared_ptr<Handle>& dataset, hid_t table, const Shape& shape,
                    const std::string& name) {
        const int columns = H5Tget_nmembers(table);
        for (int i = 0; i < columns && m_arrays.size() < kMostArrays; ++i) {
            const Handle type(H5Tget_member_type(table, static_cast<unsigned>(i)), H5Tclose);
            char* const text = H5Tget_member_name(table, static_cast<unsigned>(i));
            const std::string column = text == nullptr ? "" : text;
            H5free_memory(text);
            Shape whole = shape;
            Handle element(H5Tcopy(type.id()), H5Tclose);
            if (H5Tget_class(type.id()) == H5T_ARRAY) {  // a block of columns
                element = Handle(H5Tget_super(type.id()), H5Tclose);
                std::vector<hsize_t> sizes(static_cast<std::size_t>(
                    std::clamp(H5Tget_array_ndims(type.id()), 0, kMostDimensions)));
                if (sizes.empty() || H5Tget_array_ndims(type.id()) > kMostDimensions) {
                    continue;
                }
                H5Tget_array_dims(type.id(), sizes.data());
                whole.insert(whole.end(), sizes.begin(), sizes.end());
            }
            const auto memory = element.valid() ? memoryType(element.id()) : std::nullopt;
            if (!memory.has_value()) {
                continue;
            }
            addColumn(dataset, *memory, whole, static_cast<int>(shape.size()), name, column);
        }
    }

    void addColumn(const std::shared_ptr<Handle>& dataset,
                   const std::pair<ElementType, hid_t>& memory, const Shape& whole, int rank,
                   const std::string& name, const std::string& column) {
        std::vector<hsize_t> sizes(whole.begin() + rank, whole.end());
        const Handle member =
            sizes.empty()
                ? Handle(H5Tcopy(memory.second), H5Tclose)
                : Handle(H5Tarray_create(memory.second, static_cast<unsigned>(sizes.size()),
                                         sizes.data()),
                         H5Tclose);
        if (!member.valid()) {
            return;
        }
        Handle row(H5Tcreate(H5T_COMPOUND, H5Tget_size(member.id())), H5Tclose);
        H5Tinsert(row.id(), column.c_str(), 0, member.id());
        add(name + "." + column, dataset, std::move(row), memory.first, whole, rank);
    }

    void add(const std::string& name, const std::shared_ptr<Handle>& dataset, Handle memory,
             ElementType type, const Shape& shape, int rank) {
        constexpr std::int64_t kMostElements = std::int64_t{1} << 40U;
        std::int64_t elements = 1;
        for (const std::int64_t size : shape) {
            if (size <= 0 || elements > kMostElements / size) {
                return;
            }
            elements *= size;
        }
        // Deflate packs at most 1032 to 1: more is said to be there than the file can hold.
        constexpr std::int64_t kMostRatio = 1100;
        const auto stored = static_cast<std::int64_t>(std::min<hsize_t>(
            H5Dget_storage_size(dataset->id()), static_cast<hsize_t>(m_fileBytes)));
        const bool present =
            elements * static_cast<std::int64_t>(elementSize(type)) / kMostRatio <= stored + 1024;
        if (present && m_arrays.size() < kMostArrays) {
            m_arrays[name] = std::make_unique<Hdf5Array>(dataset, std::move(memory), type, shape,
                                                         rank, m_path + ", " + name);
        }
    }

    std::string m_path;
    std::int64_t m_fileBytes = 0;
    StoredArrays m_arrays;
};

herr_t collectName(hid_t /*object*/, const char* name, const H5O_info_t* info, void* names) {
    auto* const found = static_cast<std::vector<std::string>*>(names);
    if (info->type == H5O_TYPE_DATASET) {
        found->emplace_back(name);
    }
    return found->size() >= kMostArrays ? 1 : 0;
}

std::vector<std::string> datasetNames(hid_t file) {
    std::vector<std::string> names;
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_NATIVE, collectName, &names);
    return names;
}

std::vector<std::string> readTexts(hid_t file, const char* name) {
    constexpr hssize_t kMostTexts = 100'000;
    constexpr std::size_t kMostBytes = 1024;
    const Handle dataset(H5Dopen(file, name, H5P_DEFAULT), H5Dclose);
    const Handle type(dataset.valid() ? H5Dget_type(dataset.id()) : -1, H5Tclose);
    const Handle space(dataset.valid() ? H5Dget_space(dataset.id()) : -1, H5Sclose);
    const hssize_t count = space.valid() ? H5Sget_simple_extent_npoints(space.id()) : 0;
    std::vector<std::string> texts;
    if (count < 1 || count > kMostTexts || H5Tget_class(type.id()) != H5T_STRING ||
        H5Sget_simple_extent_ndims(space.id()) != 1) {
        return texts;
    }
    if (H5Tis_variable_str(type.id()) > 0) {
        std::vector<char*> pointers(static_cast<std::size_t>(count), nullptr);
        const Handle memory(H5Tcopy(type.id()), H5Tclose);
        if (H5Dread(dataset.id(), memory.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) >=
            0) {
            for (const char* text : pointers) {
                texts.emplace_back(text == nullptr ? "" : text);
            }
            H5Dvlen_reclaim(memory.id(), space.id(), H5P_DEFAULT, pointers.data());
        }
        return texts;
    }
    const std::size_t size = H5Tget_size(type.id());
    std::string bytes(size > kMostBytes ? 0 : size * static_cast<std::size_t>(count), '\0');
    if (!bytes.empty() &&
        H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0) {
        for (std::size_t i = 0; i < bytes.size(); i += size) {
            const std::string text = bytes.substr(i, size);
            texts.push_back(text.substr(0, text.find('\0')));
        }
    }
    return texts;
}

constexpr const char* kNamesOfClasses[] = {"class_names", "classes", "label_names"};

std::vector<std::string> classNamesIn(hid_t file) {
    for (const char* name : kNamesOfClasses) {
        if (H5Lexists(file, name, H5P_DEFAULT) > 0) {
            const std::vector<std::string> texts = readTexts(file, name);
            if (!texts.empty()) {
                return texts;
            }
        }
    }
    return {};
}

/// Everything that will be done with the file: all of a small one, the ends of a large one.
void rehearse(const std::string& path) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 26U;
    const Handle file = openFile(path);
    if (!file.valid()) {
        return;
    }
    Collector collector(path);
    for (const std::string& name : datasetNames(file.id())) {
        collector.visit(file.id(), name);
    }
    const StoredArrays arrays = collector.take();
    for (const auto& [name, array] : arrays) {
        const Shape& shape = array->shape();
        const std::int64_t row = elementCount(shape) / shape.front();
        const std::int64_t rows = std::clamp<std::int64_t>(kMostElements / row, 1, shape.front());
        (void)array->read(0, rows);
        (void)array->read(shape.front() - 1, 1);
    }
    (void)classNamesIn(file.id());
}

}  // namespace

Result<StoredArrays> openHdf5File(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        return Error{"there is no such file", path, "check the path"};
    }
    const LibraryLock lock;
    const Error damaged{"this is not a whole HDF5 file", path, "copy it again from its source"};
    if (!survives([&path] { rehearse(path); })) {
        return damaged;
    }
    const Handle file = openFile(path);
    if (!file.valid()) {
        return damaged;
    }
    Collector collector(path);
    for (const std::string& name : datasetNames(file.id())) {
        collector.visit(file.id(), name);
    }
    StoredArrays arrays = collector.take();
    if (arrays.empty()) {
        return Error{"the file holds no array of numbers that can be read", path,
                     "give a file whose data sets lie in the file itself"};
    }
    return arrays;
}

std::vector<std::string> hdf5ClassNames(const std::string& path) {
    const LibraryLock lock;
    const Handle file = openFile(path);
    return file.valid() ? classNamesIn(file.id()) : std::vector<std::string>();
}

Result<Sources> openHdf5Sources(const DataDescription& description) {
    Result<Sources> sources =
        sourcesOfArrays(description, [&](const std::string& source) -> Result<StoredArrays> {
            const Result<std::string> path = partPath(description, source, "file");
            return path.hasError() ? Result<StoredArrays>(path.error())
                                   : openHdf5File(path.value());
        });
    if (sources.hasValue() && sources.value().task == Task::Classification) {
        const std::string first = sources.value().byName.begin()->first;
        sources.value().classNames = hdf5ClassNames(partPath(description, first, "file").value());
    }
    return sources;
}

}  // namespace bitloupe::data
