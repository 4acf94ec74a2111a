// SPDX-License-Identifier: Apache-2.0
#include <hdf5.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/data_target.h"

namespace {

void store(hid_t file, const char* name, hid_t type, hsize_t count, const void* values) {
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t set = H5Dcreate(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
}

/// A chunked, packed array, labels, names and a table with a block of columns.
std::string seed() {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("bitloupe-h5-" + std::to_string(getpid())))
            .string();
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t shape[] = {12, 5};
    const hsize_t chunk[] = {5, 3};
    float values[60];
    for (int i = 0; i < 60; ++i) {
        values[i] = static_cast<float>(i) / 7;
    }
    const hid_t space = H5Screate_simple(2, shape, nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 2, chunk);
    H5Pset_deflate(properties, 6);
    const hid_t set =
        H5Dcreate(file, "x", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Pclose(properties);
    H5Sclose(space);
    const int labels[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    store(file, "label", H5T_NATIVE_INT, 12, labels);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, 4);
    store(file, "class_names", text, 3, "one\0two\0six");
    H5Tclose(text);
    struct Row {
        long long index;
        float block[3];
    };
    const Row rows[12] = {};
    const hsize_t block[] = {3};
    const hid_t array = H5Tarray_create(H5T_NATIVE_FLOAT, 1, block);
    const hid_t table = H5Tcreate(H5T_COMPOUND, sizeof(Row));
    H5Tinsert(table, "index", HOFFSET(Row, index), H5T_NATIVE_LLONG);
    H5Tinsert(table, "values_block_0", HOFFSET(Row, block), array);
    store(file, "table", table, 12, rows);
    H5Tclose(table);
    H5Tclose(array);
    H5Fclose(file);
    std::ifstream stream(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    std::filesystem::remove(path);
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bitloupe::fuzz;
    return run("hdf5", argc, argv, {seed()}, 1500,
               [](const std::string& bytes) { return readAsData(bytes, ".h5"); });
}
