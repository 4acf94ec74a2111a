// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/data_target.h"

int main(int argc, char** argv) {
    using namespace bitloupe::fuzz;
    const std::string plain =
        "a,b,class\n1,2.5,x\n\"3\",-4e2,\"y \"\"z\"\"\"\r\n5,6,x\n7,8,y\n9,1,x\n";
    const std::string keel =
        "@relation t\n@attribute A real[0,9]\n@attribute B{u, v}\n@outputs "
        "B\n@data\n1,u\n2,v\n3,u\n";
    const std::string blanks = " 1 2.0  3\n 4 5.0  6\n 7 8.0  9\n 1 2.0  4\n";
    return run("csv", argc, argv, {plain, keel, blanks}, 4000,
               [](const std::string& bytes) { return readAsData(bytes, ".csv"); });
}
