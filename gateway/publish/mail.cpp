#include "gateway/publish/mail.h"

#include <type_traits>

namespace gateway::publish {

const Subscriber& sender_of(const ToHub& mail) {
  static const Subscriber kNobody;
  return std::visit(
      [](const auto& one) -> const Subscriber& {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::monostate>) {
          return kNobody;
        } else {
          return one.who;
        }
      },
      mail);
}

}  // namespace gateway::publish
