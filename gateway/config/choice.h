#pragma once
// choice: a key whose value is one of an enumeration's names, in their order. Part of the table.

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include "gateway/config/value.h"

namespace gateway::config {

/// `kMember` gives the place of the value in a T.
template <class T, auto kMember>
constexpr ChoiceIn<T> choice(std::span<const std::string_view> names) {
  return {names,
          [](T& target, std::size_t chosen) {
            auto& place = kMember(target);
            place = static_cast<std::remove_reference_t<decltype(place)>>(chosen);
          },
          [](const T& source) {
            T copy = source;
            return static_cast<std::size_t>(kMember(copy));
          }};
}

}  // namespace gateway::config
