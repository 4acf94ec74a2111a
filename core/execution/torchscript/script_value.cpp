// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/script_value.h"

#include <ATen/core/List.h>

#include <algorithm>
#include <utility>

namespace bitloupe::execution::torchscript {

namespace {

bool isSequenceType(const c10::IValue& value) {
    return value.isList() || value.isTuple();
}

std::vector<c10::IValue> itemsOf(const c10::IValue& value) {
    if (value.isTuple()) {
        const auto& elements = value.toTupleRef().elements();
        return std::vector<c10::IValue>(elements.begin(), elements.end());
    }
    return value.toListRef().vec();
}

c10::TypePtr itemType(const c10::TypePtr& type, std::size_t index) {
    if (type == nullptr) {
        return nullptr;
    }
    if (const auto list = type->cast<c10::ListType>()) {
        return list->getElementType();
    }
    const auto tuple = type->cast<c10::TupleType>();
    return tuple && index < tuple->elements().size() ? tuple->elements()[index] : nullptr;
}

}  // namespace

c10::IValue ScriptValue::interpreted(std::size_t sample) const {
    if (!isSequence) {
        return on[sample];
    }
    std::vector<c10::IValue> values;
    for (const ValueRef& item : items) {
        values.push_back(item->interpreted(sample));
    }
    values.insert(values.end(), rows[sample].begin(), rows[sample].end());
    if (type != nullptr && type->kind() == c10::TypeKind::TupleType) {
        return c10::ivalue::Tuple::create(std::move(values));
    }
    const c10::TypePtr element = itemType(type, 0);
    c10::impl::GenericList list(element != nullptr ? element
                                : values.empty()   ? c10::TypePtr(c10::AnyType::get())
                                                   : values.front().type());
    for (c10::IValue& value : values) {
        list.push_back(std::move(value));
    }
    return list;
}

bool ScriptValue::isFixed() const {
    return isSequence
               ? !hasRows() && std::all_of(items.begin(), items.end(),
                                           [](const ValueRef& item) { return item->isFixed(); })
               : fixed;
}

ValueRef fixedValue(const c10::IValue& value, const c10::TypePtr& type) {
    return madeValue({value, value}, true, type);
}

ValueRef madeValue(const OnSamples& on, bool fixed, const c10::TypePtr& type) {
    auto made = std::make_shared<ScriptValue>();
    if (!isSequenceType(on[0])) {
        made->on = on;
        made->fixed = fixed;
        return made;
    }
    const std::vector<c10::IValue> first = itemsOf(on[0]);
    const std::vector<c10::IValue> second = itemsOf(on[1]);
    if (first.size() != second.size()) {
        throw TranslationError("the length of a list depends on the size of the input");
    }
    made->isSequence = true;
    made->type = type != nullptr ? type : on[0].type();
    for (std::size_t i = 0; i < first.size(); ++i) {
        made->items.push_back(madeValue({first[i], second[i]}, fixed, itemType(made->type, i)));
    }
    return made;
}

ValueRef sequenceOf(std::vector<ValueRef> items, const c10::TypePtr& type) {
    auto made = std::make_shared<ScriptValue>();
    made->isSequence = true;
    made->type = type;
    made->items = std::move(items);
    return made;
}

}  // namespace bitloupe::execution::torchscript
