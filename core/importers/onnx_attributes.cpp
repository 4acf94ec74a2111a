// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_attributes.h"

#include <map>
#include <utility>

#include "core/importers/onnx_tensor.h"

namespace bitloupe::importers {

namespace {

using onnx::AttributeProto;

/// Attribute names that have one type in every operator of the default domain.
const std::map<std::string, AttributeProto::AttributeType>& knownTypes() {
    static const std::map<std::string, AttributeProto::AttributeType> kTypes = [] {
        std::map<std::string, AttributeProto::AttributeType> types;
        for (const char* name :
             {"axes", "dilations", "kernel_shape", "output_padding", "output_shape", "pads", "perm",
              "split", "starts", "ends", "strides", "value_ints"}) {
            types[name] = AttributeProto::INTS;
        }
        for (const char* name : {"allowzero",
                                 "axis",
                                 "batch_axis",
                                 "blocksize",
                                 "ceil_mode",
                                 "center_point_box",
                                 "count_include_pad",
                                 "dtype",
                                 "exclusive",
                                 "fmod",
                                 "group",
                                 "hidden_size",
                                 "input_forget",
                                 "keepdims",
                                 "largest",
                                 "layout",
                                 "linear_before_reset",
                                 "num_scan_inputs",
                                 "reverse",
                                 "select_last_index",
                                 "sorted",
                                 "storage_order",
                                 "to",
                                 "transA",
                                 "transB",
                                 "upper",
                                 "value_int",
                                 "noop_with_empty_axes",
                                 "training_mode"}) {
            types[name] = AttributeProto::INT;
        }
        for (const char* name : {"beta", "clip", "cubic_coeff_a", "epsilon", "gamma", "lambd",
                                 "momentum", "spatial_scale", "value_float"}) {
            types[name] = AttributeProto::FLOAT;
        }
        for (const char* name : {"activation_alpha", "activation_beta", "scales", "value_floats"}) {
            types[name] = AttributeProto::FLOATS;
        }
        for (const char* name : {"auto_pad", "coordinate_transformation_mode", "direction",
                                 "equation", "mode", "nearest_mode", "reduction"}) {
            types[name] = AttributeProto::STRING;
        }
        for (const char* name : {"body", "then_branch", "else_branch"}) {
            types[name] = AttributeProto::GRAPH;
        }
        return types;
    }();
    return kTypes;
}

/// Files older than IR version 2 do not say the type: the field that is set does.
AttributeProto::AttributeType typeOf(const AttributeProto& attribute) {
    if (attribute.type() != AttributeProto::UNDEFINED) {
        return attribute.type();
    }
    const std::pair<bool, AttributeProto::AttributeType> fields[] = {
        {attribute.has_f(), AttributeProto::FLOAT},
        {attribute.has_i(), AttributeProto::INT},
        {attribute.has_s(), AttributeProto::STRING},
        {attribute.has_t(), AttributeProto::TENSOR},
        {attribute.has_g(), AttributeProto::GRAPH},
        {attribute.floats_size() > 0, AttributeProto::FLOATS},
        {attribute.ints_size() > 0, AttributeProto::INTS},
        {attribute.strings_size() > 0, AttributeProto::STRINGS}};
    for (const auto& [set, type] : fields) {
        if (set) {
            return type;
        }
    }
    return AttributeProto::UNDEFINED;
}

/// Names of the types by number: an unknown number must not reach protobuf's own table.
std::string typeName(int type) {
    return AttributeProto::AttributeType_IsValid(type)
               ? AttributeProto::AttributeType_Name(
                     static_cast<AttributeProto::AttributeType>(type))
               : std::to_string(type);
}

Result<network::Attribute> graphAttribute(const AttributeProto& attribute,
                                          const ReadSubgraph& readSubgraph) {
    Result<network::Graph> graph = readSubgraph(attribute.g());
    if (graph.hasError()) {
        return graph.error();
    }
    return network::Attribute(std::make_shared<const network::Graph>(std::move(graph).value()));
}

}  // namespace

Result<network::Attribute> attributeOf(const onnx::AttributeProto& attribute,
                                       const std::string& domain, const std::string& folder,
                                       const ReadSubgraph& readSubgraph) {
    const AttributeProto::AttributeType type = typeOf(attribute);
    const auto known = knownTypes().find(attribute.name());
    if (domain.empty() && known != knownTypes().end() && known->second != type) {
        return Error{"the attribute " + attribute.name() + " has type " + typeName(type) +
                         " where ONNX has " + typeName(known->second),
                     "", "export the network again"};
    }
    switch (type) {
        case AttributeProto::FLOAT:
            return network::Attribute(attribute.f());
        case AttributeProto::INT:
            return network::Attribute(std::int64_t{attribute.i()});
        case AttributeProto::STRING:
            return network::Attribute(attribute.s());
        case AttributeProto::FLOATS:
            return network::Attribute(
                std::vector<float>(attribute.floats().begin(), attribute.floats().end()));
        case AttributeProto::INTS:
            return network::Attribute(
                std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end()));
        case AttributeProto::STRINGS:
            return network::Attribute(
                std::vector<std::string>(attribute.strings().begin(), attribute.strings().end()));
        case AttributeProto::GRAPH:
            return graphAttribute(attribute, readSubgraph);
        case AttributeProto::TENSOR: {
            Result<Array> array = arrayOf(attribute.t(), folder);
            return array.hasError() ? Result<network::Attribute>(array.error())
                                    : Result<network::Attribute>(std::move(array).value());
        }
        default:
            return Error{"the attribute " + attribute.name() + " of type " + typeName(type) +
                             " is not supported",
                         "", "export the network without it"};
    }
}

}  // namespace bitloupe::importers
